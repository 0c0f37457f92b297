#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# trace.sh: a traced machine counts what it counts untraced, and everything counted is in the trace,
# in all its forms.
set -u
. tests/system/verdict.sh

xen="$B/hv/hv.elf dom0_mem=64M --module $B/guestos/kernel-xen.elf"
create="init=/sbin/init -- xl create -p -n 3 memory=8 kernel=/boot/kernel-xen.elf \
ramdisk=/boot/guest.cpio extra=init=/bin/cint extra=-- extra=four extra=--start extra=%n ; xl unpause all ; sleep 1000"

# domains COMMAND OPTION...: Domain 0 and three domains on two processors, for a while.
machine() {
    timeout 300 "$xenolith" "$@" 2>"$work/err" >"$work/console"
}
domains() {
    kind=$1
    shift
    machine $kind $xen "$create" --module "$B/workloads/domain0.cpio" "" --cpus 2 --timing full \
        --for 250ms "$@"
}

domains boot --json "$work/boot.json"
domains trace --json "$work/trace.json" --out "$work/text"
expect "tracing changes no byte of a result" cmp "$work/boot.json" "$work/trace.json"

# counted NAME JQ AWK: the same lines "NAME COUNT" from the result as from the trace.
counted() {
    jq -r "$2 | to_entries[] | select(.value > 0) | \"\(.key) \(.value)\"" "$work/trace.json" |
        sort >"$work/left"
    awk "$3" "$work/text" | sort | uniq -c | awk '{ print $2, $1 }' | sort >"$work/right"
    if [ -s "$work/left" ] && cmp -s "$work/left" "$work/right"; then
        pass "$1"
    else
        fail "$1" "$(diff "$work/left" "$work/right" | head -n 4 | tr '\n' ' ')"
    fi
}
first='$6 != "..." { name = $6; sub(/\(.*/, "", name); print name }'
reasons='[.reasons | to_entries[] | {key, value: .value.entries}] | from_entries | with_entries(select(.key | startswith'
counted "hypercalls by name" "$reasons(\"hypercall.\"))) | with_entries(.key |= ltrimstr(\"hypercall.\"))" \
    "\$5 == \"hypercall\" && $first"
counted "system calls by name" .syscalls "\$5 == \"syscall\" && $first"
counted "crossings by rings" .crossings '$5 == "crossing" && $6 != "..." { print $4 }'
counted "interrupts by vector" "$reasons(\"vector.\")))" '
    function number(hex,  i, n) {
        for (i = 3; i <= length(hex); i++) n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
        return n
    }
    $5 == "interrupt" && $6 != "..." { print "vector." number($7) }'
counted "page faults" "{fault: $(jq '[.events.page_faults[]] | add' "$work/trace.json")}" \
    '$5 == "fault" && $6 == "page_fault" { print "fault" }'
counted "switches of the hypervisor" '{switch: .supervisor.context_switches}' \
    '$5 == "switch" && $3 ~ /^d[0-9]/ { if (last[$2] != $3) print "switch"; last[$2] = $3 }'

# The time between crossings and switches is all the time there is.
spent=$(awk '$5 ~ /^(start|crossing|switch)$/ && /<[0-9]+>$/ {
    cycles = $NF; gsub(/[<>]/, "", cycles); sum += cycles } END { printf "%.0f", sum }' "$work/text")
expect "costs add up to the clocks" test "$spent" = "$(jq '.clock.cycles | add' "$work/trace.json")"
expect "arguments are shown" grep -Eq ' d0 +3>1 syscall   openat\(AT_FDCWD, "/proc/xen/privcmd", O_RDWR\|O_CLOEXEC, 0\) = [0-9]+ <[0-9]+>$' "$work/text"
expect "errors have names" grep -Eq ' syscall   rseq\(.*\) = -1 ENOSYS <' "$work/text"
expect "updates are shown" grep -Eq ' d1 +1>0 hypercall mmu_update\(\[\{0x[0-9a-f]+ = 0x[0-9a-f]+\}.*\) = 0 <' "$work/text"
expect "operations have names" grep -Eq ' hypercall domctl\(\{createdomain, ' "$work/text"

# Filters show some of the same lines.
domains trace --domain 1,2 --kind hypercall --name mmu_update,sched_op --out "$work/some"
awk '($3 == "d1" || $3 == "d2") && $5 == "hypercall" && $6 ~ /^(mmu_update|sched_op)\(/' "$work/text" |
    sed 's/ <.*//; s/ = .*//' | sort >"$work/left"
sed 's/ <.*//; s/ = .*//' "$work/some" | grep -v '\.\.\. ' | sort >"$work/right"
expect "filters by domain, kind and name" test -s "$work/left"
expect "show the same lines" cmp "$work/left" "$work/right"

# Other forms of it.
domains trace --form xentrace --out "$work/xentrace"
xenalyze --summary "$work/xentrace" >"$work/summary" 2>&1
awk '/^ +[a-z_]+ +\[ *[0-9]+\]: +[0-9]+$/ { name = $1; sub(/^.*: */, ""); sum[name] += $0 }
    END { for (name in sum) print name, sum[name] }' "$work/summary" | grep -v '^io_' | sort >"$work/right"
jq -r "$reasons(\"hypercall.\"))) | to_entries[] | select(.value > 0) | \"\(.key) \(.value)\"" \
    "$work/trace.json" | sed 's/^hypercall\.//' | grep -v '^io_op ' |
    sed 's/^event_channel_op /evtchn_op /' | sort >"$work/left"
if [ -s "$work/left" ] && cmp -s "$work/left" "$work/right"; then
    pass "xenalyze counts the same hypercalls"
else
    fail "xenalyze counts the same hypercalls" "$(diff "$work/left" "$work/right" | head -n 4 | tr '\n' ' ')"
fi

domains trace --form perfetto --out "$work/perfetto"
expect "the timeline is a protocol buffer" sh -c "protoc --decode_raw <$work/perfetto >$work/packets"
for kind in hypercall syscall crossing switch fault; do
    slices=$(grep -c "^    22: \"$kind\"$" "$work/packets")
    lines=$(awk -v kind=$kind '$5 == kind && $6 != "..."' "$work/text" | wc -l)
    expect "the timeline has every $kind" test "$slices" -eq "$lines"
done
begun=$(grep -c '^    9: 1$' "$work/packets")
ended=$(grep -c '^    9: 2$' "$work/packets")
expect "slices end" test "$begun" -gt 1000 -a "$ended" -le "$begun" -a "$ended" -gt $((begun - 50))
expect "domains are processes" grep -q '^      6: "domain 3"$' "$work/packets"

# Disks, and other commands.
truncate -s 1M "$work/disk.img"
machine trace boot "$B/tests/disk/disk.elf" --disk "$work/disk.img" --mem 64M --kind disk \
    --out "$work/disks" --json "$work/disks.json"
expect "commands of disks" test "$(wc -l <"$work/disks")" -eq "$(jq '[.disks[].commands] | add' "$work/disks.json")"
expect "say what they do" grep -Eq 'disk      disk 0: command 0xc8, sector [0-9]+, [0-9]+ sectors: done <[0-9]+>$' "$work/disks"
machine trace run --domains 1 --for 5ms --exact --timing fast --out "$work/run" --json "$work/run.json"
machine run --domains 1 --for 5ms --exact --timing fast --json "$work/bare.json"
expect "run is traced" grep -q ' d1 .* hypercall ' "$work/run"
expect "and has the same result" cmp "$work/run.json" "$work/bare.json"

# refuses NAME PATTERN WORD...
refuses() {
    name=$1
    pattern=$2
    shift 2
    machine trace boot $xen --module "$B/workloads/domain0.cpio" "" "$@"
    if [ $? -eq 2 ] && grep -Eq -e "$pattern" "$work/err" && [ "$(wc -l <"$work/err")" -eq 1 ]; then
        pass "$name"
    else
        fail "$name" "$(head -n 2 "$work/err" | tr '\n' ' ')"
    fi
}
refuses "an unknown kind" 'there is no kind dance' --kind dance
refuses "an unknown name" '--name dance: must be at most' --name read,dance
refuses "an unknown form" '--form dance: must be' --form dance
refuses "a bad domain" '--domain x: must be' --domain x
refuses "binary forms on a terminal" '--form perfetto needs --out' --form perfetto
refuses "a file that cannot be written" 'cannot write' --out "$work/no/where"
refuses "an option of another command" 'unknown option --slice; see xenolith help trace' --slice 5ms
verdict
