#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# slowed.sh: is a slower hypervisor noticed, and its commit named? Functions are drawn by a seed,
# which is printed, until ten have been found that the benchmark runs. Each in turn is given twenty
# rounds of an empty loop. `gate` must differ wherever the cycles of ring 0 moved by more than the
# tolerance; then `bisect` must name the commit among others that change nothing. The functions, the
# build and the benchmark are those of this tree's commit; nothing here is changed.
set -u
. tests/system/verdict.sh
seed=${SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}
wanted=${FUNCTIONS:-10}
tolerance=0.5
here=$(pwd)
tree=$work/tree
unset MAKEFLAGS MAKELEVEL MFLAGS
echo "seed $seed (SEED=$seed repeats this)"

git clone -q --shared . "$tree" || exit 1
cat >"$work/slow.ini" <<END
[fork]
title = processes forked and executed in a domain
hv = build/hv/hv.elf
kernel = $here/$B/guestos/kernel-xen.elf
ramdisk = $here/$B/workloads/domain0.cpio
program = $here/$B/workloads/bin/latency
files = $here/$B/workloads/latency/files
args = one 'exec proc' 2
cpus = 1
memory = 48M
only = events.instructions[[]0], events.cycles_*[[]0]
tolerance = $tolerance%
END
build="make -j2 build/hv/hv.elf"

# within COMMAND...: in the copy.
within() {
    (cd "$tree" && "$@")
}
gate() {
    within "$here/$xenolith" gate "$work/slow.ini" --out "$work/state" "$@" >"$work/said" 2>&1
}
commit() {
    within git -c user.name=tester -c user.email=tester@example.org commit -q -a -m "$1"
}
# Cycles and instructions of ring 0 in the last result.
cycles() {
    jq '[.events | to_entries[] | select(.key | startswith("cycles_")) | .value[0]] | add' "$work/state/fork.json"
}
instructions() {
    jq '.events.instructions[0]' "$work/state/fork.json"
}

# slow FILE LINE: the body that begins at or after a line.
slow() {
    awk -v line="$2" '{ print } NR >= line && /^{/ && !done {
        print "    for (int slow_ = 0; slow_ < 20; slow_++)\n        __asm__ volatile(\"\");"
        done = 1
    }' "$tree/$1" >"$work/slowed" && cp "$work/slowed" "$tree/$1"
}

within sh -c "$build" >"$work/build.log" 2>&1 || { tail "$work/build.log"; exit 1; }
gate --update "the hypervisor as it is"
before=$(cycles) count=$(instructions)
base=$(within git rev-parse HEAD)

# Functions of C sources, in an order that the seed gives: name, file, line.
nm "$tree/build/hv/hv.elf" | awk '$2 ~ /[tT]/ { print $1, $3 }' | while read -r address name; do
    place=$(addr2line -e "$tree/build/hv/hv.elf" "0x$address")
    case $place in
    */hv/*.c:* | ./hv/*.c:* | hv/*.c:*) echo "$name hv/${place##*hv/}" ;;
    esac
done | sed 's/\.[a-z]*\.[0-9]* / /; s/:/ /; s/ (disc.*//' | sort -u |
    awk -v seed="$seed" 'BEGIN { srand(seed) } { print rand(), $0 }' | sort -n | cut -d' ' -f2- >"$work/functions"
echo "$(wc -l <"$work/functions") functions to draw from"

found=0 caught=0
while read -r name file line && [ $found -lt "$wanted" ]; do
    within git checkout -q --detach "$base"
    slow "$file" "$line"
    if ! within sh -c "$build" >"$work/build.log" 2>&1; then
        echo "$name: does not build so"
        within git checkout -q -- .
        continue
    fi
    gate
    status=$?
    after=$(cycles)
    if [ "$(instructions)" -eq "$count" ]; then
        within git checkout -q -- . # the benchmark does not run it
        continue
    fi
    found=$((found + 1))
    share=$(awk -v a="$after" -v b="$before" 'BEGIN { printf "%.3f", 100 * (a - b) / b }')
    over=$(awk -v s="$share" -v t=$tolerance 'BEGIN { print (s > t) }')
    what="$name ($file): ring 0 $share %"
    if [ "$over" -eq 0 ]; then
        [ $status -le 1 ] && pass "$what: within the tolerance" || fail "$what" "$(tail -n 3 "$work/said")"
        within git checkout -q -- .
        continue
    fi
    [ $status -eq 1 ] && pass "$what: caught" || { fail "$what: not caught" "$(cat "$work/said")"; continue; }
    caught=$((caught + 1))

    # A history in which that is one of seven commits.
    cp "$tree/$file" "$work/slowed"
    within git checkout -q -- .
    at=$((1 + (seed + found) % 7))
    for i in 1 2 3 4 5 6 7; do
        echo "/* $i */" >>"$tree/hv/core/main.c"
        [ $i -ne $at ] || cp "$work/slowed" "$tree/$file"
        [ $i -ne $at ] || [ "$file" != hv/core/main.c ] || echo "/* $i */" >>"$tree/$file"
        commit "change $i"
        [ $i -ne $at ] || expected=$(within git rev-parse HEAD)
    done
    if "$xenolith" bisect --repo "$tree" --out "$work/bisect" --build "$build" "$base" "$(within git rev-parse HEAD)" \
        "$work/slow.ini:fork" >"$work/said" 2>&1 && grep -q "first differs at $expected" "$work/said"; then
        pass "$name: commit $at of 7 is named"
    else
        fail "$name: commit $at of 7 is named" "$(tail -n 4 "$work/said")"
    fi
done <"$work/functions"
echo "$found functions that the benchmark runs, $caught beyond the tolerance"
[ $found -eq "$wanted" ] || fail "enough functions" "$found"
verdict
