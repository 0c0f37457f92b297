#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# nic.sh: a kernel talks to a host by an 82540EM, with the same lines as on QEMU; captures are whole
# and the same twice; a hostile kernel gets nowhere.
set -u
. tests/system/verdict.sh

image=$B/tests/nic/nic.elf

ours() {
    timeout 60 "$xenolith" boot "$image" "$@" --mem 64M --net host </dev/null
}

ours --json "$work/a.json" --pcap "$work/a.pcap" >"$work/ours" 2>"$work/log"
[ "$(tail -n 1 "$work/ours")" = done ] && pass "the kernel comes to its end" ||
    fail "the kernel comes to its end" "$(tail -n 2 "$work/ours" "$work/log" | tr '\n' ' ')"
ours --json "$work/b.json" --pcap "$work/b.pcap" >"$work/again" 2>"$work/log.b"
for kind in json pcap; do
    cmp -s "$work/a.$kind" "$work/b.$kind" && pass "twice the same $kind" ||
        fail "twice the same $kind" "$(cmp "$work/a.$kind" "$work/b.$kind" 2>&1)"
done
ours --json "$work/c.json" >"$work/again" 2>"$work/log.c"
cmp -s "$work/a.json" "$work/c.json" && pass "a capture changes nothing" ||
    fail "a capture changes nothing" "$(cmp "$work/a.json" "$work/c.json" 2>&1)"
for timing in unit full; do
    ours --timing $timing >"$work/other" 2>"$work/log"
    expect "the same text in $timing" cmp "$work/ours" "$work/other"
done

# On QEMU the host at 10.0.2.2 is its user network's.
on_qemu() {
    timeout 60 qemu-system-i386 -accel tcg -m 64 -display none -no-reboot -monitor none -serial stdio \
        -device isa-debug-exit,iobase=0xf4,iosize=1 -kernel "$image" -nic user,model=e1000 \
        </dev/null 2>"$work/log" | tr -d '\r' >"$work/qemu"
    cmp -s "$work/ours" "$work/qemu"
}
on_qemu
cmp -s "$work/ours" "$work/qemu" && pass "QEMU says the same: $(wc -l <"$work/ours") lines" ||
    fail "QEMU says the same" "$(diff "$work/ours" "$work/qemu" | head -n 4 | tr '\n' ' ')"

# Every frame of the capture, by its lengths: all of the file, as many as the card counted.
frames=$(python3 - "$work/a.pcap" <<'END'
import struct, sys
data = open(sys.argv[1], "rb").read()
magic, major, minor, _, _, _, link = struct.unpack("<IHHIIII", data[:24])
assert (magic, major, minor, link) == (0xa1b23c4d, 2, 4, 1)
at, last, frames = 24, (0, 0), 0
while at < len(data):
    seconds, ns, kept, whole = struct.unpack("<IIII", data[at:at + 16])
    assert kept == whole and ns < 10**9 and (seconds, ns) >= last
    last, at, frames = (seconds, ns), at + 16 + kept, frames + 1
assert at == len(data)
print(frames)
END
)
counted=$(sed -n 's/.*network: \([0-9]*\) frames sent .* \([0-9]*\) received.*/\1+\2/p' "$work/log.b")
[ "$frames" = $(($counted)) ] && pass "the capture has all $frames frames, in order" ||
    fail "the capture has all frames" "it has $frames, the card counted $counted"

ours "nic udp" >"$work/udp" 2>"$work/log"
grep -q '^pings with sums by legacy descriptors answered 10$' "$work/udp" &&
    grep -q '^datagrams that came back 20$' "$work/udp" && pass "legacy sums, and the echo port" ||
    fail "legacy sums, and the echo port" "$(tail -n 3 "$work/udp" | tr '\n' ' ')"

ours "nic hostile" >"$work/hostile" 2>"$work/log"
status=$?
sed '1,/^after all that/d' "$work/hostile" | grep -q '^pings around the rings answered 209' &&
    [ $status -eq 0 ] && pass "a hostile kernel gets nowhere" ||
    fail "a hostile kernel gets nowhere" "status $status: $(tail -n 2 "$work/hostile" "$work/log" | tr '\n' ' ')"

# refused NAME SENTENCE OPTION...
refused() {
    name=$1
    sentence=$2
    shift 2
    timeout 10 "$xenolith" boot "$image" "$@" </dev/null >"$work/out" 2>"$work/log"
    status=$?
    [ $status -eq 2 ] && grep -q "$sentence" "$work/log" && pass "$name" ||
        fail "$name" "status $status: $(tail -n 1 "$work/log")"
}
refused "an unknown network" "not \"moon\"" --net moon
refused "a capture of nothing" "needs a --net" --pcap "$work/x.pcap"
refused "a capture nowhere" "cannot write" --net host --pcap "$work/nowhere/x.pcap"

verdict
