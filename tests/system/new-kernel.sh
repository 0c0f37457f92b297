#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# new-kernel.sh: the kernel of a course's first day is made outside of the tree, builds there with
# nothing else, boots as a domain and says PASS; so do the solutions of the exercises.
set -u
. tests/system/verdict.sh
program=$(cd "$(dirname "$xenolith")" && pwd)/xenolith

expect "a kernel outside of the tree" course/new-kernel "$work/hello" "$program"
course/new-kernel "$work/hello" >/dev/null 2>&1 && fail "a second one of the name is refused" "made" ||
    pass "a second one of the name is refused"
unset MAKEFLAGS MFLAGS MAKELEVEL
# boots NAME: what lies there as main.c says PASS, and what it is asked for.
boots() {
    make -C "$work/hello" run >"$work/out" 2>&1 </dev/null
    grep -q '^PASS hello' "$work/out" && ! grep -q warning "$work/out" && pass "$1" ||
        fail "$1" "$(grep -a 'warning\|rror\|FAIL\|xl:' "$work/out" | head -n 2 | tr '\n' ' ')"
}
boots "it builds and boots"
grep -q '^hello from ring 1, domain with 4096 pages' "$work/out" && pass "it tells of itself" ||
    fail "it tells of itself" "$(head -n 3 "$work/out" | tr '\n' ' ')"
for solution in course/solutions/*.c; do
    cp "$solution" "$work/hello/main.c"
    boots "$solution"
done
# A verdict that cannot fail is none.
sed 's/-ENOSYS/-EPERM/' course/solutions/1-who-am-i.c >"$work/hello/main.c"
make -C "$work/hello" run >"$work/out" 2>&1 </dev/null
grep -q '^FAIL hello' "$work/out" && pass "a wrong answer is a FAIL" || fail "a wrong answer is a FAIL" "$(tail -n 1 "$work/out")"
verdict
