#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# clocks.sh: both kernels' clocks against the simulated one, over a minute, in each timing; and the
# date that Domain 0 sets, which all domains have then, but for one that has set its own.
set -u
. tests/system/verdict.sh

workloads/make-image "$work/image" sbin/init="$B/workloads/bin/init" sbin/clocks="$B/tests/clocks"
# rate NAME TIMING WORDS...
rate() {
    name="$1, $2" timing=$2
    shift 2
    line=$(timeout 200 "$xenolith" boot "$@" --module "$work/image" --timing "$timing" 2>/dev/null </dev/null |
        tr -d '\r' | grep '^clocks: ')
    if echo "$line" | awk 'function off(x) { return x < 0 ? -x : x }
            END { exit !(off($3) < 1 && off($6) < 1 && $8 >= 60) }'; then
        pass "$name: ${line#clocks: }"
    else
        fail "$name" "$line"
    fi
}
for timing in unit fast full; do
    rate native $timing "$B/guestos/kernel-native.elf" "init=/sbin/init -- clocks rate 61 2400e6"
    rate xen $timing "$B/hv/hv.elf" --module "$B/guestos/kernel-xen.elf" "init=/sbin/init -- clocks rate 61 2400e6"
done

# Two domains tell the time, one of which has set its own; Domain 0 sets it a while later.
timeout 200 "$xenolith" shell --memory 128M --add "$work/image=/image" --add "$B/tests/clocks=/sbin/clocks" \
    --command "start() { xl create -c -F name=\$1 memory=16 kernel=/boot/kernel-xen.elf ramdisk=/image \
            \"extra=quiet init=/sbin/init -- \$2 clocks say 6\" </dev/null >/tmp/\$1 2>&1 & }
        xend >/dev/null 2>&1; start one; start two 'clocks set 1000000000 ;'
        sleep 3; clocks set 2000000000; clocks set 1 2>&1; wait; cat /tmp/one; echo two; cat /tmp/two" \
    2>/dev/null >"$work/out"
tr -d '\r' <"$work/out" | awk '/^two/ { who = 1 } /^clocks: / { print who + 0, $2 }' >"$work/times"
# between NAME LINES LOW HIGH: so many lines of the times are between the two
between() {
    lines=$(awk -v who="$5" -v low="$3" -v high="$4" '$1 == who && $2 >= low && $2 < high' "$work/times" | wc -l)
    if [ "$lines" -ge "$2" ]; then
        pass "$1"
    else
        fail "$1" "$lines lines; $(tr '\n' ';' <"$work/times")"
    fi
}
between "Domain 0 sets the date" 1 2000000000 2000000002 0
between "a domain that runs has it" 4 2000000000 2000000010 0
between "a domain with its own keeps that" 7 1000000000 1000000010 1
if grep -q '^clocks: Invalid argument' "$work/out"; then
    pass "a date before the machine's start is refused"
else
    fail "a date before the machine's start is refused" "$(cat "$work/out")"
fi
verdict
