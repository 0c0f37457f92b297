#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# run.sh: Debian's i386 python3 and its own tests of numbers, in the bare kernel and in Domain 0.
# They compare libm, parsing and printing, and x87 and SSE below, with tables of exact results.
set -u
. tests/system/verdict.sh

image=$B/python/root.cpio
command="init=/sbin/init -- /usr/bin/python3 -B -m unittest test.test_math test.test_float test.test_cmath"
# numbers NAME WORDS...: the machine runs the tests, and all pass.
numbers() {
    name=$1
    shift
    timeout 1200 "$xenolith" boot "$@" --module "$image" --mem 512M --timing unit >"$work/out" 2>&1 </dev/null
    ran=$(tr -d '\r' <"$work/out" | sed -n 's/^Ran \([0-9]*\) tests in.*/\1/p')
    if [ "${ran:-0}" -gt 150 ] && tr -d '\r' <"$work/out" | grep -q '^OK'; then
        pass "$name: $ran tests of test_math, test_float and test_cmath"
    else
        fail "$name" "$(tail -n 4 "$work/out" | tr '\n' ' ')"
    fi
}
numbers native "$B/guestos/kernel-native.elf" "$command"
numbers xen "$B/hv/hv.elf" dom0_mem=256M --module "$B/guestos/kernel-xen.elf" "$command"
verdict
