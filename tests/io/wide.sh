#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# wide.sh [MB]: a domain fills so many MB (900) of an ext3 disk of 1 GB and reads them again;
# sixteen domains at once read and write, each its own volume. e2fsck finds nothing afterwards.
set -u
. tests/system/verdict.sh
PATH=$PATH:/sbin:/usr/sbin

megabytes=${1:-900}
sound() {
    e2fsck -fn "$2" >"$work/fsck" 2>&1 && pass "$1: e2fsck finds nothing" ||
        fail "$1: e2fsck finds nothing" "$(tail -n 3 "$work/fsck" | tr '\n' ' ')"
}

# ---- one domain, 1 GB ----
# A file holds numbers of lines: no two blocks are alike, and the host knows its sum.
rm -rf "$work/large.img" "$work/tree"
truncate -s 1G "$work/large.img"
mke2fs -q -F -t ext3 -b 4096 "$work/large.img" >"$work/mke2fs" 2>&1
cat >"$work/fill" <<END
mkdir -p /mnt
mount -t ext3 /dev/xvda /mnt || exit 1
i=0
while [ \$i -lt $megabytes ]; do
    { echo "part \$i"; cat /part; } >/mnt/part-\$i || exit 1
    i=\$((i + 10))
done
sync
umount /mnt && mount -t ext3 /dev/xvda /mnt || exit 1
i=0
while [ \$i -lt $megabytes ]; do
    { echo "part \$i"; cat /part; } | cmp - /mnt/part-\$i || echo "part \$i differs"
    i=\$((i + 10))
done
umount /mnt
echo "filled \$i MB"
END
seq 1 2000000 | head -c 10485600 >"$work/part"
mkdir -p "$work/tree/bin"
cp "$B/root/tree/bin/busybox" "$work/tree/bin"
for name in sh mkdir mount umount cat cmp sync; do ln -s busybox "$work/tree/bin/$name"; done
cp "$work/fill" "$work/part" "$work/tree"
mkdir "$work/tree/dev" "$work/tree/proc"
(cd "$work/tree" && find . | sort | cpio -o -H newc --quiet) >"$work/root.cpio"
timeout 3000 "$xenolith" guest "$B/guestos/kernel-xen.elf" --ramdisk "$work/root.cpio" --extra "init=/bin/sh -- /fill" \
    --disk "$work/large.img" --disk-write --memory 64M --json "$work/large.json" </dev/null >"$work/out" 2>"$work/log"
grep -q "^filled $megabytes MB" "$work/out" && ! grep -q differs "$work/out" && pass "$megabytes MB written and read" ||
    fail "$megabytes MB written and read" "$(tail -n 3 "$work/out" "$work/log" | tr '\n' ' ')"
sound "a disk of 1 GB" "$work/large.img"
debugfs -R "dump /part-$((megabytes - 10)) $work/last" "$work/large.img" >/dev/null 2>&1
{ echo "part $((megabytes - 10))"; cat "$work/part"; } | cmp -s - "$work/last" && pass "the last file is on the disk" ||
    fail "the last file is on the disk" "$(ls -l "$work/last" 2>&1)"
rm -f "$work/large.img"

# ---- sixteen at once ----
workloads/make-image "$work/xl.cpio" "sbin/init=$B/workloads/bin/init" "sbin/xl=$B/workloads/bin/xl" \
    "sbin/xend=$B/workloads/bin/xend" "boot/kernel=$B/workloads/kernel-xen.elf" "boot/root=$B/guestos/disk.cpio"
rm -f "$work/many.img"
truncate -s 300M "$work/many.img"
commands="xl volume-init hda"
for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
    commands="$commands ; xl volume-create -k v$i 17"
    mke2fs -q -F -t ext3 -b 4096 -E "offset=$(((1 + i * 17) << 20))" "$work/many.img" 16384k >"$work/mke2fs" 2>&1
done
dd if=/dev/zero of="$work/many.img" bs=1M count=1 conv=notrunc status=none
in_domain0() {
    timeout 3000 "$xenolith" boot "$B/hv/hv.elf" "dom0_mem=48M audit" --module "$B/guestos/kernel-xen.elf" \
        "quiet init=/sbin/init -- $1" --module "$work/xl.cpio" --mem 400M --disk "$work/many.img" --disk-write \
        --json "$work/many.json" </dev/null 2>"$work/log" | tr -d '\r' >"$work/out"
}
in_domain0 "$commands"
in_domain0 "xend ; xl create -n 16 name=v memory=16 kernel=/boot/kernel ramdisk=/boot/root disk=volume:v%n,xvda,w \
extra=init=/sbin/init extra=-- extra=xvda ; sleep 200"
grep -q '^(XEN) audit: 0 ' "$work/out" && pass "nothing is left of sixteen domains" ||
    fail "nothing is left of sixteen domains" "$(tail -n 3 "$work/out" "$work/log" | tr '\n' ' ')"
for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
    dd if="$work/many.img" of="$work/volume" bs=1M skip=$((1 + i * 17)) count=16 status=none
    rm -f "$work/numbers"
    sound "volume $i" "$work/volume"
    debugfs -R "dump /numbers $work/numbers" "$work/volume" >/dev/null 2>&1
    seq 1 150000 | cmp -s - "$work/numbers" && pass "volume $i: the file is there" ||
        fail "volume $i: the file is there" "$(ls -l "$work/numbers" 2>&1)"
done
verdict
