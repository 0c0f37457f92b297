#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# timer-events.sh: --timer-events gives a domain that has stopped its ticker an event so
# often. It takes them and works on; twice as often is twice as many; nonsense is refused.
set -u
. tests/system/verdict.sh

upcalls() { jq .supervisor.upcalls "$work/$1.json"; }

for every in none 5ms 10ms; do
    option=
    [ $every = none ] || option="--timer-events $every"
    expect "$every: runs" timeout 300 "$xenolith" run --system xen --domains 1 --cpus 1 --for 100ms --exact \
        --workload cint/algebra $option --json "$work/$every.json"
    [ "$(jq '.work.units > 0' "$work/$every.json")" = true ] && pass "$every: works" || fail "$every" "no units"
done
more=$(($(upcalls 5ms) - $(upcalls none))) less=$(($(upcalls 10ms) - $(upcalls none)))
[ $more -ge 18 ] && [ $more -le 22 ] && pass "every 5 ms: $more more in 100 ms" || fail "every 5 ms" "$more more in 100 ms"
[ $less -ge 9 ] && [ $less -le 11 ] && pass "every 10 ms: $less more" || fail "every 10 ms" "$less more"
for word in "--timer-events 10us" "--timer-events 2s" "--timer-events x" "--system native --timer-events 20ms"; do
    "$xenolith" run $word --for 1ms >/dev/null 2>"$work/stderr"
    [ $? -eq 2 ] && [ "$(wc -l <"$work/stderr")" -eq 1 ] && pass "$word is refused" || fail "$word" "$(head -n 2 "$work/stderr")"
done

verdict
