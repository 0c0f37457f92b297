#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# fuzz-rings.sh OPERATIONS [SEED...]: so many random operations on rings beside a neighbour who
# behaves well (tests/guest/fuzz-rings), for each seed (1). Ends with 1 if anything went wrong.
set -u
B=${B:-build}
operations=$1
shift
[ $# -gt 0 ] || set -- 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
for seed; do
    timeout 7200 "$B/xenolith" boot "$B/hv/hv.elf" audit --module "$B/tests/guest/fuzz-rings.elf" \
        "operations=$operations seed=$seed" --mem 64M --net host --disk "$B/tests/guest/block.img" --json "$work/json" \
        </dev/null 2>"$work/log" | tr -d '\r' >"$work/out"
    wrong=$(jq -r '.checks[] | select(.holds == false) | .name' "$work/json" 2>&1)
    if grep -q '^PASS fuzz-rings' "$work/out" && grep -q '^(XEN) audit: 0 ' "$work/out" && [ -z "$wrong" ]; then
        echo "PASS seed $seed: $(grep ' operations; ' "$work/out")"
    else
        echo "FAIL seed $seed: $(grep -a '^also\|^FAIL' "$work/out" | tail -n 3 | tr '\n' ' ') $wrong $(tail -n 1 "$work/log")"
        failed=1
    fi
done
exit $failed
