#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# insn.sh INSTRUCTIONS SEED [TIMING]...: generated instruction bytes (tests/fire/insn/generate.h) in
# ring 3, on the bare kernel and in a domain, and in ring 1 as a guest kernel. In ring 3 both
# systems and all timings have to report the same; in ring 1 all timings have to. A guest kernel
# that ends of what it did, and nobody else, is followed by the next seed. XENOLITH is another build
# of the simulator, one with sanitizers for example.
set -u
B=${B:-build}
xenolith=${XENOLITH:-$B/xenolith}
instructions=$1 seed=$2
shift 2
[ $# -gt 0 ] || set -- unit fast full
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
failed() {
    echo "FAIL insn: $*"
    status=1
}
echo "insn: $instructions instructions, seed $seed"

# What ended the simulator rather than the guest: a signal, a sanitizer, a refusal.
simulator_ended() {
    [ "$1" -ge 124 ] || grep -aqE 'runtime error|AddressSanitizer|libunicorn:|not simulated|abort' "$2"
}

ring3() {
    case $1 in
    native) set -- "$2" "$B/guestos/kernel-native.elf" "init=/sbin/init -- $instructions $seed" ;;
    xen) set -- "$2" "$B/hv/hv.elf" "" --module "$B/guestos/kernel-xen.elf" "init=/sbin/init -- $instructions $seed" ;;
    esac
    timing=$1
    shift
    timeout 3600 "$xenolith" boot "$@" --module "$B/tests/fire/insn.cpio" --mem 128M --timing "$timing" \
        >"$work/out" 2>&1 </dev/null
    ended=$?
    ! simulator_ended $ended "$work/out" || failed "ring 3, $timing: $(tail -n 1 "$work/out")"
    grep -a '^insn ' "$work/out"
}

for timing; do
    for system in native xen; do
        ring3 $system "$timing" >"$work/ring3-$system-$timing"
        [ -e "$work/ring3" ] || cp "$work/ring3-$system-$timing" "$work/ring3"
        last=$(tail -n 1 "$work/ring3-$system-$timing" | cut -d' ' -f2)
        [ "${last:-0}" -ge "$instructions" ] || failed "ring 3, $system, $timing: only ${last:-0} instructions"
        cmp -s "$work/ring3" "$work/ring3-$system-$timing" ||
            failed "ring 3, $system, $timing: differs at $(diff "$work/ring3" "$work/ring3-$system-$timing" | sed -n 2p)"
    done
done

for timing; do
    done=0 next=$seed
    : >"$work/ring1-$timing"
    while [ "$done" -lt "$instructions" ] && [ $((next - seed)) -lt 1000 ]; do
        timeout 3600 "$xenolith" boot "$B/hv/hv.elf" audit --module "$B/tests/fire/insn-ring1.elf" \
            "$((instructions - done)) seed=$next" --mem 64M --timing "$timing" >"$work/out" 2>&1 </dev/null
        ended=$?
        if simulator_ended $ended "$work/out"; then
            failed "ring 1, $timing, seed $next: $(tail -n 1 "$work/out")"
            break
        fi
        grep -a '^insn ' "$work/out" >>"$work/ring1-$timing"
        last=$(grep -a '^insn ' "$work/out" | tail -n 1 | cut -d' ' -f2)
        done=$((done + ${last:-0}))
        next=$((next + 1))
    done
    [ "$done" -ge "$instructions" ] || failed "ring 1, $timing: only $done instructions"
    [ -e "$work/ring1" ] || cp "$work/ring1-$timing" "$work/ring1"
    cmp -s "$work/ring1" "$work/ring1-$timing" ||
        failed "ring 1, $timing: differs at $(diff "$work/ring1" "$work/ring1-$timing" | sed -n 2p)"
done
[ $status -eq 0 ] && echo "PASS insn: rings 1 and 3, $*"
exit $status
