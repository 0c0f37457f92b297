#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# compare.sh: `xenolith compare` on results of real runs: its exit status, its forms, folders, and
# what it says of files that are no results.
set -u
. tests/system/verdict.sh

# boots NAME OPTION...: one small guest kernel; its result in $work/NAME/run.json.
boots() {
    mkdir -p "$work/$1"
    out=$work/$1/run.json
    shift
    timeout 120 "$xenolith" boot "$B/hv/hv.elf" --module "$B/tests/guest/multicall.elf" "" --mem 64M \
        --timing fast --json "$out" "$@" >/dev/null 2>&1 </dev/null
}

# status WANT ARGUMENT...: what compare exits with; its output in $work/out.
status() {
    want=$1
    shift
    "$xenolith" compare "$@" >"$work/out" 2>"$work/why"
    have=$?
    if [ "$have" -eq "$want" ]; then
        pass "compare $*: $want"
    else
        fail "compare $*" "ended with $have, not $want: $(head -n 2 "$work/why")"
    fi
}

boots old
boots same
boots dearer --set cost.cr3_load=600
status 0 "$work/old/run.json" "$work/same/run.json"
status 1 "$work/old/run.json" "$work/dearer/run.json"
expect "names the parameter" grep -q 'cost.cr3_load: 500 -> 600' "$work/out"
expect "names cycles of CR3 loads" grep -q 'ring 0: cr3 ' "$work/out"
status 0 "$work/old/run.json" "$work/dearer/run.json" --tolerance 50%
status 0 "$work/old/run.json" "$work/dearer/run.json" --only '*.counters.*'
status 0 "$work/old" "$work/same"
status 1 "$work/old" "$work/dearer" --format json
expect "json is json" jq -e '.comparisons[0].differing_cycles > 0' "$work/out"
status 1 "$work/old" "$work/dearer" --format junit
expect "junit counts one failure" grep -q 'tests="1" failures="1"' "$work/out"
status 1 "$work/old" "$work/dearer" --format markdown
mkdir -p "$work/none" "$work/bad"
status 2 "$work/none" "$work/none"
status 1 "$work/old" "$work/none"
status 2 "$work/old" "$work/old/run.json"
echo '{' >"$work/bad/run.json"
status 2 "$work/old" "$work/bad"
status 2 "$work/old/run.json" "$work/missing.json"
status 2 "$work/old/run.json"
status 2 "$work/old" "$work/same" --tolerance much
status 2 "$work/old" "$work/same" --format pdf
verdict
