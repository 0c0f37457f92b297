#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# four-domains.sh: a whole machine, four domains on two processors and four processes on the bare
# kernel: verified work from each, fair shares, cross-checks held, and the same bytes twice.
set -u
. tests/system/verdict.sh

# holds NAME FILE FILTER: the jq filter must give true.
holds() {
    value=$(jq "$3" "$2" 2>&1)
    if [ "$value" = true ]; then
        pass "$1"
    else
        fail "$1" "$3 gives $value"
    fi
}

for system in xen native; do
    # Two rounds of the scheduler, whose slices are 5 ms; the bare kernel's are 60 ms.
    window=20ms
    [ "$system" = xen ] || window=240ms
    json=$work/$system.json
    again=$work/$system-again.json
    expect "$system: runs" timeout 300 "$xenolith" run --system "$system" --domains 4 --workload cint/four \
        --slice 5ms --cpus 2 --for $window --json "$json"
    [ -e "$json" ] || continue
    holds "$system: four contexts worked" "$json" '.work.contexts == 4'
    holds "$system: each finished verified work" "$json" \
        '[.contexts[] | select(.units > 0)] | length == 4'
    holds "$system: none starves" "$json" '.work.smallest_share >= 0.8'
    holds "$system: every cross-check holds" "$json" \
        '([.checks[] | select(.holds == true)] | length >= 2) and ([.checks[] | .holds] | all(. != false))'
    expect "$system: runs again" timeout 300 "$xenolith" run --system "$system" --domains 4 \
        --workload cint/four --slice 5ms --cpus 2 --for $window --json "$again"
    expect "$system: two runs give the same bytes" cmp "$json" "$again"
done
holds "xen: hypercalls were made" "$work/xen.json" '.supervisor.hypercalls > 0'
holds "xen: page tables were validated" "$work/xen.json" '.crossings["1>0"] > 0 and .crossings["0>1"] > 0'
holds "native: nothing ran in ring 1" "$work/native.json" '.crossings["3>1"] == 0'

verdict
