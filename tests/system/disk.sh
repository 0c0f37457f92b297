#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# disk.sh: a kernel reads and writes two disks, by ports and by DMA, with the same result as on QEMU
# and the same bytes left on them; a file that cannot be a disk, or stops being one, gets one
# sentence; a hostile kernel gets nowhere.
set -u
. tests/system/verdict.sh

image=$B/tests/disk/disk.elf

# Two disks of odd sizes, with numbers at their beginnings and ends and a hole between.
make_disk() {
    rm -f "$1"
    truncate -s "$2" "$1"
    seq 1 20000 | dd of="$1" conv=notrunc status=none
    seq 1 100000 | tail -c 5000 | dd of="$1" bs=1 seek=$(($2 - 5000)) conv=notrunc status=none
}

ours() {
    timeout 30 "$xenolith" boot "$image" "$@" --mem 64M </dev/null
}

one=$work/one.img
two=$work/two.img
make_disk "$one" $((40000 * 512))
make_disk "$two" $((300001 * 512))
cp "$one" "$work/one.kept"
cp "$two" "$work/two.kept"

ours --disk "$one" --disk "$two" --json "$work/a.json" >"$work/ours" 2>"$work/log"
[ "$(tail -n 1 "$work/ours")" = done ] && pass "the kernel comes to its end" ||
    fail "the kernel comes to its end" "$(tail -n 2 "$work/ours" "$work/log" | tr '\n' ' ')"
cmp -s "$one" "$work/one.kept" && cmp -s "$two" "$work/two.kept" && pass "files stay as they are" ||
    fail "files stay as they are" "one was changed"
ours --disk "$one" --disk "$two" --json "$work/b.json" >"$work/again" 2>"$work/log.b"
cmp -s "$work/ours" "$work/again" && cmp -s "$work/a.json" "$work/b.json" && pass "twice the same" ||
    fail "twice the same" "$(diff "$work/a.json" "$work/b.json" | head -n 3 | tr '\n' ' ')"
for timing in unit full; do
    ours --disk "$one" --disk "$two" --timing $timing >"$work/other" 2>"$work/log"
    cmp -s "$work/ours" "$work/other" && pass "the same text in $timing" ||
        fail "the same text in $timing" "$(diff "$work/ours" "$work/other" | head -n 3 | tr '\n' ' ')"
done

timeout 20 qemu-system-i386 -accel tcg -m 64 -display none -no-reboot -monitor none -serial stdio \
    -device isa-debug-exit,iobase=0xf4,iosize=1 -kernel "$image" -drive file="$one",format=raw,if=ide \
    -drive file="$two",format=raw,if=ide </dev/null 2>"$work/log" | tr -d '\r' >"$work/qemu"
cmp -s "$work/ours" "$work/qemu" && pass "QEMU says the same: $(wc -l <"$work/ours") lines" ||
    fail "QEMU says the same" "$(diff "$work/ours" "$work/qemu" | head -n 4 | tr '\n' ' ')"
mv "$one" "$work/one.qemu"
mv "$two" "$work/two.qemu"

cp "$work/one.kept" "$one"
cp "$work/two.kept" "$two"
ours --disk "$one" --disk "$two" --disk-write >"$work/other" 2>"$work/log"
cmp -s "$one" "$work/one.qemu" && cmp -s "$two" "$work/two.qemu" &&
    pass "--disk-write leaves the bytes that QEMU left" ||
    fail "--disk-write leaves the bytes that QEMU left" "$(cmp "$one" "$work/one.qemu" 2>&1) $(tail -n 1 "$work/log")"
[ "$(ls "$work" | grep -c 'img\.')" -eq 0 ] && pass "nothing stays beside" ||
    fail "nothing stays beside" "$(ls "$work" | tr '\n' ' ')"

ours hostile --disk "$one" >"$work/hostile" 2>"$work/log"
status=$?
dma=$(grep -c '^DMA, 28 bits' "$work/hostile")
[ $status -eq 0 ] && [ "$dma" -eq 1 ] && pass "a hostile kernel gets nowhere" ||
    fail "a hostile kernel gets nowhere" "status $status: $(tail -n 2 "$work/hostile" "$work/log" | tr '\n' ' ')"

# refused NAME SENTENCE STATUS OPTION...
refused() {
    name=$1
    sentence=$2
    wanted=$3
    shift 3
    ours "$@" >"$work/out" 2>"$work/log"
    status=$?
    if [ $status -eq "$wanted" ] && grep -q "$sentence" "$work/log"; then
        pass "$name"
    else
        fail "$name" "status $status: $(tail -n 1 "$work/log")"
    fi
}

truncate -s 1000 "$work/odd.img"
: >"$work/empty.img"
truncate -s 138G "$work/huge.img"
mkfifo "$work/pipe"
refused "not there" "cannot read the disk" 2 --disk "$work/nowhere.img"
refused "no whole sectors" "not whole sectors" 2 --disk "$work/odd.img"
refused "empty" "not whole sectors" 2 --disk "$work/empty.img"
refused "too large" "more than 137 GB" 2 --disk "$work/huge.img"
refused "a folder" "not a regular file" 2 --disk "$work"
refused "a pipe" "not a regular file" 2 --disk "$work/pipe"
refused "three" "more than 2 disks" 2 --disk "$one" --disk "$two" --disk "$one"
refused "one file twice, written" "as two disks" 2 --disk "$one" --disk "$one" --disk-write
refused "nothing to write" "need a --disk" 2 --disk-write
truncate -s 137438952960 "$work/large.img"
refused "137 GB, without room" "" 0 --disk "$work/large.img"
[ "$(du -k "$work/large.img" | cut -f 1)" -lt 1000 ] && pass "which stays a hole" ||
    fail "which stays a hole" "$(du -k "$work/large.img")"

# The file changes below a machine that is about something else for longer than that takes.
changing() {
    make_disk "$one" $((40000 * 512))
    mkfifo "$work/line"
    timeout 30 "$xenolith" boot "$B/tests/bench/integer.elf" 1000000 --for 800ms --mem 64M --disk "$one" >"$work/line" 2>"$work/log" </dev/null &
    process=$!
    { head -n 1 >/dev/null; eval "$2"; cat >/dev/null; } <"$work/line"
    wait $process
    status=$?
    rm "$work/line"
    if [ $status -eq 1 ] && grep -q "while the machine used it" "$work/log"; then
        pass "$1"
    else
        fail "$1" "status $status: $(tail -n 1 "$work/log")"
    fi
}
changing "a file that shrinks" 'truncate -s 512 "$one"'
changing "a file that grows" 'truncate -s 90000k "$one"'
changing "a file that is written to" 'echo x | dd of="$one" conv=notrunc status=none'

verdict
