#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# kernel-counters.sh: what the guest kernel's operations cost on Xen, by the simulator's own counts:
# system calls never enter ring 0, page-table updates go in batches, and no page, object or process
# is lost by some thousands of fork, exec, exit. tests/guestos/forks.c counts the same from inside.
set -u
. tests/system/verdict.sh

timeout 200 "$xenolith" boot "$B/hv/hv.elf" console=com1 --module "$B/guestos/kernel-xen.elf" \
    "init=/sbin/init -- 3000" --module "$B/guestos/forks.cpio" --mem 96M --timing unit \
    --json "$work/json" >"$work/out" 2>"$work/log" </dev/null
status=$?
grep -aE '^(PASS|FAIL)' "$work/out" | tr -d '\r' >"$work/inside"
cat "$work/inside"
if [ $status -eq 0 ] && grep -aq '^forks: all passed' "$work/out" && ! grep -q '^FAIL' "$work/inside"; then
    pass "the machine's own verdicts"
else
    fail "the machine's own verdicts" "$(tail -n 2 "$work/out" | tr '\n' ' ')"
fi
grep -aE 'hypercalls|updates a batch|free pages' "$work/out" | tr -d '\r'

# holds NAME FILTER: jq's filter says true of the counts.
holds() {
    if [ "$(jq "$2" "$work/json")" = true ]; then
        pass "$1"
    else
        fail "$1" "$(jq -c '{crossings, reasons: (.reasons | map_values(.entries))}' "$work/json")"
    fi
}
count() {
    jq "$1" "$work/json"
}

echo "3>1 crossings $(count '.crossings["3>1"]'), 3>0 crossings $(count '.crossings["3>0"]')"
holds "int 0x80 goes from ring 3 to ring 1, each system call once" \
    '.crossings["3>1"] >= ([.contexts[].counters.syscalls // 0] | add) and ([.contexts[].counters.syscalls // 0] | add) > 10000'
holds "and never enters ring 0" '(.reasons["vector.128"].entries // 0) == 0'
holds "ring 3 enters ring 0 by faults and interrupts alone" \
    '.crossings["3>0"] <= ([.reasons | to_entries[] | select(.key | startswith("exception.") or startswith("vector.")) | .value.entries] | add)'
holds "page-table updates are batched" \
    '[.contexts[].counters | select(.mmu_batches > 0) | .pt_updates >= 2 * .mmu_batches] | length > 0 and all'

"$xenolith" explain "$work/json" --by hypercall >"$work/explained"
if grep -Eq '^int 0x80 into ring 0 +0$' "$work/explained" &&
    awk '/ a batch$/ { getline; found = $NF > 2 } END { exit !found }' "$work/explained"; then
    pass "explain reports updates a batch, and system calls in ring 0"
else
    fail "explain reports updates a batch, and system calls in ring 0" "$(tail -n 4 "$work/explained")"
fi
tail -n 3 "$work/explained"

verdict
