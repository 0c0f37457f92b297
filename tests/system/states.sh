#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# states.sh [long]: a run that saves, and one that loads in a new process, have the counts and the
# console of one that does neither, with devices too; files that are none are refused with a
# sentence. `long` sweeps over many cycles.
set -u
. tests/system/verdict.sh
export B work

xen="$B/hv/hv.elf --module $B/guestos/kernel-xen.elf"
domain0="$B/workloads/domain0.cpio"
stale=$B/tests/system/stale.elf
disk=$B/tests/disk/disk.elf
nic=$B/tests/nic/nic.elf
if [ "${1:-}" = long ]; then
    boots=$(seq -f %gms 3 7 76) windows=$(seq -f %gms 10 7 90)
    disks=$(seq -f %gms 2 35) frames=$(seq -f %g00us 5 3 90) stales=$(seq -f %gms 1 30)
    shells=$(seq -f %gms 60 13 200) networks=$(seq -f %gms 60 71 900) guests=$(seq -f %gms 50 31 300)
else
    boots="31ms 60ms" windows="45ms 80ms"
    disks="3ms 12ms 20ms 28ms" frames="1ms 3500us 7ms" stales="2ms 20ms"
    shells="90ms" networks="120ms" guests="100ms"
fi

# same NAME COMMAND AT... -- OPTIONS
same() {
    name=$1
    shift
    expect "$name: the same at $(($(echo " $*" | sed 's/ -- .*//' | wc -w) - 1)) cycles" tests/system/states/same "$@"
}

for mode in "unit 1" "fast 1" "full 1" "full 2"; do
    timing=${mode% *}
    same "$timing, processors: ${mode#* }" boot $boots -- $xen "init=/sbin/init -- xl list" \
        --module "$domain0" "" --for 80ms --timing "$timing" --cpus "${mode#* }"
done
same "domains, measured" run $windows -- --domains 2 --for 60ms --timing fast
same "processes of the bare kernel" run 20ms 45ms -- --system native --domains 3 --for 60ms --slice 5ms
truncate -s 20M "$work/volume"
mke2fs -q -F -t ext3 -b 4096 "$work/volume" >"$work/log" 2>&1
same "a shell whose disk is at work" shell $shells -- --system native --memory 32M --disk "$work/volume" --command 'mkdir /m; mount -t ext3 /dev/hda /m; for i in 1 2 3 4; do seq 1 20000 >/m/$i; sync; echo done $i; done'
same "a shell of Domain 0 with a network" shell $networks -- --memory 64M --net host --command 'ping -c 2 10.0.2.2; xl info | head -n 3'
PCAP=yes same "a shell with a connection to an echo, over a wire that loses frames" shell 38ms 40ms -- --system native --net host,loss=1% \
    --memory 64M --command 'dd if=/dev/urandom of=/f bs=100000 count=4 2>/dev/null; md5sum </f; nc 10.0.2.2 7 </f | md5sum'
same "a guest with a virtual disk" guest $guests -- "$B/guestos/kernel-xen.elf" --ramdisk "$B/guestos/disk.cpio" \
    --disk "$work/volume" --extra "init=/sbin/init -- xvda"

truncate -s 20M "$work/disk"
seq 1 100000 | dd of="$work/disk" conv=notrunc status=none
for timing in fast full; do
    same "two disks, $timing" boot $disks -- "$disk" --mem 64M --disk "$work/disk" --disk "$work/disk" --timing $timing
    same "a network, $timing" boot $frames -- "$nic" --mem 64M --net host --timing $timing
    same "a translation that is not in the page table, $timing" boot $stales -- "$stale" --mem 64M --timing $timing
done

"$xenolith" boot "$stale" --mem 64M >"$work/out" 2>"$work/log"
expect "which is read as long as it stands" test $? -eq 0

# ---- refusals ----------------------------------------------------------------------------------
plain="boot $stale --mem 64M"
"$xenolith" $plain --save "$work/state" --at 5ms >"$work/out" 2>"$work/log"
expect "a state of a small machine is small" test "$(wc -c <"$work/state")" -lt 300000

# refused NAME SENTENCE OPTION...
refused() {
    name=$1 sentence=$2
    shift 2
    "$xenolith" "$@" >"$work/out" 2>"$work/log"
    status=$?
    if [ $status -eq 2 ] && grep -q -- "$sentence" "$work/log"; then
        pass "$name"
    else
        fail "$name" "status $status: $(tail -n 1 "$work/log")"
    fi
}

refused "another number of processors" "has --cpus=1, and this one --cpus=2" $plain --cpus 2 --load "$work/state"
refused "another cost" "cost.cr3_load=" $plain --set cost.cr3_load=1 --load "$work/state"
refused "another kernel" "kernel=" boot "$disk" --mem 64M --load "$work/state"
refused "another size of memory" "bytes of memory" boot "$stale" --mem 32M --load "$work/state"
"$xenolith" $plain --net host --get http://10.0.2.15,from=1s --save "$work/asks" --at 5ms >"$work/out" 2>"$work/log"
refused "another client" "client=0 0a00020f:80 / from 2000000000" $plain --net host --get http://10.0.2.15,from=2s --load "$work/asks"
refused "a network that was not there" "network=" $plain --net host --load "$work/state"
refused "a file that is none" "is no saved state" $plain --load "$stale"
refused "a file that is not there" "No such file" $plain --load "$work/nothing"
head -c 1000 "$work/state" >"$work/cut"
refused "a file that was cut off" "was cut off" $plain --load "$work/cut"
cp "$work/state" "$work/damaged"
printf x | dd of="$work/damaged" bs=1 seek=2000 conv=notrunc status=none
refused "a damaged file" "is damaged" $plain --load "$work/damaged"
cp "$work/state" "$work/newer"
printf '\377' | dd of="$work/newer" bs=1 seek=8 conv=notrunc status=none
refused "a newer file" "of form 255" $plain --load "$work/newer"
refused "--save without a time" "belong together" $plain --save "$work/other"
refused "a time that is none" "must be a time" $plain --save "$work/other" --at soon
refused "a place where nothing can be written" "cannot write" $plain --save "$work/no/where" --at 1ms

"$xenolith" $plain --save "$work/late" --at 10s >"$work/out" 2>"$work/log"
[ $? -eq 1 ] && [ ! -e "$work/late" ] && grep -q "before the time of --at" "$work/log" &&
    pass "a time that never comes" || fail "a time that never comes" "$(tail -n 1 "$work/log")"
"$xenolith" $plain --save /dev/full --at 1ms >"$work/out" 2>"$work/log"
expect "a device is no file" grep -q "no regular file" "$work/log"
(ulimit -f 8; trap '' XFSZ; "$xenolith" $plain --save "$work/full" --at 5ms >"$work/out" 2>"$work/log")
[ $? -eq 1 ] && [ ! -e "$work/full" ] && grep -q "cannot write" "$work/log" &&
    pass "a full disk leaves no file and one sentence" ||
    fail "a full disk leaves no file and one sentence" "$(cat "$work/log" | head -n 2)"
[ "$(ls "$work" | grep -c part)" -eq 0 ] && pass "nothing stays beside" ||
    fail "nothing stays beside" "$(ls "$work" | tr '\n' ' ')"

verdict
