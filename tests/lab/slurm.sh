#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# slurm.sh: a sweep of fifty points over three axes runs here and as a job array of Slurm's to
# identical data bases; both are interrupted halfway and resumed, and nothing is lost or doubled.
set -u
. tests/system/verdict.sh
. tests/lab/slurm-here.sh
trap 'slurm_end; rm -rf "$work"' EXIT
slurm_begin 2 || exit 1

cat >"$work/sweep.ini" <<'END'
[experiment]
name = sweep
timing = fast
system = native
for = 1ms
exact = yes
axis.domains = 1, 2, 3, 4, 5
axis.quantum = 20us, 40us
axis.cost.cr3_load = 0, 250, 500, 750, 1000
[plain]
label = as it is
END
lab() {
    out=$1
    shift
    "$xenolith" lab "$work/sweep.ini" --out "$work/$out" --db "$work/$out.db" "$@" >"$work/$out.out" 2>"$work/$out.err"
}
is() {
    [ "$2" = "$3" ] && pass "$1" || fail "$1" "'$2', not '$3': $(tail -n 3 "$work"/*.err)"
}
content() {
    sqlite3 "$work/$1.db" .dump | sha256sum
}
keys() {
    ls "$work/$1" 2>/dev/null | grep -c '\.key$'
}
# until_keys OUT COUNT
until_keys() {
    tries=0
    until [ "$(keys "$1")" -ge "$2" ] || [ $tries -gt 1200 ]; do
        tries=$((tries + 1))
        sleep 0.1
    done
}

lab here
is "here" "$? $(keys here)" "0 50"

lab there --engine slurm
is "by Slurm" "$? $(keys there)" "0 50"
expect "as a job with limits from a measured point" grep -q '^job [0-9]*: 49 tasks, each at most [0-9]* MB' "$work/there.err"
is "to the same data base" "$(content there)" "$(content here)"
is "and the same table" "$(sha256sum <"$work/there/sweep.csv")" "$(sha256sum <"$work/here/sweep.csv")"

# Who waits is killed; the job goes on, and is found again.
"$xenolith" lab "$work/sweep.ini" --out "$work/left" --db "$work/left.db" --engine slurm >"$work/left.out" 2>"$work/left.err" &
pid=$!
until_keys left 10
kill -TERM $pid
wait $pid
is "interrupted by TERM" $? 143
lab left --engine slurm --resume
is "found again" "$? $(keys left)" "0 50"
expect "the same job" grep -q 'of an earlier call goes on' "$work/left.err"
is "nothing lost, nothing doubled" "$(content left)" "$(content here)"

# The job itself is cancelled halfway, and who waits with it.
"$xenolith" lab "$work/sweep.ini" --out "$work/cut" --db "$work/cut.db" --engine slurm >"$work/cut.out" 2>"$work/cut.err" &
pid=$!
until_keys cut 10
kill -KILL $pid
wait $pid 2>/dev/null
scancel "$(cat "$work/cut/slurm/job")"
tries=0
while squeue -h | grep -q . && [ $tries -lt 100 ]; do
    tries=$((tries + 1))
    sleep 0.2
done
before=$(keys cut)
[ "$before" -lt 50 ] && pass "cancelled at $before points" || fail "cancelled halfway" "$before"
rm -f "$work/cut.db" # the collecting job has written what there was
lab cut --engine slurm --resume
is "resumed" "$? $(keys cut)" "0 50"
is "nothing lost, nothing doubled" "$(content cut)" "$(content here)"

# Nobody waits: the collecting job does it.
"$xenolith" lab "$work/sweep.ini" --out "$work/alone" --db "$work/alone.db" --engine slurm --points 1,2 >"$work/alone.out" 2>"$work/alone.err" &
pid=$!
until_keys alone 3
kill -KILL $pid
wait $pid 2>/dev/null
tries=0
while squeue -h | grep -q . && [ $tries -lt 300 ]; do
    tries=$((tries + 1))
    sleep 0.2
done
is "a collecting job fills the data base" "$("$xenolith" db "$work/alone.db" list --format csv | wc -l)" 21
SLURM_CONF=/nowhere/slurm.conf "$xenolith" lab "$work/sweep.ini" --out "$work/none" --engine slurm --points plain-1-20us-0,plain-2-20us-0 >"$work/none.out" 2>"$work/none.err"
is "without Slurm it says so" "$? $(grep -c 'sbatch' "$work/none.err")" "1 1"
verdict
