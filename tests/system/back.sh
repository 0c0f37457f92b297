#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# back.sh [long [STOPS]]: a machine that goes back is where it was, to the last bit, and counts in
# the end what it counts without; whoever goes away, face or engine, leaves no process. `long`:
# every mode, and so many stops.
set -u
. tests/system/verdict.sh

xen="$B/hv/hv.elf --module $B/guestos/kernel-xen.elf"
root="$B/workloads/domain0.cpio"
# stepped MODE OPTION...: obeys $work/script
stepped() {
    mode=$1
    shift
    timeout 900 "$xenolith" step $xen "init=/sbin/init -- sleep 1 ; xl list" --module "$root" "" \
        $mode --script "$work/script" "$@" >"$work/out" 2>"$work/err" </dev/null
}

# Each `where` after the first is to show what the first did.
cat >"$work/there-and-back" <<'END'
next syscall write
where
mark here
registers
back
step
where
registers
back 7
step 7
where
next hypercall
next crossing
back syscall
where
next syscall
goto here
where
back 200000
goto here
where
next switch
back switch
next event
back update
goto here
where
registers
END
modes="--timing=fast"
[ "${1:-}" != long ] || modes="--timing=unit --timing=fast --timing=full --timing=fast,--cpus=2 --timing=full,--cpus=2"
for mode in $modes; do
    options=$(echo "$mode" | tr ',=' '  ')
    { cat "$work/there-and-back"; printf 'break do_sched_op\nrun\nrun\nback run\nback run\ngoto here\nwhere\nclear do_sched_op\nrun\n'; } >"$work/script"
    expect "a script goes back and forth, $mode" stepped "$options" --json "$work/step.json"
    same=$(grep -c '^instruction' "$work/out")
    [ "$same" -eq 8 ] && [ "$(grep '^instruction' "$work/out" | sort -u | wc -l)" -eq 1 ] &&
        pass "it is where it was each time, $mode" ||
        fail "it is where it was each time, $mode" "$same: $(grep '^instruction' "$work/out" | sort -u | head -n 3 | tr '\n' ' ')"
    [ "$(grep '^eip' "$work/out" | tr '*' ' ' | sort -u | wc -l)" -eq 1 ] &&
        pass "with the registers that it had, $mode" || fail "with the registers that it had, $mode" "others"
    met=$(grep -c '^breakpoint at do_sched_op' "$work/out")
    [ "$met" -ge 3 ] && pass "breakpoints are met backwards, $mode" ||
        fail "breakpoints are met backwards, $mode" "$met times"
    timeout 300 "$xenolith" boot $xen "init=/sbin/init -- sleep 1 ; xl list" --module "$root" "" \
        $options --json "$work/boot.json" >"$work/console" 2>&1 </dev/null
    for kind in step boot; do
        jq 'del(.command, .configuration.command_line)' "$work/$kind.json" >"$work/$kind.counts"
    done
    expect "the counts are those of a run that nobody stopped, $mode" cmp "$work/step.counts" "$work/boot.counts"
done

# Stops after every 7th instruction of a million change nothing: minutes.
if [ "${1:-}" = long ]; then
    { echo 'next syscall write'; yes 'step 7' | head -n "${2:-142858}"; echo run; } >"$work/script"
    expect "a million instructions are stopped in every 7th" stepped "--timing full" --json "$work/step.json"
    expect "as often as that" test "$(grep -c '^7 instructions on' "$work/out")" -eq "${2:-142858}"
    timeout 300 "$xenolith" boot $xen "init=/sbin/init -- sleep 1 ; xl list" --module "$root" "" \
        --timing full --json "$work/boot.json" >"$work/console" 2>&1 </dev/null
    for kind in step boot; do
        jq 'del(.command, .configuration.command_line)' "$work/$kind.json" >"$work/$kind.counts"
    done
    expect "and counts are those of a run without" cmp "$work/step.counts" "$work/boot.counts"
fi

# The console is shown once, however often it is gone through.
printf 'next syscall write\nnext syscall write\nback 2000000\nnext syscall write\nnext syscall write\nrun\n' >"$work/script"
stepped "" --console
grep -c 'Domain-0\|ID  *Mem' "$work/console" >"$work/wanted"
grep -c 'Domain-0\|ID  *Mem' "$work/err" >"$work/shown"
expect "the console is shown once" cmp "$work/wanted" "$work/shown"

# ---- who goes away ------------------------------------------------------------------------------
# left NAME: no engine is left; a process may take a moment to end
left() {
    tries=0
    while pgrep -f "step $xen.*$work/script" >"$work/pids" && [ $tries -lt 50 ]; do
        tries=$((tries + 1))
        sleep 0.2
    done
    [ -s "$work/pids" ] && fail "$1" "$(wc -l <"$work/pids") processes are left" || pass "$1"
}

# begun: a run that will not end goes on, and has gone back before; its process is $face
begun() {
    printf 'next crossing\nback\nto cycle 9999999999999\n' >"$work/script"
    "$xenolith" step $xen "init=/sbin/init -- sleep 6000" --module "$root" "" --script "$work/script" \
        >"$work/out" 2>"$work/err" </dev/null &
    face=$!
    tries=0
    while ! grep -q 'back, at' "$work/out" && [ $tries -lt 300 ]; do
        tries=$((tries + 1))
        sleep 0.2
    done
}

for signal in KILL TERM; do
    begun
    kill -$signal "$face"
    wait "$face" 2>/dev/null
    left "a face that is ended by $signal ends the engines"
done
begun
for engine in $(pgrep -f "step $xen.*$work/script"); do
    [ "$engine" = "$face" ] || kill -KILL "$engine"
done
wait "$face"
[ $? -eq 2 ] && grep -q 'the process that has the machine is gone' "$work/err" &&
    pass "an engine that goes away leaves a sentence" ||
    fail "an engine that goes away leaves a sentence" "$(tail -n 1 "$work/err")"
left "and no process"

verdict
