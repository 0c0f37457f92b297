#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# schema.sh: results of every command that writes one hold what docs/result.schema.json says, and
# results with a value too many, too few, or of another type do not.
set -u
. tests/system/verdict.sh

schema=docs/result.schema.json

# holds FILE: by Debian's python3-jsonschema.
holds() {
    /usr/bin/python3 -c '
import json, sys
from jsonschema import Draft202012Validator
schema = json.load(open(sys.argv[1]))
Draft202012Validator.check_schema(schema)
errors = list(Draft202012Validator(schema).iter_errors(json.load(open(sys.argv[2]))))
for error in errors[:3]:
    print("/".join(map(str, error.absolute_path)), error.message[:200])
sys.exit(bool(errors))' "$schema" "$1"
}

expect "xen: runs" "$xenolith" run --timing fast --domains 2 --for 5ms --json "$work/xen.json"
expect "native: runs" "$xenolith" run --system native --domains 1 --for 1ms --json "$work/native.json"
expect "boot: runs" "$xenolith" boot "$B/hv/hv.elf" --module "$B/guestos/kernel-xen.elf" \
    "init=/sbin/init -- xl list" --module "$B/workloads/domain0.cpio" --for 20ms --json "$work/boot.json"
for result in xen native boot; do
    expect "$result: holds what the schema says" holds "$work/$result.json"
done

# refuses NAME FILTER: the result, changed by a jq filter, must not hold.
refuses() {
    jq "$2" "$work/xen.json" >"$work/changed.json"
    if holds "$work/changed.json" >"$work/why"; then
        fail "$1" "it was taken"
    else
        pass "$1"
    fi
}
refuses "a value too many" '.work.more = 1'
refuses "a value too few" 'del(.clock.hz)'
refuses "another type" '.contexts[0].units = "3"'
refuses "null where there is none" '.clock.hz = null'
refuses "another version" '.schema = "xenolith-result/0"'

# What was run stands in the result, and is enough to run it again.
jq -r '.configuration.command_line[1:][]' "$work/xen.json" >"$work/words"
expect "the command line is there" grep -qx -- --domains=2 "$work/words"
expect "and runs again" xargs -d '\n' -a "$work/words" "$xenolith" run --json "$work/again.json"
expect "to the same bytes" cmp "$work/xen.json" "$work/again.json"
jq -j .configuration.machine_file.text "$work/xen.json" >"$work/machine.ini"
expect "the machine's description is there" cmp "$work/machine.ini" machines/xeon-2400.ini
expect "and the revision" jq -e '.revision == null or (.revision | test("^[0-9a-f]{40}(-dirty)?$"))' "$work/xen.json"
expect "the window is whole rounds" jq -e '.configuration.window_ns == 5000000' "$work/xen.json"

verdict
