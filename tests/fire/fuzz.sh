#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# fuzz.sh CALLS SEED [CPUS]: CALLS hypercalls from fuzzing domains, four at a time on one or two
# processors (2), in portions of 20000 a seed from SEED on, beside Domain 0 and a well-behaved
# neighbour. Domain 0 disturbs them meanwhile: pauses, sets registers, destroys some as they run,
# creates others. The hypervisor must not fault, the neighbour's work must come out as it does
# alone, and the counts of all frames must agree with the page tables when the machine ends. The
# same arguments give the same run. Needs B, the build folder.
set -u
B=${B:-build}
calls=$1 seed=$2 cpus=${3:-2} portion=20000
seeds=$(((calls + portion - 1) / portion))
work=$B/tests/fire/fuzz-$cpus
mkdir -p "$work"

# boot NAME DOMAINS SEEDS SECONDS: console in $work/NAME.
boot() {
    timeout "$4" "$B/xenolith" boot "$B/hv/hv.elf" audit --module "$B/guestos/kernel-xen.elf" \
        "init=/sbin/init -- fire $2 $3 $portion $seed" --module "$B/tests/fire/fire.cpio" \
        --cpus $cpus --mem 256M --timing fast --json "$work/$1.json" >"$work/$1.raw" 2>"$work/$1.log" </dev/null
    status=$?
    tr -d '\r' <"$work/$1.raw" >"$work/$1"
    return $status
}

failed=0
fail() {
    echo "FAIL fuzz: $1"
    failed=$((failed + 1))
}

sums() {
    grep -aoE '^\(d[0-9]+\) neighbour: .*' "$work/$1" | sed 's/.*sum //' | sort -u
}

boot run 4 "$seeds" "${TIMEOUT:-7200}" || fail "the machine ended with status $?: $(tail -n 1 "$work/run.log")"
grep -a 'panic' "$work/run" && fail "the hypervisor's end"
grep -aqE '^\(XEN\) audit: 0 frames or grants wrong$' "$work/run" || fail "$(grep -a 'audit:' "$work/run" | head -n 1)"
grep -aqE "^fire: $seeds of $seeds seeds finished, [0-9]+ died, the neighbour lives$" "$work/run" ||
    fail "$(grep -a '^fire:' "$work/run" || echo 'Domain 0 did not come to its end')"
grep -aE 'FAIL neighbour' "$work/run" && fail "the neighbour's memory"
lines=$(grep -acE "^\(d[0-9]+\) fuzz: seed [0-9]+, $portion calls," "$work/run")
[ "$lines" -ge "$seeds" ] || fail "$lines domains say that they made their calls, not $seeds"
# As they ran: nothing of this may have been left out.
grep -aqE "^fire: [1-9][0-9]* pauses, [1-9][0-9]* contexts set, .*, [1-9][0-9]* made, [1-9][0-9]* destroyed" "$work/run" ||
    fail "Domain 0 did not disturb them"
want=50bd477b
have=$(sums run)
[ "$have" = "$want" ] || fail "the neighbour's sums are '$have', not $want"
grep -a '^fire: ' "$work/run"
jq -r '"hypercalls: \(.supervisor.hypercalls), refused as absent: \(.supervisor.enosys), audits passed"' "$work/run.json" 2>/dev/null
[ "$failed" -eq 0 ] && echo "PASS fuzz: $calls calls from seed $seed on, processors: $cpus; the neighbour did $(grep -ac 'neighbour: [0-9]' "$work/run") times 32 rounds"
