#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shell-commands.sh: `shell` and `guest` end when their command ends, whatever it leaves behind;
# files that are added may lie in any folder; a volume is saved whole, over itself too. Needs the
# root file system (make root).
set -u
. tests/system/verdict.sh

# gives NAME STATUS OUTPUT ARGUMENTS...: xenolith shell with these.
gives() {
    name=$1 wanted=$2 output=$3
    shift 3
    timeout 60 "$xenolith" shell "$@" >"$work/stdout" 2>"$work/stderr" </dev/null
    status=$?
    if [ $status -eq "$wanted" ] && [ "$(cat "$work/stdout")" = "$output" ]; then
        pass "$name"
    else
        fail "$name" "status $status, $(head -c 200 "$work/stdout") $(tail -n 2 "$work/stderr")"
    fi
}

for system in xen native; do
    gives "$system: a program in the background" 3 up --system $system \
        --command 'sleep 1000000 & echo up; exit 3'
    gives "$system: all of a long output, before the end" 0 "$(seq 1 3000)" --system $system \
        --command 'sleep 1000000 & seq 1 3000'
done
gives "xend in a command" 3 two --command 'xend; xl list >/dev/null && echo two; exit 3'

echo added >"$work/file"
gives "a file in /boot of Domain 0" 0 added --add "$work/file=/boot/file" --command 'cat /boot/file'
gives "and one in a folder that is there" 0 added --add "$work/file=/etc/file" --command 'cat /etc/file'
timeout 20 "$xenolith" shell --add "$work/file=/none/file" --command true >"$work/stdout" 2>&1
[ $? -eq 2 ] && grep -q 'no folder /none' "$work/stdout" && pass "a folder that is not there" ||
    fail "a folder that is not there" "$(cat "$work/stdout")"

# ---- what is typed by a pipe or a file ----
# typed NAME STATUS INPUT WORD: the session ends, and its output has a line that is the word.
typed() {
    for system in native xen; do
        printf "$3" | timeout 60 "$xenolith" shell --system $system 2>/dev/null | tr -d '\r' >"$work/stdout"
        grep -qx "$4" "$work/stdout" && pass "$system: $1" || fail "$system: $1" "$(tail -n 3 "$work/stdout")"
        printf "$3" | timeout 60 "$xenolith" shell --system $system >/dev/null 2>&1
        status=$?
        [ $status -eq "$2" ] && pass "$system: $1, status $2" || fail "$system: $1, status" "$status"
    done
}
typed "the first byte is not lost" 3 'echo one\nexit 3\n' one
typed "a last line without an end" 0 'echo two' two
for system in native xen; do
    timeout 60 "$xenolith" shell --system $system </dev/null >/dev/null 2>&1
    [ $? -eq 0 ] && pass "$system: no input" || fail "$system: no input" "it goes on"
done
printf 'first line\n' >"$work/typed"
"$xenolith" boot "$B/guestos/kernel-native.elf" "quiet init=/sbin/init -- terminal /bin/sed -n '1p;1q'" \
    --module "$B/root/root.cpio" --input "$work/typed" --for 20s 2>/dev/null | tr -d '\r' >"$work/stdout"
[ "$(grep -cx 'first line' "$work/stdout")" -ge 1 ] && pass "boot --input from its first byte" ||
    fail "boot --input from its first byte" "$(cat "$work/stdout")"

# ---- memory: what is short is named, and what is asked for is enough ----
for where in "--system native" "--system xen" "--guest"; do
    timeout 20 "$xenolith" shell $where --memory 8M --command 'echo up' >"$work/stdout" 2>"$work/stderr" </dev/null
    status=$?
    needed=$(sed -n 's/.*--memory 8M is short: .* needs \([0-9]*M\)$/\1/p' "$work/stderr")
    [ $status -eq 2 ] && [ -n "$needed" ] && [ "$(wc -l <"$work/stderr")" -eq 1 ] && pass "$where: 8M is short" ||
        fail "$where: 8M is short" "status $status, $(tail -n 2 "$work/stderr")"
    gives "$where: $needed is enough" 0 up $where --memory "${needed:-none}" --command 'echo up'
done

# A volume that is written over itself: from the first page to the last it is the new one.
PATH=$PATH:/sbin:/usr/sbin
mkdir -p "$work/tree/bin" "$work/tree/sbin" "$work/tree/dev" "$work/tree/proc"
cp "$B/root/tree/bin/busybox" "$work/tree/bin/sh"
cp "$B/workloads/bin/init" "$work/tree/sbin/init"
mke2fs -q -F -t ext2 -b 1024 -d "$work/tree" "$work/volume" 8000k >"$work/mke2fs" 2>&1
gives "a volume saved over itself" 0 "" --system native --volume "$work/volume" \
    --volume-after "$work/volume" --command 'echo kept >/kept'
expect "it is whole" e2fsck -fn "$work/volume"
[ "$(debugfs -R 'cat /kept' "$work/volume" 2>/dev/null)" = kept ] && pass "and has what was written" ||
    fail "and has what was written" "nothing"
cp "$work/volume" "$work/before"
(ulimit -f 2000; trap '' XFSZ; timeout 60 "$xenolith" shell --system native --volume "$work/volume" \
    --volume-after "$work/volume" --command 'echo again >/again' </dev/null >/dev/null 2>"$work/stderr")
[ $? -eq 125 ] && cmp -s "$work/volume" "$work/before" && ! ls "$work"/*.part* >/dev/null 2>&1 &&
    pass "where there is no room for it: the old one stays, and one sentence" ||
    fail "where there is no room for it" "$(tail -n 2 "$work/stderr"; ls -l "$work")"

# A guest that is cut short has a result, which says so.
timeout 60 "$xenolith" guest "$B/guestos/kernel-xen.elf" --ramdisk "$B/workloads/guest.cpio" --memory 16M \
    --extra 'init=/bin/cint' --for 400ms --json "$work/cut.json" >/dev/null 2>"$work/stderr" </dev/null
[ $? -ne 0 ] && [ "$(jq .end.partial "$work/cut.json")" = true ] && pass "guest --for: a partial result" ||
    fail "guest --for: a partial result" "$(tail -n 1 "$work/stderr")"

verdict
