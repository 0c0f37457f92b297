#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# run.sh [NAME]...: boots each guest test (all without names) as Domain 0 of our hypervisor on the
# simulator, with an audit of all frames at the end, and ends with a count. Whatever a test does,
# interrupts may wait for a millisecond at the most. A file `machine` in a test's folder holds more
# options of the simulator for it (@B@ is the build folder), and `typed` what is typed at its
# console: its command line tells the kernel so. What the hypervisor does not have stands in
# absent.txt with the reason; such a test has to fail, or the line is out of date. Needs B, the
# build folder (build). With JSON, a folder, each run leaves its result there.
set -u
. tests/guest/judge.sh
B=${B:-build}
work=$(mktemp -d)
results=${JSON:-$work}
[ -z "${JSON:-}" ] || mkdir -p "$JSON"
trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- $(ls tests/guest/*/main.c | cut -d/ -f3)
absent() {
    sed -n "s/^$1: //p" tests/guest/absent.txt
}
passed=0 failed=0 missing=0
for name; do
    arguments= typed=tests/guest/$name/typed
    if [ -e "$typed" ]; then arguments=typed; else typed=; fi
    timeout 300 "$B/xenolith" boot "$B/hv/hv.elf" audit --module "$B/tests/guest/$name.elf" "$arguments" ${typed:+--input "$typed"} \
        --mem 64M --timing full $(sed "s|@B@|$B|g" "tests/guest/$name/machine" 2>/dev/null) --json "$results/$name.json" \
        >"$work/$name" 2>"$work/notes" </dev/null
    verdict=$(judge "$name" "$work/$name")
    grep -aq '^(XEN) audit: 0 ' "$work/$name" || verdict="FAIL $name: the hypervisor's frames were not found right"
    late=$(soon "$results/$name.json")
    [ -z "$late" ] || verdict="FAIL $name: $late"
    reason=$(absent "$name")
    case $verdict in
    PASS*)
        if [ -n "$reason" ]; then
            failed=$((failed + 1))
            verdict="FAIL $name: passes, but absent.txt says: $reason"
        else
            passed=$((passed + 1))
        fi ;;
    *)
        if [ -n "$reason" ]; then
            missing=$((missing + 1))
            verdict="ABSENT $name: $reason"
        else
            failed=$((failed + 1))
        fi ;;
    esac
    echo "$verdict"
    case $verdict in FAIL*)
        grep -aE '^also: ' "$work/$name" | sed 's/^/    /'
        grep -v ' simulated, ' "$work/notes" | sed 's/^/    /' ;;
    esac
done
echo "$passed passed, $failed failed, $missing absent"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
