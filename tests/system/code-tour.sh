#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# code-tour.sh: docs/code-tour.md is true: its functions are in the files it names, and its script
# comes by them in its order. Cycles are not held: they depend on what the caches have.
set -u
. tests/system/verdict.sh
page=docs/code-tour.md

# Rows of the tables: `function` | file | cycles.
sed -n 's/^| `\([a-z_]*\)` | \([^ |]*\) |\( [0-9]* |\)\{0,1\}.*/\1 \2\3/p' "$page" | tr -d '|' >"$work/rows"
while read -r name file cycles; do
    [ -f "$file" ] && grep -Eq "(^|[^a-z_])$name( *\(|:|,|$)" "$file" || echo "$name is not in $file"
done <"$work/rows" >"$work/lost"
rows=$(wc -l <"$work/rows")
[ "$rows" -ge 20 ] && [ ! -s "$work/lost" ] && pass "$rows functions are where the page says" ||
    fail "functions are where the page says" "$rows rows; $(tr '\n' ';' <"$work/lost")"

sed 's/^[tn].*/&\nwhere/' docs/code-tour.script >"$work/script"
timeout 300 "$xenolith" step "$B/hv/hv.elf" --module "$B/guestos/kernel-xen.elf" \
    "init=/sbin/init -- xl create -n 2 /etc/xen/check.cfg ; sleep 1 ; xl list" \
    --module "$B/workloads/domain0.cpio" "" --timing full --script "$work/script" >"$work/out" 2>"$work/log" </dev/null
[ $? -eq 0 ] && pass "the script runs" || fail "the script runs" "$(tail -n 1 "$work/log")"
stops=$(grep -c '^to ' docs/code-tour.script)
[ "$(grep -c '^arrived at' "$work/out")" -eq "$stops" ] && pass "it comes by $stops functions" ||
    fail "it comes by $stops functions" "$(grep -c '^arrived at' "$work/out"); $(tail -n 1 "$work/out")"
for what in 'ring 3 to ring 1: system call write' 'ring 1 to ring 0: hypercall update_va_mapping' \
    'ring 0 to ring 1: iret' 'processor 0 switches from domain'; do
    grep -q "^$what" "$work/out" && pass "$what" || fail "$what" "not seen"
done

verdict
