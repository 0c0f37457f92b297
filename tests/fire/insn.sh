#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# insn.sh INSTRUCTIONS SEED [TIMING]...: generated instruction bytes (tests/fire/insn/generate.h) in
# ring 3, on the bare kernel and in a domain, and in ring 1 as a guest kernel. In ring 3 both
# systems and all timings have to report the same; in ring 1 all timings have to. A program or a
# guest kernel that ends of what it did, and nobody else, is followed by the next seed. XENOLITH is
# another build of the simulator, one with sanitizers for example.
set -u
B=${B:-build}
xenolith=${XENOLITH:-$B/xenolith}
instructions=$1 seed=$2
shift 2
[ $# -gt 0 ] || set -- unit fast full
timings=$*
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
failed() {
    echo "FAIL insn: $*"
    status=1
}
echo "insn: $instructions instructions, seed $seed"

# boot SYSTEM TIMING COUNT SEED: the simulator's exit status; its output in $work/out.
boot() {
    system=$1 timing=$2 root="--module $B/tests/fire/insn.cpio --mem 128M"
    case $system in
    native) set -- "$B/guestos/kernel-native.elf" "init=/sbin/init -- $3 $4" $root ;;
    xen) set -- "$B/hv/hv.elf" audit --module "$B/guestos/kernel-xen.elf" "init=/sbin/init -- $3 $4" $root ;;
    ring1) set -- "$B/hv/hv.elf" audit --module "$B/tests/fire/insn-ring1.elf" "$3 seed=$4" --mem 64M ;;
    esac
    timeout 3600 "$xenolith" boot "$@" --timing "$timing" >"$work/out" 2>&1 </dev/null
}

# What ended the simulator rather than the guest: a signal, a sanitizer, a refusal.
simulator_ended() {
    [ "$1" -ge 124 ] || grep -aqE 'runtime error|AddressSanitizer|libunicorn:|not simulated|abort' "$work/out"
}

frames_wrong() {
    grep -aq '^(XEN) audit: ' "$work/out" && ! grep -aq '^(XEN) audit: 0 ' "$work/out"
}

# run SYSTEM TIMING REPORTS: as many seeds as it takes.
run() {
    system=$1 timing=$2 done=0 next=$seed
    : >"$3"
    while [ "$done" -lt "$instructions" ] && [ $((next - seed)) -lt 1000 ]; do
        boot "$system" "$timing" $((instructions - done)) $next
        ended=$?
        if simulator_ended $ended; then
            failed "$system, $timing, seed $next: $(tail -n 1 "$work/out")"
            return
        fi
        ! frames_wrong || failed "$system, $timing, seed $next: $(grep -a '^(XEN) audit: ' "$work/out")"
        grep -a '^insn ' "$work/out" >>"$3"
        last=$(grep -a '^insn ' "$work/out" | tail -n 1 | cut -d' ' -f2)
        done=$((done + ${last:-0}))
        next=$((next + 1))
    done
    [ "$done" -ge "$instructions" ] || failed "$system, $timing: only $done instructions"
    echo "insn: $system, $timing: $done instructions of $((next - seed)) seeds"
}

# compare RING SYSTEM TIMING: with what was reported first in that ring.
compare() {
    run "$2" "$3" "$work/reports"
    [ -e "$work/$1" ] || cp "$work/reports" "$work/$1"
    cmp -s "$work/$1" "$work/reports" ||
        failed "$2, $3: differs at $(diff "$work/$1" "$work/reports" | sed -n 2p)"
}

for timing in $timings; do
    compare 3 native "$timing"
    compare 3 xen "$timing"
    compare 1 ring1 "$timing"
done
[ $status -eq 0 ] && echo "PASS insn: rings 1 and 3, $timings"
exit $status
