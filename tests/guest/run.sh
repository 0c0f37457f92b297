#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# run.sh [NAME]...: boots each guest test (all without names) as Domain 0 of our hypervisor on the
# simulator, one cycle an instruction, and ends with a count. Needs B, the build folder (build).
set -u
. tests/guest/judge.sh
B=${B:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- $(ls tests/guest/*/main.c | cut -d/ -f3)
passed=0 failed=0
for name; do
    timeout 120 "$B/xenolith" boot "$B/hv/hv.elf" --module "$B/tests/guest/$name.elf" "" \
        --mem 256M --timing unit >"$work/$name" 2>"$work/notes" </dev/null
    if judge "$name" "$work/$name"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        grep -aE '^also: ' "$work/$name" | sed 's/^/    /'
        [ ! -s "$work/notes" ] || grep -v ' simulated, ' "$work/notes" | sed 's/^/    /'
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
