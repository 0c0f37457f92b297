#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# control.sh: Domain 0 and its control program. Domains are created, listed, weighed, paused, end by
# themselves or are destroyed; what cannot be is refused with one sentence and leaves nothing.
set -u
. tests/system/verdict.sh

# domain0 SECONDS COMMANDS: Domain 0's init runs the commands on two processors; console in
# $work/out.
domain0() {
    timeout "$1" "$xenolith" boot "$B/hv/hv.elf" "ctx_allow=5ms" \
        --module "$B/guestos/kernel-xen.elf" "init=/sbin/init -- $2" \
        --module "$B/workloads/domain0.cpio" --cpus 2 --mem 512M --timing fast \
        >"$work/out" 2>"$work/log" </dev/null
}

# says NAME COUNT PATTERN: the console has exactly COUNT lines that match.
says() {
    count=$(tr -d '\r' <"$work/out" | grep -Ec "$3")
    if [ "$count" -eq "$2" ]; then
        pass "$1"
    else
        fail "$1" "$count lines instead of $2 match $3; last: $(tail -n 2 "$work/out" | tr '\n' ' ')"
    fi
}

create="xl create -p -n 3 name=box kernel=/boot/kernel-xen.elf ramdisk=/boot/guest.cpio extra=init=/bin/cint extra=-- extra=four"

domain0 120 "xl create -n 4 /etc/xen/check.cfg ; sleep 2 ; xl list"
says "four domains are created" 1 '^xl: created 4 domains of 8 MB$'
says "each does verified work" 4 '^\(d[1-4]\) cint, medium size: 2 rounds, 8 units verified$'
says "and shuts down" 4 '^check-[1-4] +[1-4] .*---s--'

weigh="xl sched-bvt -d box-2 -w 20 ; xl sched-bvt -s 10000 ; xl sched-bvt"
pause="xl unpause box-1 ; xl unpause 2 ; xl pause 1 ; xl list ; xl destroy all ; xl list"
domain0 120 "$create ; xl list ; $weigh ; $pause"
says "created paused, and box-3 remains so" 5 '^box-[1-3] .*--p---'
says "paused again, others not" 3 '^box-1 .*-?p---|^box-2 .*(r|-)-----'
says "a weight is an advance" 1 '^box-2 +2 +5 '
says "the slice is set" 1 '^context switch allowance: 10000 us$'
says "none is left but Domain 0" 4 '^Domain-0 +0 '

domain0 60 "xl create kernel=/boot/guest.cpio"
says "a kernel that is none is refused" 1 '^xl: kernel /boot/guest.cpio is not an ELF file$'
domain0 60 "xl create kernel=/boot/kernel-xen.elf memory=1"
says "a domain too small is refused" 1 "^xl: domain 'domain' needs more memory than the domain has: 1 MB, and its kernel and ramdisk take [2-9]$"
domain0 60 "xl create kernel=/boot/absent"
says "an absent kernel is refused" 1 '^xl: /boot/absent: No such file or directory$'
domain0 60 "xl create -n 60 -p memory=8 kernel=/boot/kernel-xen.elf"
says "memory ends somewhere" 1 "^xl: domain 'domain-[0-9]+': there are not 8 MB of free memory: "
domain0 60 "xl unpause 7"
says "an absent domain is refused" 1 "^xl: there is no domain '7'$"

verdict
