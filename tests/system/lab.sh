#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# lab.sh: experiments with named axes: which points there are, what goes on when one fails or all
# are interrupted, what a second run leaves, and that the data base is the same whatever happened.
set -u
. tests/system/verdict.sh

cat >"$work/sweep.ini" <<'END'
[experiment]
name = sweep
title = three axes
timing = fast
system = native
for = 1ms
exact = yes
axis.domains = 1, 2
axis.quantum = 20us, 40us
axis.cost.cr3_load = 0, 500, 1000
normalise = 1
[plain]
label = as it is
[dear]
inherit = plain
cost.tlb_flush = 100
axis.cost.cr3_load = 500
END
lab() {
    "$xenolith" lab "$work/sweep.ini" --out "$work/$1" --db "$work/$1.db" >"$work/out" 2>"$work/why"
}
is() {
    [ "$2" = "$3" ] && pass "$1" || fail "$1" "'$2', not '$3'"
}
points() {
    ls "$work/$1" | grep -c '\.json$'
}
content() {
    sqlite3 "$work/$1.db" .dump | sha256sum
}

"$xenolith" lab "$work/sweep.ini" --dry-run --out "$work/dry" >"$work/out" 2>"$work/why"
is "a dry run shows every point" "$? $(tail -n 1 "$work/out")" "0 16 points"
expect "with its command line" grep -q -- '--domains=2 --quantum=40us --set=cost.cr3_load=1000' "$work/out"
[ -e "$work/dry" ] && fail "and makes nothing" "" || pass "and makes nothing"
"$xenolith" lab "$work/sweep.ini" --dry-run --points 'plain-*-20us-0,cost.cr3_load=1000' --out "$work/dry" >"$work/out"
is "some points" "$(tail -n 1 "$work/out")" "6 points"

lab whole
is "every point runs" "$? $(points whole)" "0 16"
is "a row a point" "$(wc -l <"$work/whole/sweep.csv")" 17
is "columns by axes" "$(head -n 1 "$work/whole/sweep.csv" | cut -d, -f 1-4)" "n,quantum,cost.cr3_load,system"
is "the data base has them in order" "$("$xenolith" db "$work/whole.db" list --format csv | sed -n '2p;17p' | cut -d, -f 1-2 | tr '\n' ' ')" \
    "1,sweep/plain-1-20us-0 16,sweep/dear-2-40us-500 "
is "a parameter is set" "$("$xenolith" db "$work/whole.db" select configuration.machine.cost.cr3_load --format csv |
    sed -n '4p' | cut -d, -f 3)" 1000

# Killed halfway, twice, and resumed.
for signal in TERM KILL; do
    "$xenolith" lab "$work/sweep.ini" --out "$work/cut" --db "$work/cut.db" --resume >"$work/out" 2>"$work/why" &
    pid=$!
    tries=0
    until [ "$(ls "$work/cut" 2>/dev/null | grep -c '\.key$')" -ge 3 ] || [ $tries -gt 300 ]; do
        tries=$((tries + 1))
        sleep 0.1
    done
    kill -$signal $pid
    wait $pid 2>/dev/null
    status=$?
    case $signal-$status in
    TERM-143) expect "TERM: says how to go on" grep -q 'resume goes on' "$work/why" ;;
    KILL-137) pass "KILL: ends at once" ;;
    *) fail "$signal" "status $status: $(tail -n 2 "$work/why")" ;;
    esac
done
before=$(ls "$work/cut" | grep -c '\.key$')
"$xenolith" lab "$work/sweep.ini" --out "$work/cut" --db "$work/cut.db" --resume >"$work/out" 2>"$work/why"
is "resumed" "$? $(points cut)" "0 16"
expect "what was there did not run again" grep -q "16 - $before\|$before were there" "$work/why"
is "nothing lost, nothing doubled" "$(content cut)" "$(content whole)"
is "the same table" "$(sha256sum <"$work/cut/sweep.csv")" "$(sha256sum <"$work/whole/sweep.csv")"

# A second run into the same folder keeps what is there.
cp -r "$work/whole" "$work/second"
"$xenolith" lab "$work/sweep.ini" --out "$work/second" --points dear-1-20us-500 >"$work/out" 2>"$work/why"
is "a point alone leaves the others in the table" "$? $(wc -l <"$work/second/sweep.csv")" "0 17"
is "equal results take no second name" "$(ls "$work/second" | grep -c 'json\.[0-9]')" 0
sed -i 's/^for = 1ms/for = 2ms/' "$work/sweep.ini"
"$xenolith" lab "$work/sweep.ini" --out "$work/second" --points dear-1-20us-500 >"$work/out" 2>"$work/why"
is "results of another description are not in the table" "$? $(wc -l <"$work/second/sweep.csv")" "0 2"
cmp -s "$work/second/dear-1-20us-500.json.1" "$work/whole/dear-1-20us-500.json" && pass "and are kept" || fail "and are kept" ""

# A point that fails.
cat >"$work/fails.ini" <<'END'
[experiment]
name = fails
timing = fast
for = 1ms
exact = yes
axis.warmup = 1us, 60s
[native]
system = native
END
"$xenolith" lab "$work/fails.ini" --out "$work/fails" >"$work/out" 2>"$work/why"
is "a point that fails: exit status" $? 1
expect "is said" grep -q 'point native-1us failed (exit status 1)' "$work/why"
expect "is marked" grep -q '1us *failed' "$work/out"
is "the others go on" "$(points fails) $(wc -l <"$work/fails/fails.csv")" "1 2"

sed 's/^axis.warmup.*/combine = zip\naxis.domains = 1, 2\naxis.quantum = 20us, 30us\nmetric = events.page_faults[3]/' "$work/fails.ini" >"$work/zip.ini"
"$xenolith" lab "$work/zip.ini" --out "$work/zip" >"$work/out" 2>"$work/why"
is "zipped axes" "$? $(ls "$work/zip" | grep 'json$' | tr '\n' ' ')" "0 native-1-20us.json native-2-30us.json "
verdict
