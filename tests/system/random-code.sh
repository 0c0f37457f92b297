#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# random-code.sh: a program's random bytes end neither the simulator nor the run, in the modes that
# price instructions (tests/guest/run.sh has the other).
set -u
. tests/system/verdict.sh
for timing in fast full; do
    timeout 120 "$xenolith" boot "$B/hv/hv.elf" --module "$B/tests/guest/attack-random-code.elf" "" \
        --mem 64M --timing "$timing" >"$work/out" 2>&1 </dev/null
    if grep -aq '^PASS attack-random-code' "$work/out"; then
        pass "random code, $timing"
    else
        fail "random code, $timing" "$(tail -n 2 "$work/out" | tr '\n' ' ')"
    fi
done
verdict
