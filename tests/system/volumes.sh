#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# volumes.sh [CUTS]: xl's volumes: made, listed, refused, removed, used by domains as disks, and
# their table after so many (3) power cuts in the middle of changes.
set -u
. tests/system/verdict.sh
PATH=$PATH:/sbin:/usr/sbin

root=$B/guestos/disk.cpio

# dom0 IMAGE COMMANDS OPTION...: a shell of Domain 0 runs them, and the disk's file is written.
dom0() {
    image=$1
    commands=$2
    shift 2
    timeout 200 "$xenolith" shell --memory 64M --disk "$image" "${write:-"--disk-write"}" "$@" --command "$commands" \
        </dev/null >"$work/out" 2>"$work/log"
}
said() {
    grep -q "$2" "$work/out" && pass "$1" || fail "$1" "$(tail -n 4 "$work/out" "$work/log" | tr '\n' ' ')"
}

rm -f "$work/disk.img"
truncate -s 64M "$work/disk.img"
dom0 "$work/disk.img" "exec 2>&1
xl volume-list; xl volume-create a 4; xl volume-init hda; xl volume-create a 4
xl volume-create b 8M hda; xl volume-create c 2; xl volume-create a 1; xl volume-create ../x 1; xl volume-create big 1G
xl volume-create none 0; xl volume-init hda; xl volume-remove b; xl volume-remove b; xl volume-create split 53; xl volume-list"
said "no pool yet" 'volume a: no disk for volumes has so much room'
said "a name that is taken" 'volume a: there is a volume of that name already'
said "a name that is none" 'volume ../x: a name has at most'
said "too large" 'volume big: no disk for volumes has so much room'
said "no size" 'volume none: the size is no number'
said "a pool is not made anew" 'disk hda: something is in its first MB'
said "removed once" 'volume b: there is none of that name'
said "a list" '^c  *hda  *2  *1$'
said "in two pieces" '^split  *hda  *53  *2$'
said "what is free" '^(free)  *hda  *4$'

# What a former owner wrote is gone; with -k it is there.
tr '\0' x </dev/zero | dd of="$work/disk.img" bs=1M seek=1 count=4 conv=notrunc status=none iflag=fullblock
dom0 "$work/disk.img" "xl volume-remove a; xl volume-create a 4"
dd if="$work/disk.img" bs=1M skip=1 count=4 status=none | tr -d '\0' | cmp -s - /dev/null &&
    pass "a new volume is clear" || fail "a new volume is clear" "$(tail -n 3 "$work/out" | tr '\n' ' ')"

# One copy of the table is damaged: the other counts. Both: there is none.
cp "$work/disk.img" "$work/one.img"
for copy in 1 2; do
    printf zzzz | dd of="$work/one.img" bs=1 seek=$((copy * 65536 + 100)) conv=notrunc status=none
    dom0 "$work/one.img" "xl volume-list"
    [ $copy -eq 1 ] && said "a damaged copy" '(free)' && continue
    grep -q '(free)' "$work/out" && fail "two damaged copies" "$(cat "$work/out")" || pass "two damaged copies"
done

# Two domains at the same time, each on a volume of its own, one in pieces.
rm -f "$work/two.img"
truncate -s 80M "$work/two.img"
dom0 "$work/two.img" "xl volume-init hda; xl volume-create x 5; xl volume-create v1 17; xl volume-create y 45; xl volume-remove x
xl volume-create v0 17; xl volume-list"
said "a volume in pieces" '^v0  *hda  *17  *2$'
# piece MB FROM TO PLACE: a part of the disk, copied out of it or into it
piece() {
    dd bs=1M count="$1" conv=notrunc status=none "$2" "$3" "$4"
}
truncate -s 17M "$work/volume"
mke2fs -q -F -t ext3 -b 4096 "$work/volume" 16384k >"$work/mke2fs" 2>&1
piece 12 if="$work/volume" of="$work/two.img" seek=68
dd if="$work/volume" of="$work/two.img" bs=1M skip=12 count=5 seek=1 conv=notrunc status=none
piece 17 if="$work/volume" of="$work/two.img" seek=6
workloads/make-image "$work/xl.cpio" "sbin/init=$B/workloads/bin/init" "sbin/xl=$B/workloads/bin/xl" \
    "sbin/xend=$B/workloads/bin/xend" "boot/kernel=$B/workloads/kernel-xen.elf" "boot/root=$root"
timeout 200 "$xenolith" boot "$B/hv/hv.elf" "dom0_mem=48M audit" --module "$B/guestos/kernel-xen.elf" "quiet init=/sbin/init -- \
xend ; xl create -n 2 name=v memory=16 kernel=/boot/kernel ramdisk=/boot/root disk=volume:v%n,xvda,w \
extra=init=/sbin/init extra=-- extra=xvda ; sleep 1 ; xl block-list v-1 ; sleep 20 ; xl volume-remove v1" \
    --module "$work/xl.cpio" --mem 128M --disk "$work/two.img" --disk-write </dev/null 2>"$work/log" | tr -d '\r' >"$work/out"
said "a domain's volume" '^xvda  *volume:v0  *w '
said "a volume in use stays" 'volume v1: domain 2 has it as a disk'
said "nothing is left of two domains" '^(XEN) audit: 0 '
for i in 0 1; do
    rm "$work/volume"
    if [ $i -eq 0 ]; then
        piece 12 if="$work/two.img" of="$work/volume" skip=68
        dd if="$work/two.img" of="$work/volume" bs=1M skip=1 seek=12 count=5 conv=notrunc status=none
    else
        piece 17 if="$work/two.img" of="$work/volume" skip=6
    fi
    e2fsck -fn "$work/volume" >"$work/fsck" 2>&1 && debugfs -R "dump /numbers $work/numbers" "$work/volume" >/dev/null 2>&1 &&
        seq 1 150000 | cmp -s - "$work/numbers" && pass "volume v$i: e2fsck finds nothing, the file is there" ||
        fail "volume v$i" "$(tail -n 3 "$work/fsck" "$work/out" | tr '\n' ' ')"
done

# Cut in the middle of changes: each volume that was made and not removed is there, and no other.
rm -f "$work/blank.img"
truncate -s 32M "$work/blank.img"
dom0 "$work/blank.img" "xl volume-init hda"
changes='i=0; while :; do i=$((i + 1)); xl volume-create n$i 1; xl volume-list; [ $i -le 4 ] || { xl volume-remove n$((i - 4)); xl volume-list; }; done'
cut=0 between=0
count=${1:-3}
while [ $cut -lt "$count" ]; do
    at=$((200000 + cut * 1000000 / count))
    cp "$work/blank.img" "$work/cut.img"
    write=--disk-cut dom0 "$work/cut.img" "$changes" --for "${at}us"
    # The state that the last complete list shows, or the one after the change that was under way.
    awk '/^Name/ {n++; s = ""} /^n[0-9]/ {s = s $1 " "} /^\(free\)/ {last = s} END {print last}' "$work/out" >"$work/before"
    dom0 "$work/cut.img" "xl volume-list"
    awk '/^n[0-9]/ {s = s $1 " "} /^\(free\)/ {print s}' "$work/out" >"$work/after"
    B=$(cat "$work/before") A=$(cat "$work/after") awk 'BEGIN {
        nb = split(ENVIRON["B"], b, " "); na = split(ENVIRON["A"], a, " "); differ = 0
        for (i in b) in_b[b[i]] = 1
        for (i in a) { in_a[a[i]] = 1; if (!(a[i] in in_b)) differ++ }
        for (i in b) if (!(b[i] in in_a)) differ++
        exit !(differ <= 1) }' && [ -s "$work/after" ] ||
        fail "cut at $at us" "listed: $(cat "$work/before"), found: $(cat "$work/after") $(tail -n 2 "$work/log" | tr '\n' ' ')"
    [ -n "$(cat "$work/after")" ] && between=$((between + 1))
    cut=$((cut + 1))
done
[ $between -gt 0 ] && pass "$count cuts, $between with volumes" || fail "cuts" "none was in the middle of anything"

verdict
