#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# host-processors.sh: results are the same bytes on every host's processor. The command runs under
# QEMU's models of processors from SSE2 to AVX2, of Intel and AMD, on which the C library and the
# library that translates choose other routines; and on this host itself.
set -u
. tests/system/verdict.sh

# The shell computes by x87 and SSE2, sorts, copies, and says what it was told of the processor.
mkdir -p "$work/tree/bin" "$work/tree/proc"
cp "$B/root/tree/bin/busybox" "$work/tree/bin/busybox"
for name in sh awk sort md5sum mount grep; do
    ln -s busybox "$work/tree/bin/$name"
done
cat >"$work/tree/go" <<'END'
mount -t proc proc /proc
grep -v MHz /proc/cpuinfo
awk 'BEGIN { for (k = 1; k < 60; k++) { s += exp(sin(k)) * sqrt(k) / log(k + 1); printf "%.17g\n", s + atan2(k, s) } }' |
    sort -n >/sums
md5sum /sums /bin/busybox
echo all is said
END
(cd "$work/tree" && find . -mindepth 1 | sort | cpio --quiet -o -H newc --owner=+0:+0) >"$work/go.cpio"

# run NAME COMMAND...: the command's console and result below that name
run() {
    name=$1
    shift
    timeout 300 "$@" boot "$B/guestos/kernel-native.elf" "init=/bin/sh -- /go" --module "$work/go.cpio" --mem 32M --timing full \
        --json "$work/$name.json" </dev/null >"$work/$name.out" 2>"$work/$name.log"
}

run host "$xenolith"
grep -q 'all is said' "$work/host.out" && pass "this host's processor" ||
    fail "this host's processor" "$(tail -n 2 "$work/host.out" "$work/host.log" | tr '\n' ' ')"
jq -S 'del(.host)' "$work/host.json" >"$work/host.result"
for model in Conroe EPYC max; do
    run $model qemu-x86_64 -cpu $model "$xenolith"
    jq -S 'del(.host)' "$work/$model.json" >"$work/$model.result" 2>/dev/null
    if cmp -s "$work/host.out" "$work/$model.out" && cmp -s "$work/host.result" "$work/$model.result"; then
        pass "$model"
    else
        fail "$model" "$(diff "$work/host.out" "$work/$model.out" | head -n 2 | tr '\n' ' ')\
$(diff "$work/host.result" "$work/$model.result" | head -n 4 | tr '\n' ' ')$(grep -v '^qemu.*warning' "$work/$model.log" | tail -n 1)"
    fi
done
verdict
