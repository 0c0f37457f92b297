#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# placement.sh: --placement changes what a run costs and nothing that it does; the same seed gives
# the same bytes; one part of a workload runs alone.
set -u
. tests/system/verdict.sh

for system in native xen; do
    for seed in 0 1 1 2; do
        json=$work/$system-$seed.json
        [ -e "$json" ] && json=$work/$system-$seed-again.json
        expect "$system, seed $seed: runs" timeout 300 "$xenolith" run --system $system --domains 1 --cpus 1 --for 10ms \
            --exact --workload cint/anneal --placement $seed --json "$json"
        [ "$(jq '.work.units > 0' "$json")" = true ] && pass "and works" || fail "and works" "no units"
    done
    expect "$system: the same seed, the same bytes" cmp "$work/$system-1.json" "$work/$system-1-again.json"
    for seed in 0 2; do
        [ "$(jq .events.l2_misses "$work/$system-$seed.json")" != "$(jq .events.l2_misses "$work/$system-1.json")" ] &&
            pass "$system: seed $seed is another placement" || fail "$system: seed $seed" "as many L2 misses as seed 1"
    done
done
for word in "cint/ chess" "cint/" "cint/ab;c"; do
    "$xenolith" run --workload "$word" --for 1ms >/dev/null 2>"$work/stderr"
    [ $? -eq 2 ] && [ "$(wc -l <"$work/stderr")" -eq 1 ] && pass "--workload $word is refused" ||
        fail "--workload $word" "$(head -n 2 "$work/stderr")"
done

verdict
