#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# block.sh [DESTROYED]: disks of the native kernel, of Domain 0 and of an ordinary domain, whole and
# in partitions, on the simulator and on QEMU; what was written is there, and e2fsck finds nothing.
# Then so many domains (10) are destroyed while they read, and nothing of them is left.
set -u
. tests/system/verdict.sh
PATH=$PATH:/sbin:/usr/sbin

kernel=$B/guestos/kernel-native.elf
root=$B/guestos/disk.cpio

# make_volume FILE OFFSET: an ext3 volume of 16 MB in the file, OFFSET kB from its beginning.
make_volume() {
    mke2fs -q -F -t ext3 -b "${3:-4096}" -E "offset=$(($2 * 1024))" "$1" 16384k >"$work/mke2fs" 2>&1
}

# make_disk FILE: a disk of 40 MB with an ext3 volume in its second partition
make_disk() {
    rm -f "$1"
    truncate -s 40M "$1"
    # one entry of 16 bytes: flag, three, type 0x83, three, first sector, sectors
    printf '\0\0\0\0\203\0\0\0\077\0\0\0\0\020\0\0' | dd of="$1" bs=1 seek=446 conv=notrunc status=none
    printf '\0\0\0\0\203\0\0\0\0\040\0\0\0\200\0\0' | dd of="$1" bs=1 seek=462 conv=notrunc status=none
    printf '\125\252' | dd of="$1" bs=1 seek=510 conv=notrunc status=none
    make_volume "$1" 4096
}

# sound NAME FILE OFFSET: nothing for e2fsck to do, and the file of numbers is whole
sound() {
    dd if="$2" of="$work/volume" bs=1k skip="$3" count=16384 status=none
    e2fsck -fn "$work/volume" >"$work/fsck" 2>&1 && pass "$1: e2fsck finds nothing" ||
        fail "$1: e2fsck finds nothing" "$(tail -n 3 "$work/fsck" | tr '\n' ' ')"
    debugfs -R "dump /numbers $work/numbers" "$work/volume" >/dev/null 2>&1
    seq 1 150000 | cmp -s - "$work/numbers" && pass "$1: the file is on the disk" ||
        fail "$1: the file is on the disk" "$(ls -l "$work/numbers" 2>&1)"
}

# said NAME FILE: the program's verdicts
said() {
    grep -q '^disk: all passed' "$2" && pass "$1: $(grep -c '^PASS' "$2") tests" ||
        fail "$1" "$(grep '^FAIL\|panic' "$2" | head -n 3 | tr '\n' ' ') $(tail -n 1 "$2")"
}

ours() {
    timeout 100 "$xenolith" boot "$kernel" "$1" --module "$root" --mem 32M --disk "$2" --disk-write \
        ${3:-} ${4:-} ${5:-} ${6:-} </dev/null
}

for size in 1024 4096; do
    truncate -s 16M "$work/whole.img"
    make_volume "$work/whole.img" 0 $size
    ours "init=/sbin/init -- hda" "$work/whole.img" --json "$work/a.json" >"$work/out" 2>"$work/log"
    said "a whole disk, blocks of $size" "$work/out"
    sound "a whole disk, blocks of $size" "$work/whole.img" 0
    rm "$work/whole.img"
done

make_disk "$work/parts.img"
cp "$work/parts.img" "$work/qemu.img"
cp "$work/parts.img" "$work/again.img"
ours "init=/sbin/init -- hda2" "$work/parts.img" --json "$work/a.json" >"$work/out" 2>"$work/log"
said "a partition" "$work/out"
sound "a partition" "$work/parts.img" 4096
cp "$work/parts.img" "$work/first.img"
ours "init=/sbin/init -- hda2" "$work/again.img" --json "$work/b.json" >"$work/out" 2>"$work/log"
cmp -s "$work/first.img" "$work/again.img" && pass "twice the same disk" || fail "twice the same disk" "it differs"
ours "init=/sbin/init -- hda2" "$work/again.img" --cpus 2 --timing full >"$work/out" 2>"$work/log"
said "two processors" "$work/out"
sound "two processors" "$work/again.img" 4096

timeout 60 qemu-system-i386 -accel tcg -m 32 -display none -no-reboot -monitor none -serial stdio \
    -device isa-debug-exit,iobase=0xf4,iosize=1 -kernel "$kernel" -append "init=/sbin/init -- hda2" \
    -initrd "$root" -drive file="$work/qemu.img",format=raw,if=ide </dev/null 2>"$work/log" | tr -d '\r' >"$work/out"
said "QEMU" "$work/out"
sound "QEMU" "$work/qemu.img" 4096

# The same through a ring: Domain 0 gives itself the machine's disk, which the hypervisor drives.
# xen FILE WORDS OPTION...
xen() {
    image=$1
    words=$2
    shift 2
    timeout 100 "$xenolith" boot "$B/hv/hv.elf" "dom0_mem=48M audit" --module "$B/guestos/kernel-xen.elf" "$words" \
        --module "$root" --mem 128M --disk "$image" --disk-write "$@" </dev/null
}
for timing in fast full; do
    make_disk "$work/ring.img"
    xen "$work/ring.img" "init=/sbin/init -- hda2" --timing $timing --json "$work/ring.json" >"$work/out" 2>"$work/log"
    said "through a ring, $timing" "$work/out"
    grep -q '^(XEN) audit: 0 ' "$work/out" && pass "the audit, $timing" || fail "the audit, $timing" "$(grep audit "$work/out" | head -n 2 | tr '\n' ' ')"
    sound "through a ring, $timing" "$work/ring.img" 4096
done

make_disk "$work/qemu.img"
timeout 60 qemu-system-i386 -accel tcg -m 128 -display none -no-reboot -monitor none -serial stdio \
    -device isa-debug-exit,iobase=0xf4,iosize=1 -kernel "$B/hv/hv.elf" -append "dom0_mem=48M audit" \
    -initrd "$B/guestos/kernel-xen.elf init=/sbin/init -- hda2,$root" \
    -drive file="$work/qemu.img",format=raw,if=ide </dev/null 2>"$work/log" | tr -d '\r' >"$work/out"
said "through a ring, QEMU" "$work/out"
sound "through a ring, QEMU" "$work/qemu.img" 4096

# An ordinary domain, whose disk Domain 0's xend connects.
make_disk "$work/guest.img"
timeout 100 "$xenolith" guest "$B/guestos/kernel-xen.elf" --ramdisk "$root" --extra "init=/sbin/init -- xvda2" \
    --disk "$work/guest.img" --disk-write --memory 32M --json "$work/guest.json" </dev/null >"$work/out" 2>"$work/log"
said "a domain" "$work/out"
sound "a domain" "$work/guest.img" 4096

# Listed, taken away in the middle of reading, given anew: by xl.
workloads/make-image "$work/xl.cpio" "sbin/init=$B/workloads/bin/init" "sbin/xl=$B/workloads/bin/xl" \
    "sbin/xend=$B/workloads/bin/xend" "boot/kernel=$B/workloads/kernel-xen.elf" "boot/root=$root"
timeout 100 "$xenolith" boot "$B/hv/hv.elf" "dom0_mem=64M audit" --module "$B/guestos/kernel-xen.elf" \
    "quiet init=/sbin/init -- xend ; xl create name=v memory=16 kernel=/boot/kernel ramdisk=/boot/root disk=hda2,xvda,r \
extra=init=/sbin/init extra=-- extra=xvda extra=read ; sleep 1 ; xl block-attach v phy:hda,xvdb,w ; sleep 1 ; xl block-list v ; xl block-detach v xvda ; xl block-list v ; \
xl block-detach v xvda" --module "$work/xl.cpio" --mem 160M --disk "$work/guest.img" \
    </dev/null 2>"$work/log" | tr -d '\r' >"$work/out"
listed() {
    grep -q "$2" "$work/out" && pass "xl: $1" || fail "xl: $1" "$(tail -n 4 "$work/out" | tr '\n' ' ')"
}
listed "a disk that is connected" '^xvda  *hda2  *r  *4 .* 32768$'
listed "one that is away" 'domain 1 has no disk xvda'
listed "one that comes while its domain runs" '^xvdb  *hda  *w  *4 .* 81920$'
listed "nothing is left" '^(XEN) audit: 0 '

# Destroyed in the middle of reading: no frame, no grant, no request is lost.
timeout 3000 "$xenolith" boot "$B/hv/hv.elf" "dom0_mem=64M audit" --module "$B/guestos/kernel-xen.elf" \
    "quiet init=/sbin/init -- ${1:-10}" --module "$B/guestos/destroy.cpio" --mem 160M --disk "$work/guest.img" \
    --json "$work/destroy.json" </dev/null >"$work/out" 2>"$work/log"
[ $? -eq 0 ] && grep -q '^destroy: all passed' "$work/out" && grep -q '^(XEN) audit: 0 ' "$work/out" &&
    pass "${1:-10} domains destroyed while they read" ||
    fail "${1:-10} domains destroyed while they read" "$(tail -n 3 "$work/out" "$work/log" | tr '\n' ' ')"

# A root file system on the disk: the battery's volume, from which its init is started.
cp "$B/guestos/battery.img" "$work/root.img"
timeout 100 "$xenolith" boot "$kernel" "init=/sbin/init root=/dev/hda rootfstype=ext2 -- memory" \
    --disk "$work/root.img" --disk-write --mem 32M </dev/null >"$work/out" 2>"$work/log"
grep -q '^battery: all passed' "$work/out" && e2fsck -fn "$work/root.img" >"$work/fsck" 2>&1 &&
    pass "the root file system on a disk" ||
    fail "the root file system on a disk" "$(tail -n 2 "$work/out" "$work/fsck" | tr '\n' ' ')"


# ---- in the background ---------------------------------------------------------------------------
# A file is written and nobody asks for a sync; the machine is cut. Before five seconds the disk
# does not have it, after them it does: written by the idle processor, or by the next who changes a
# file where the processor is never idle.
mkdir -p "$work/tree/bin" "$work/tree/dev" "$work/tree/mnt"
cp "$B/root/tree/bin/busybox" "$work/tree/bin"
for name in sh mount sleep seq; do ln -sf busybox "$work/tree/bin/$name"; done
echo 'mount -t ext3 /dev/hda /mnt; seq 1 5000 >/mnt/file; sleep 100' >"$work/tree/idle"
echo 'mount -t ext3 /dev/hda /mnt; seq 1 5000 >/mnt/file; while :; do echo . >>/mnt/other; done' >"$work/tree/busy"
(cd "$work/tree" && find . | sort | cpio -o -H newc --quiet) >"$work/background.cpio"
# cut SCRIPT TIME: the volume as it is when the machine is cut then; the file's lines
cut() {
    truncate -s 0 "$work/volume"
    truncate -s 16M "$work/volume"
    make_volume "$work/volume" 0
    timeout 100 "$xenolith" boot "$kernel" "init=/bin/sh -- /$1" --module "$work/background.cpio" --mem 32M \
        --disk "$work/volume" --disk-write --disk-cut --for "$2" </dev/null >"$work/out" 2>"$work/log"
    e2fsck -fy "$work/volume" >"$work/fsck" 2>&1
    rm -f "$work/numbers"
    debugfs -R "dump /file $work/numbers" "$work/volume" >/dev/null 2>&1
    cat "$work/numbers" 2>/dev/null | wc -l
}
for script in idle busy; do
    early=$(cut $script 3s)
    late=$(cut $script 7s)
    [ "$early" -eq 0 ] && [ "$late" -eq 5000 ] && seq 1 5000 | cmp -s - "$work/numbers" &&
        pass "$script: written after five seconds" ||
        fail "$script: written after five seconds" "$early lines of 5000 after 3 s, $late after 7 s: $(tail -n 1 "$work/log")"
done


# ---- barriers ------------------------------------------------------------------------------------
# flushes OPTIONS SYNCS: how often the disk was told to empty its cache
flushes() {
    echo "mount -t ext3 $1 /dev/hda /mnt; for i in $(seq -s ' ' "$2"); do echo \$i >>/mnt/file; sync; done; sleep 100" >"$work/tree/sync"
    (cd "$work/tree" && find . | sort | cpio -o -H newc --quiet) >"$work/sync.cpio"
    make_volume "$work/volume" 0
    timeout 100 "$xenolith" trace boot "$kernel" "init=/bin/sh -- /sync" --module "$work/sync.cpio" --mem 32M \
        --disk "$work/volume" --for 3s --kind disk --out "$work/trace" </dev/null >"$work/out" 2>"$work/log"
    grep -c 'command 0xe7' "$work/trace"
}
ln -sf busybox "$work/tree/bin/sync"
none=$(flushes "" 0) with=$(flushes "" 5) without=$(flushes "-o barrier=0" 5) again=$(flushes "-o nobarrier,noatime,barrier" 5)
[ "$none" -eq "$without" ] && [ "$with" -ge $((none + 15)) ] && [ "$again" -eq "$with" ] &&
    pass "barrier=0: syncs leave the disk's cache alone" ||
    fail "barrier=0: syncs leave the disk's cache alone" "flushes: mounted $none, 5 syncs $with, without barriers $without"

verdict
