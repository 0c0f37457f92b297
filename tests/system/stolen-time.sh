#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Domain 0 beside three busy domains: what they ran is "steal" in its /proc/stat and nobody's user
# time, and the ticks of all kinds together are the time that has passed.
set -u
. tests/system/verdict.sh

command='i=0; while [ $i -lt 4000 ]; do i=$((i + 1)); done; head -n 1 /proc/stat; cat /proc/uptime'
busy=$("$xenolith" shell --memory 128M --add "$B/workloads/guest.cpio=/guest.cpio" --command "
    xl create -n 3 name=b kernel=/boot/kernel-xen.elf ramdisk=/guest.cpio extra=init=/bin/cint extra=-- extra=four >/dev/null
    $command" 2>/dev/null)
alone=$("$xenolith" shell --memory 128M --command "head -n 1 /proc/stat; $command" 2>/dev/null)

# cpu USER NICE KERNEL IDLE ... STEAL, and the time that has passed
# (before it ran, for as long as the hypervisor took to boot, it was offline: that is stolen too)
set -- $alone
[ "${20:-}" = "$9" ] && pass "alone nothing is stolen" || fail "alone nothing is stolen" "$alone"
set -- $busy
[ $# -eq 13 ] || { fail "busy" "$busy" && verdict; }
used=$(($2 + $4)) steal=$9 sum=$(($2 + $4 + $5 + $9)) passed_ticks=$(echo "${12}" | tr -d .)
[ "$steal" -gt $((2 * used)) ] && pass "most of the time is stolen" || fail "most of the time is stolen" "$busy"
late=$((${passed_ticks#0} - sum))
[ "$late" -ge 0 ] && [ "$late" -le 2 ] && pass "ticks are the time that has passed" ||
    fail "ticks are the time that has passed" "$busy"
verdict
