#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# many-processors.sh: the hypervisor and the bare kernel on three, four and eight processors: all of
# them start and work, cross-checks hold, the same bytes twice.
set -u
. tests/system/verdict.sh

holds() {
    value=$(jq "$3" "$2" 2>&1)
    if [ "$value" = true ]; then
        pass "$1"
    else
        fail "$1" "$3 gives $value"
    fi
}

# try SYSTEM PROCESSORS TIMING WINDOW: twice as many copies as processors, and a copy more.
try() {
    json=$work/$1-$2.json
    label="$1 on $2 processors, $3"
    for file in "$json" "$json.again"; do
        expect "$label: runs" timeout 300 "$xenolith" run --system "$1" --domains $((2 * $2 + 1)) \
            --workload cint/four --slice 5ms --cpus "$2" --timing "$3" --for "$4" --json "$file"
    done
    [ -e "$json" ] || return
    holds "$label: every one worked for copies" "$json" \
        "[.contexts[] | select(.units > 0) | .processors[] | select(.events.cycles_issue[3] > 0)
          | .processor] | unique | length == $2"
    holds "$label: all copies worked" "$json" ".work.contexts == 2 * $2 + 1"
    holds "$label: every cross-check holds" "$json" \
        '([.checks[] | select(.holds == true)] | length >= 2) and ([.checks[] | .holds] | all(. != false))'
    expect "$label: two runs give the same bytes" cmp "$json" "$json.again"
}

try xen 4 full 15ms
try xen 8 fast 15ms
try native 3 full 180ms
try native 8 unit 180ms
expect "nine processors are refused" sh -c "! $xenolith run --cpus 9 2>$work/nine"
expect "with a sentence" grep -q "1 to 8" "$work/nine"
for refused in 3073M 4G 4076M; do
    expect "$refused of memory are refused" sh -c "! $xenolith run --mem $refused 2>$work/mem"
    expect "with a sentence" grep -q "from 4M to 3G" "$work/mem"
done
expect "3 GB of memory are not" timeout 100 "$xenolith" run --mem 3G --domains 2 --cpus 2 --timing fast \
    --for 5ms --json "$work/mem.json"
holds "and hold" "$work/mem.json" '[.checks[] | .holds] | all(. != false)'

verdict
