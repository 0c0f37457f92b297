#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# same-build.sh: the kernels, the hypervisor and Domain 0's root image are the same bytes when the
# tree is built elsewhere, later, with another umask, and in a locale that sorts otherwise: a folder
# with a space in its name and without git, as a tarball is, and CDPATH exported.
set -u
. tests/system/verdict.sh

images="hv/hv.elf guestos/kernel-xen.elf guestos/kernel-native.elf workloads/domain0.cpio"
copy="$work/another folder/tree"
umask 077
mkdir -p "$copy" "$work/locale"

# Turkish has its own order of letters and its own capitals.
expect "a Turkish locale" localedef -i tr_TR -f UTF-8 "$work/locale/tr_TR.UTF-8"
export LOCPATH="$work/locale" LC_ALL=tr_TR.UTF-8 TZ=Asia/Kathmandu
[ "$(printf 'B\na\n' | sort | head -n 1)" = a ] && pass "it sorts otherwise" ||
    fail "it sorts otherwise" "capitals come first, as in C"

tar cf - --exclude='./build*' --exclude=./.git . | tar xmf - --no-same-permissions -C "$copy"
CDPATH=$work
export CDPATH
unset MAKEFLAGS MFLAGS MAKELEVEL
expect "the tree is built there" make -j2 -C "$copy" MODE=release build/xenolith $(printf 'build/%s ' $images)
for image in $images; do
    expect "$image is the same" cmp "$copy/build/$image" "$B/$image"
done
expect "licences are looked at without git" sh -c 'cd "$1" && tests/lint/check-spdx' sh "$copy"
[ "$(cd "$copy" && tests/lint/files '*.c' | LC_ALL=C sort)" = "$(tests/lint/files '*.c' | LC_ALL=C sort)" ] &&
    pass "the same files with git and without" || fail "the same files with git and without" "they differ"
"$copy/build/xenolith" version >"$work/version" && grep -q 'not known (no git)' "$work/version" &&
    pass "the program tells that there was no git" || fail "the program tells that there was no git" "$(cat "$work/version")"

verdict
