#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# gate.sh: `xenolith gate`: verdicts and exit statuses, what runs again, baselines by compiler and
# with a reason, and what is refused, by file and line.
set -u
. tests/system/verdict.sh

here=$(pwd)
cp machines/xeon-2400.ini "$work/machine.ini"
cat >"$work/g.ini" <<END
[gate]
command = boot
timing = fast
mem = 64M
machine = $work/machine.ini
only = clock.cycles*, events.cycles_*

[multicall]
words = "$here/$B/hv/hv.elf" --module "$here/$B/tests/guest/multicall.elf" ""
[crossing] ; alone on the machine
words = $here/$B/tests/bench/crossing.elf
tolerance = 0.1%
ignore = events.cycles_cr3*
END

# gate WANT WHAT ARGUMENT...: the exit status; output in $work/out, sentences in $work/why.
gate() {
    want=$1 what=$2
    shift 2
    "$xenolith" gate "$work/g.ini" --out "$work/state" "$@" >"$work/out" 2>"$work/why"
    have=$?
    if [ "$have" -eq "$want" ]; then
        pass "$what"
    else
        fail "$what" "ended with $have, not $want: $(head -n 2 "$work/why" "$work/out" | tr '\n' ' ')"
    fi
}

gate 2 "without baselines"
expect "says so" grep -q 'crossing *NO BASELINE' "$work/out"
gate 0 "makes baselines" --update "they are right"
expect "runs nothing twice" sh -c "! grep -q 'run now' '$work/out'"
expect "keeps the reason" grep -q '"reason": "they are right"' "$work/g.baselines"/*/crossing.json
gate 0 "the same"
expect "nothing had to run" grep -q '^2 benchmarks, 0 of them run now' "$work/out"
gate 0 "again, if one insists" --again
expect "all ran" grep -q '^2 benchmarks, 2 of them run now' "$work/out"
gate 2 "another compiler" --compiler tcc-1
gate 2 "a compiler that is a way out" --compiler ../x

sed -i 's/^\(cr3_load = \)[0-9]*/\1900/' "$work/machine.ini"
gate 1 "a dearer machine"
expect "one verdict each" grep -q 'multicall *DIFFERS' "$work/out"
expect "names what moved" grep -q 'events.cycles_cr3\[0\] ' "$work/out"
expect "what hardly loads CR3 is the same" grep -q 'crossing *same' "$work/out"
gate 0 "one benchmark alone" crossing
gate 1 "as JUnit has it" --format junit
expect "one failure of two" grep -q 'tests="2" failures="1"' "$work/out"
gate 1 "as JSON" --format json
expect "is JSON" jq -e '[.comparisons[] | select(.differing_count > 0)] | length == 1' "$work/out"
gate 1 "as Markdown" --format markdown
gate 0 "dearer on purpose" multicall --update "CR3 loads are dear now"
gate 0 "and then the same"
expect "only that baseline is new" sh -c "grep -l 'dear now' '$work/g.baselines'/*/*.json | grep -c . | grep -qx 1"

sed 's/^\[crossing.*/&\ncost.cr3_load = 10/' "$work/g.ini" >"$work/h.ini"
cp -r "$work/g.baselines" "$work/h.baselines"
"$xenolith" gate "$work/h.ini" --out "$work/other" >"$work/out" 2>"$work/why"
[ $? -eq 2 ] && grep -q 'is of another command' "$work/why" && pass "a baseline of another command is none" ||
    fail "a baseline of another command is none" "$(cat "$work/why")"
sed 's/crossing.elf/absent.elf/' "$work/g.ini" >"$work/h.ini"
"$xenolith" gate "$work/h.ini" --out "$work/other" >"$work/out" 2>"$work/why"
[ $? -eq 2 ] && grep -q 'crossing *NOT MEASURED' "$work/out" && grep -q 'multicall *same' "$work/out" &&
    grep -q 'cannot read .*absent.elf' "$work/why" && pass "one that cannot run does not stop the others" ||
    fail "one that cannot run does not stop the others" "$(cat "$work/why")"

"$xenolith" gate "$work/g.ini" --out "$work/fresh" --again >"$work/out" 2>"$work/why" &
pid=$!
kill -TERM $pid
wait $pid
case $? in
2 | 143 | 0) pass "a signal ends it" ;;
*) fail "a signal ends it" "$(cat "$work/why")" ;;
esac

# refused LINE SENTENCE TEXT: a description that is refused with exit status 2 and one sentence.
refused() {
    printf '%b' "$3" >"$work/b.ini"
    "$xenolith" gate "$work/b.ini" --out "$work/none" >"$work/out" 2>"$work/why"
    status=$?
    if [ $status -eq 2 ] && [ "$(wc -l <"$work/why")" -eq 1 ] && grep -q "$2" "$work/why" &&
        grep -q "b.ini, line $1: \|^xenolith: .*b.ini [di]" "$work/why" && [ ! -e "$work/none" ]; then
        pass "refused: $2"
    else
        fail "refused: $2" "status $status: $(cat "$work/why")"
    fi
}
refused 0 "describes no benchmark" '[gate]\ntolerance = 1%\n'
refused 0 "is not text" '\0001[a]\n'
refused 1 "before the first section" 'tolerance = 1%\n'
refused 2 "neither a section" '[a]\nwords\n'
refused 2 "there is no option slcie" '[a]\nslcie = 5ms\n'
refused 2 "tolerance must be a share" '[a]\ntolerance = much\n'
refused 2 "tolerance must be a share" '[a]\ntolerance = nan\n'
refused 2 "slack must be" '[a]\nslack = -1\n'
refused 3 "stands in line 2 too" '[a]\nslice = 5ms\nslice = 6ms\n'
refused 3 "section a stands in line 1 too" '[a]\nslice = 5ms\n[a]\n'
refused 1 "a benchmark.s name has" '[../a]\nslice = 5ms\n'
refused 2 "command must be" '[a]\ncommand = lab\n'
refused 2 "json is not a description" '[a]\njson = /tmp/x\n'
refused 1 "a quotation has no end" '[a]\nwords = "x\n'
refused 2 "has an empty pattern" '[a]\nonly = work.*,,x\n'
refused 2 "host_instructions must be" '[a]\nhost_instructions = 1\n'
refused 2 "a name is made of" '[a]\nsl ice = 1\n'
refused 1 "a section is" '[a\nslice = 1\n'
gate 2 "a benchmark that is not described" absent
gate 2 "a form that is none" --format pdf
gate 2 "no reason" --update ""
verdict
