#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# panic.sh: the hypervisor's end. Ended on purpose in three ways when Domain 0 ends, it says why,
# where and from where; the simulator adds names and the last hundred events, and the exit status is
# 3.
set -u
. tests/system/verdict.sh

# ends KIND REASON NAME...: with panic-test=KIND the console gives the reason, and the stack has the
# names.
ends() {
    kind=$1 reason=$2
    shift 2
    timeout 120 "$xenolith" boot "$B/hv/hv.elf" "panic-test=$kind" --module "$B/tests/guest/attack-long-multicall.elf" "" \
        --mem 64M --timing unit >"$work/out" 2>"$work/log" </dev/null
    status=$?
    if [ "$status" -ne 3 ]; then
        fail "$kind: exit status" "$status, not 3: $(tail -n 2 "$work/log" | tr '\n' ' ')"
    elif ! tr -d '\r' <"$work/out" | grep -Eq "^\\(XEN\\) panic: $reason"; then
        fail "$kind: reason" "no '$reason'; last: $(tail -n 2 "$work/out" | tr '\n' ' ')"
    else
        pass "$kind: $reason"
    fi
    for name; do
        if grep -Eq "^xenolith:   (at|from) +[0-9a-f]{8} $name\\+0x" "$work/log"; then
            pass "$kind: the stack names $name"
        else
            fail "$kind: the stack" "has no $name: $(grep -E '   (at|from)' "$work/log" | tr '\n' ' ')"
        fi
    done
    events=$(grep -Ec '^xenolith: +[0-9]+ cpu[01] context [0-9]+ [0-3]>[0-3] ' "$work/log")
    if [ "$events" -eq 100 ] && grep -Eq ' 1>0 int 0x82 eax [0-9a-f]+ at c0' "$work/log"; then
        pass "$kind: the last 100 events, hypercalls among them"
    else
        fail "$kind: events" "$events of them"
    fi
}

ends panic 'as the option panic-test wants it' panic_test domain_shutdown hypercall
ends fault 'exception in the hypervisor' panic_test domain_shutdown hypercall
ends stack 'double fault' panic_test

verdict
