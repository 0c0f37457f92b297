#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# db.sh: results in a data base: what a file says and what is selected are the same; the same result
# is added once; several programs write at once; a million values answer at once; what is not a data
# base of ours is refused.
set -u
. tests/system/verdict.sh

db=$work/results.db
for domains in 1 2; do
    for system in xen native; do
        expect "$system, $domains: runs" "$xenolith" run --timing fast --system $system --domains $domains \
            --for 1ms --json "$work/$system-$domains.json" --csv "$work/$system-$domains.csv" --db "$db"
    done
done
expect "a file that is there already is added once" "$xenolith" db "$db" add "$work/xen-1.json"

is() {
    if [ "$2" = "$3" ]; then
        pass "$1"
    else
        fail "$1" "'$2', not '$3'"
    fi
}

is "four runs" "$("$xenolith" db "$db" list --format csv | wc -l)" 5
is "a line a run" "$("$xenolith" db "$db" select configuration.domains configuration.system --format csv |
    cut -d, -f 1,3- | tr '\n' ' ')" \
    "run,configuration.domains,configuration.system 1,1,xen 2,1,native 3,2,xen 4,2,native "
is "only those of which it holds" "$("$xenolith" db "$db" select configuration.system --format csv \
    --where configuration.domains=2 --where 'configuration.system!=xen' | tail -n +2)" "4,,native"
is "numbers are compared as numbers" "$("$xenolith" db "$db" select configuration.system --format csv \
    --where 'configuration.memory_bytes>900' | wc -l)" 5
is "of texts too" "$("$xenolith" db "$db" select configuration.system --format csv \
    --where 'configuration.machine.cpu.clock>900' --where configuration.system=native | wc -l)" 3
is "brackets are part of names" "$("$xenolith" db "$db" select 'events.instructions[*' --format csv | head -n 1)" \
    "run,label,events.instructions[0],events.instructions[1],events.instructions[2],events.instructions[3]"

counts='^\(clock\|masked\|work\|events\|crossings\|syscalls\|supervisor\|reasons\|contexts\|checks\)[.[]'
# Every value that the CSV form has, by the same name, with the same unit.
"$xenolith" db "$db" export --where configuration.domains=2 --where configuration.system=xen --format csv |
    tail -n +2 | cut -d, -f 2- | grep "$counts" | sort >"$work/exported"
tail -n +2 "$work/xen-2.csv" | grep "$counts" | sed 's/,"",/,,/; s/\(\.[0-9]*[1-9]\)0*,/\1,/; s/\.0*,/.0,/' | sort >"$work/csv"
diff "$work/csv" "$work/exported" >"$work/diff" && pass "the values of --csv" ||
    fail "the values of --csv" "$(head -n 4 "$work/diff")"
is "and there are many" "$(($(wc -l <"$work/csv") > 500))" 1
expect "JSON is JSON" sh -c "'$xenolith' db '$db' export --format json | jq -e 'length > 2500'"
is "the view, for other programs" \
    "$(sqlite3 "$db" "SELECT value FROM result WHERE run = 3 AND name = 'configuration.domains'")" 2

# Eight at once, each with results of its own.
for i in 1 2 3 4 5 6 7 8; do
    mkdir "$work/w$i"
    for k in 1 2 3 4 5; do
        jq ".work.units = $i$k" "$work/xen-2.json" >"$work/w$i/$k.json"
    done
    "$xenolith" db "$work/many.db" add "$work/w$i"/*.json 2>"$work/w$i/log" &
    writers="${writers:-} $!"
done
good=0
for writer in $writers; do
    wait "$writer" && good=$((good + 1))
done
is "eight writers at once" "$good $(cat "$work"/w*/log)" "8 "
is "lose nothing and double nothing" \
    "$("$xenolith" db "$work/many.db" select work.units --format csv | tail -n +2 | cut -d, -f 3 | sort -n | tr '\n' ' ')" \
    "$(for i in 1 2 3 4 5 6 7 8; do for k in 1 2 3 4 5; do printf '%s ' $i$k; done; done)"

# A million values: the runs again, by SQL.
values=$(sqlite3 "$work/many.db" 'SELECT count(*) FROM value WHERE run = 1')
runs=$((1000000 / values + 1))
sqlite3 "$work/many.db" "WITH RECURSIVE n(i) AS (SELECT 41 UNION ALL SELECT i + 1 FROM n WHERE i < $runs)
    INSERT INTO run (id, digest) SELECT i, 'made ' || i FROM n;
    INSERT INTO value (name, run, value) SELECT value.name, run.id, value.value FROM run JOIN value
    WHERE run.id > 40 AND value.run = 1;"
is "a million values" "$(($(sqlite3 "$work/many.db" 'SELECT count(*) FROM value') >= 1000000))" 1
expect "answer at once" sh -c "ulimit -t 2; '$xenolith' db '$work/many.db' select work.units \
    'events.cycles_*[3]' --where configuration.domains=2 --format csv | awk 'END { exit NR != $runs + 1 }'"

# refused NAME SENTENCE ARGUMENT...: exit 2, one line, and the file is as before.
refused() {
    name=$1 sentence=$2
    shift 2
    "$xenolith" "$@" >"$work/out" 2>"$work/log"
    status=$?
    if [ $status -eq 2 ] && [ "$(wc -l <"$work/log")" -eq 1 ] && grep -q "$sentence" "$work/log" && [ ! -s "$work/out" ]; then
        pass "refused: $name"
    else
        fail "refused: $name" "status $status: $(cat "$work/log")"
    fi
}
echo "no data base at all, but a text that is long enough to have a header of a hundred bytes, which
SQLite reads before it says so" >"$work/text"
sqlite3 "$work/other.db" 'CREATE TABLE other (x)'
cp "$db" "$work/later.db"
sqlite3 "$work/later.db" 'PRAGMA user_version = 99'
head -c 20000 "$db" >"$work/cut.db"
: >"$work/empty.db"
refused "no file" "needs a file" db
refused "no action" "needs a file" db "$db"
refused "no such action" "not frobnicate" db "$db" frobnicate
refused "an absent file" "unable to open" db "$work/absent.db" list
refused "a text" "not a database" db "$work/text" list
refused "another's" "not a data base of results" db "$work/other.db" list
refused "another's, to write" "not a data base of results" db "$work/other.db" add "$work/xen-1.json"
refused "of a later version" "later version" db "$work/later.db" list
refused "half of one" "malformed" db "$work/cut.db" export
refused "an empty file" "not a data base of results" db "$work/empty.db" list
refused "no result" "is not a result" db "$db" add "$work/text"
refused "a name that nobody has" "no result has" db "$db" select work.unit
refused "no names" "needs names" db "$db" select
refused "words too many" "takes no" db "$db" list all
refused "a condition without operator" "must be NAME=VALUE" db "$db" list --where work.units
refused "a form" "must be text" db "$db" list --format xml
refused "run: another's" "not a data base of results" run --for 1ms --db "$work/other.db"
refused "run: an absent folder" "cannot write" run --for 1ms --db "$work/absent/x.db"
[ ! -e "$work/absent.db" ] && pass "nothing was made" || fail "nothing was made" "absent.db"
is "and nothing added" "$("$xenolith" db "$db" list --format csv | wc -l)" 5

# What a file says does not steer a terminal.
jq '.configuration.workload = "\u001b[2Jx"' "$work/xen-1.json" >"$work/steers.json"
"$xenolith" db "$db" add "$work/steers.json"
"$xenolith" db "$db" list | grep -q "$(printf '\033')" && fail "no control bytes" "there is one" ||
    pass "no control bytes"

verdict
