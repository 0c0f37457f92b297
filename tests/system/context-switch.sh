#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# context-switch.sh: a switch between two processes costs the same whatever memory the domain has. A
# process's tree of page tables maps all of it, so it is large in a large domain, but neither taken
# nor returned by a switch. Two processes hand a byte to and fro, so many rounds and twice as many:
# the difference is the switches alone. It is a short one, too: stack, base pointer, and no more.
set -u
. tests/system/verdict.sh

rounds=3000
most=700 # instructions in ring 0
# play MEGABYTES ROUNDS TIMING: console in $work/out, result in $work/json.
play() {
    timeout 200 "$xenolith" boot "$B/hv/hv.elf" "dom0_mem=$1M" --module "$B/guestos/kernel-xen.elf" \
        "init=/sbin/init -- pingpong $2" --module "$work/image" --mem 1100M --timing "$3" --json "$work/json" \
        >"$work/out" 2>"$work/log" </dev/null
    tr -d '\r' <"$work/out" | grep -q '^pingpong: ' || fail "$1 MB" "$(tail -n 2 "$work/out" "$work/log" | tr '\n' ' ')"
}
ring0() {
    play "$1" "$2" unit
    jq '.events.instructions[0]' "$work/json"
}
nanoseconds() {
    play "$1" "$rounds" fast
    tr -d '\r' <"$work/out" | sed -n 's/^pingpong: .* rounds, \([0-9]*\) ns.*/\1/p'
}

workloads/make-image "$work/image" sbin/init="$B/workloads/bin/init" sbin/pingpong="$B/tests/pingpong"
for size in 128 500 900; do
    once=$(ring0 $size $rounds) twice=$(ring0 $size $((2 * rounds)))
    echo "$size $(((twice - once + rounds) / (2 * rounds))) $(nanoseconds $size)" >>"$work/costs"
done
# The clock's ticks fall where they fall: that is less than one instruction a switch.
read -r _ few some <"$work/costs"
while read -r size instructions time; do
    if [ "$instructions" -gt 0 ] && [ $((instructions - few)) -ge -1 ] && [ $((instructions - few)) -le 1 ]; then
        pass "$size MB: $instructions instructions of ring 0 a switch"
    else
        fail "$size MB" "$instructions instructions of ring 0 a switch, $few in the smallest domain"
    fi
    [ "$instructions" -le $most ] || fail "$size MB" "$instructions instructions of ring 0 a switch, more than $most"
    if [ "$time" -gt 0 ] && [ $((time * 100)) -le $((some * 102)) ] && [ $((time * 102)) -ge $((some * 100)) ]; then
        pass "$size MB: $time ns a switch"
    else
        fail "$size MB" "$time ns a switch, $some in the smallest domain"
    fi
done <"$work/costs"
verdict
