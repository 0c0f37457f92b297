#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# random-code.sh: random bytes and code that is hard to translate end neither the simulator nor the
# run, in the modes that price instructions (tests/guest/run.sh has the other).
set -u
. tests/system/verdict.sh
for name in attack-random-code attack-code-extent; do
    for timing in fast full; do
        timeout 120 "$xenolith" boot "$B/hv/hv.elf" --module "$B/tests/guest/$name.elf" "" \
            --mem 64M --timing "$timing" >"$work/out" 2>&1 </dev/null
        if grep -aq "^PASS $name" "$work/out"; then
            pass "$name, $timing"
        else
            fail "$name, $timing" "$(tail -n 2 "$work/out" | tr '\n' ' ')"
        fi
    done
done
verdict
