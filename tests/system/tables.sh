#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# tables.sh: three rows of Tables 3 to 5. Two ways of measuring agree: the program's clock, and the
# cycles by cause of twice the work less those of once. What a hypervisor adds costs more on it.
set -eu
B=${B:-build}
out=$B/tests/tables
mkdir -p "$out"
experiments/tables.pl "$B" "$out" "null call" 2p0K "page fault" >"$out/shown" 2>"$out/log" ||
    { cat "$out/log"; echo "FAIL tables: no result"; exit 1; }

# check NAME CONDITION: of tables.json.
check() {
    if jq -e "$2" "$out/tables.json" >"$out/why"; then
        echo "PASS tables-$1"
    else
        echo "FAIL tables-$1: $2 is $(cat "$out/why")"
        exit 1
    fi
}

check rows '[.rows[].row] == ["null call", "2p0K", "page fault"]'
# The best of several against a whole run, which meets the clock's ticks and cold caches, and takes
# down the pages it has touched.
for system in l_up xen; do
    for row in "null call" "page fault"; do
        check "clock-and-causes-$system-$(echo $row | tr ' ' -)" ".rows[] | select(.row == \"$row\")
            | ([.cycles.$system | to_entries[] | select(.key != \"instructions\") | .value] | add) / .us.$system
            / 2400 | . > 0.9 and . < 1.5"
    done
done
check switch-costs-more '.rows[1] | .us.xen > .us.l_up * 1.5 and .cycles.xen.instructions > .cycles.l_up.instructions'
check null-call-does-not '.rows[0].ratio | . < 1.1'
