#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# unobserved.sh: a machine at which nobody looks is the same machine. Rings 1-3 stay out of the
# hypervisor's range, and clocks, counts and memory end as they do under the accounting, under an
# observer who stops the run, and under a tool that stops before every 7th instruction.
set -u
. tests/system/verdict.sh

# boots WHO: the console and the clocks in $work/WHO.
boots() {
    timeout 300 "$B/tests/unobserved" "$1" machines/xeon-2400.ini "$B/hv/hv.elf" \
        "$B/tests/guest/attack-hypervisor-range.elf" >"$work/$1"
}

for who in nobody account stops steps; do
    expect "$who: boots" boots $who
    expect "$who: the guest keeps out" grep -q "^PASS attack-hypervisor-range" "$work/$who"
done
grep -v '^ring . event' "$work/nobody" >"$work/uncounted" # the accounting has its own tallies
expect "the accounting changes nothing" cmp "$work/uncounted" "$work/account"
expect "stopping changes nothing" cmp "$work/nobody" "$work/stops"
expect "stepping changes nothing" cmp "$work/nobody" "$work/steps"
verdict
