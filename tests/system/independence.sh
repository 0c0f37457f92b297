#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# independence.sh: what must not show in a result does not. Whole machines whose caches and TLBs are
# told of every access give the bytes of those that are told behind the filter; so do runs whose
# console is shown to a slow reader, and runs beside other work. One processor is not told where one
# turn ends and the next begins.
set -u
. tests/system/verdict.sh

# measures NAME OPTION...: a short run with a result in $work/NAME.json.
measures() {
    name=$1
    shift
    expect "$name: runs" timeout 600 "$xenolith" run --domains 2 --for 5ms \
        --json "$work/$name.json" "$@"
}

same() {
    expect "$1 equals $2" cmp "$work/$1.json" "$work/$2.json"
}

for system in xen native; do
    measures $system --system $system
    measures $system-no-filter --system $system --no-filter
    same $system-no-filter $system
done

timeout 600 "$xenolith" run --domains 2 --for 5ms --system xen --json "$work/xen-shown.json" --console 2>&1 |
    while read -r line; do
        sleep 0.02
        echo "$line"
    done >"$work/shown"
expect "the console was shown" grep -q domain "$work/shown"
same xen-shown xen

timeout 600 sh -c 'while :; do :; done' &
busy=$!
measures xen-beside --system xen
kill $busy
same xen-beside xen

for quantum in 20us 7us 1ms; do
    measures xen-$quantum --cpus 1 --quantum $quantum
    jq 'del(.configuration.quantum_cycles, .configuration.command_line)' "$work/xen-$quantum.json" \
        >"$work/without-$quantum.json"
done
same without-7us without-20us
same without-1ms without-20us

verdict
