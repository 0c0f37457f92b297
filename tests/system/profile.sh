#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# profile.sh: every cycle is somebody's; calls are found through all rings; nothing changes.
set -u
. tests/system/verdict.sh

xen="$B/hv/hv.elf dom0_mem=64M --module $B/guestos/kernel-xen.elf"
machine() {
    kind=$1
    shift
    timeout 600 "$xenolith" $kind $xen "init=/sbin/init -- xl list ; sleep 1" \
        --module "$B/workloads/domain0.cpio" "" "$@" 2>"$work/err" >"$work/console"
}
program() {
    timeout 600 "$xenolith" profile run --program "$B/tests/callers" --symbols "$B/tests/callers" --start 1s --cpus 1 \
        --timing fast "$@" 2>"$work/err" >"$work/summary"
}

machine boot --cpus 2 --timing full --json "$work/boot.json"
machine profile --cpus 2 --timing full --json "$work/profile.json" --out "$work/folded" --form folded
expect "profiling changes no byte of a result" cmp "$work/boot.json" "$work/profile.json"
sum=$(awk '{ sum += $NF } END { printf "%.0f", sum }' "$work/folded")
expect "the sum is the clocks'" test "$sum" = "$(jq '.clock.cycles | add' "$work/profile.json")"

# Each domain has what the accounting gives it.
awk '{ cycles = $NF; sub(/ [0-9]+$/, ""); split($0, part, ";"); sum[part[1]] += cycles }
    END { for (name in sum) printf "%s %.0f\n", name, sum[name] }' "$work/folded" | sort >"$work/left"
jq -r '.contexts[] | "\(.name) \([.processors[].events | to_entries[] | select(.key | startswith("cycles_")) | .value | arrays | add] | add)"' \
    "$work/profile.json" | sort >"$work/right"
if [ -s "$work/left" ] && cmp -s "$work/left" "$work/right"; then
    pass "domains have their cycles"
else
    fail "domains have their cycles" "$(diff "$work/left" "$work/right" | head -n 4 | tr '\n' ' ')"
fi
expect "calls go through all rings" grep -Eq \
    '^domain 0;\(unknown\);vector_stubs;.*;syscall;sys_exit_group;.*;hypercall_page;hypercall_entry;.*do_multicall;.*do_mmu_update' \
    "$work/folded"

machine profile --out "$work/callgrind" --form callgrind --json "$work/callgrind.json"
callgrind_annotate --threshold=100 "$work/callgrind" >"$work/annotated" 2>&1
total=$(sed -n 's/^\([0-9,]*\) (100.0%)  PROGRAM TOTALS.*/\1/p' "$work/annotated" | tr -d ,)
expect "callgrind_annotate finds the clock" test "$total" = "$(jq '.clock.cycles | add' "$work/callgrind.json")"
expect "and functions with files and images" grep -Eq 'hv/mm/update\.c:do_mmu_update \[ring0\]' "$work/annotated"

# By instruction, which takes long: the beginning of a bare kernel.
bare() {
    timeout 600 "$xenolith" "$@" "$B/guestos/kernel-native.elf" "init=/sbin/init" \
        --module "$B/workloads/native.cpio" "" --timing full --for 30ms >"$work/console" 2>"$work/err"
}
bare profile --lines --out "$work/callgrind" --form callgrind --json "$work/lines.json"
bare boot --json "$work/boot.json"
expect "profiling by instruction changes nothing either" cmp "$work/boot.json" "$work/lines.json"
callgrind_annotate --threshold=100 "$work/callgrind" >"$work/annotated" 2>&1
total=$(sed -n 's/^\([0-9,]*\) (100.0%)  PROGRAM TOTALS.*/\1/p' "$work/annotated" | tr -d ,)
expect "and finds the clock" test "$total" = "$(jq '.clock.cycles | add' "$work/lines.json")"

# A program by its own symbols.
program --form table --out "$work/table"
expect "a program has its functions" grep -Eq ' 100  leaf \[callers\]$' "$work/table"
leaf=$(awk '$NF == "[callers]" && $(NF - 1) == "leaf" { print $1 }' "$work/table")
middle=$(awk '$NF == "[callers]" && $(NF - 1) == "middle" { print $3 }' "$work/table")
expect "with what they called" test "$middle" -ge "$leaf"
expect "a leaf of 100 times 1000 turns" test "$leaf" -ge 200000
program --form folded --out "$work/folded"
expect "by their callers" grep -Eq '^domain 1;.*;main;middle;leaf [0-9]+$' "$work/folded"
expect "and the kernel's below" grep -Eq '^domain 1;.*;main;(__)?getppid;.*vector_stubs;.*sys_getppid' "$work/folded"

# refuses NAME PATTERN WORD...
refuses() {
    name=$1
    pattern=$2
    shift 2
    machine profile "$@"
    if [ $? -eq 2 ] && grep -Eq -e "$pattern" "$work/err" && [ "$(wc -l <"$work/err")" -eq 1 ]; then
        pass "$name"
    else
        fail "$name" "$(head -n 2 "$work/err" | tr '\n' ' ')"
    fi
}
refuses "an unknown form" '--form dance: must be' --form dance
refuses "a program without symbols" 'has no symbols of i386' --symbols Makefile
refuses "a program that is not there" 'cannot read' --symbols "$work/no/where"
verdict
