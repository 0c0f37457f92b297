#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# run-created.sh [NAME]...: the guest tests (all without names) as ordinary domains, created by
# Domain 0's control program, some at a time; each has to find the answers that an unprivileged
# domain gets. Their lines come with "(dN) " before them. A test whose folder has a file `pair` gets
# two domains, which are told by "giver N" and "taker N" who the other is; a file `memory` holds
# the domain's memory in MB. In the end all are destroyed and the hypervisor audits its frames;
# interrupts may never wait for longer than a millisecond. Ends with a count. Needs B, the build
# folder (build). With JSON, a folder, each run leaves its result there.
set -u
. tests/guest/judge.sh
B=${B:-build}
batch=${BATCH:-8}
work=$(mktemp -d)
results=${JSON:-$work}
[ -z "${JSON:-}" ] || mkdir -p "$JSON"
trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- $(ls tests/guest/*/main.c | cut -d/ -f3)

absent() {
    sed -n "s/^$1: //p" tests/guest/absent.txt
}

# boot NAME...: Domain 0 creates the domains of each kernel; console in $work/console.
boot() {
    result=$results/created-$1.json
    commands= files= number=0
    for name; do
        objcopy --strip-debug "$B/tests/guest/$name.elf" "$work/$name.elf"
        files="$files boot/$name=$work/$name.elf"
        number=$((number + 1))
        if [ -e "tests/guest/$name/pair" ]; then
            commands="$commands xl create name=giver-$number kernel=/boot/$name extra=giver extra=$((number + 1)) ;"
            commands="$commands xl create name=taker-$number kernel=/boot/$name extra=taker extra=$number ;"
            number=$((number + 1))
        else
            memory=$(sed 's/^/memory=/' "tests/guest/$name/memory" 2>/dev/null)
            commands="$commands xl create name=test-$number kernel=/boot/$name $memory ;"
        fi
    done
    workloads/make-image "$work/root.cpio" "sbin/init=$B/workloads/bin/init" "sbin/xl=$B/workloads/bin/xl" $files
    timeout 240 "$B/xenolith" boot "$B/hv/hv.elf" audit --module "$B/guestos/kernel-xen.elf" \
        "init=/sbin/init --$commands sleep 2 ; xl list ; xl destroy all ; xl list" --module "$work/root.cpio" \
        --cpus 2 --mem 512M --timing full --json "$result" >"$work/console" 2>"$work/notes" </dev/null
}

# judge_domain NAME NUMBER: the domain's own lines without their prefix, and what the hypervisor
# says of it as of Domain 0.
judge_domain() {
    sed -n -e "s/^(d$2) //p" -e "s/^\\((XEN) \\)d$2: /\\1d0: /p" "$work/plain" >"$work/$1"
    judge "$1" "$work/$1"
}

passed=0 failed=0 missing=0
judge_batch() {
    tr -d '\r' <"$work/console" >"$work/plain"
    number=0
    for name; do
        number=$((number + 1))
        verdict=$(judge_domain "$name" "$number")
        if [ -e "tests/guest/$name/pair" ]; then
            number=$((number + 1))
            case $verdict in PASS*) verdict=$(judge_domain "$name" "$number") ;; esac
        fi
        # A kernel that is refused ends the batch: the others are tried one by one.
        case $verdict in *": no verdict;"*)
            if [ $# -gt 1 ]; then
                again="$again $name"
                continue
            fi ;;
        esac
        reason=$(absent "$name")
        case $verdict in
        PASS*) passed=$((passed + 1)) ;;
        *) if [ -n "$reason" ]; then
            missing=$((missing + 1))
            verdict="ABSENT $name: $reason"
        else
            failed=$((failed + 1))
        fi ;;
        esac
        echo "$verdict"
        case $verdict in FAIL*) grep -aE '^also: ' "$work/$name" | sed 's/^/    /' ;; esac
    done
}

while [ $# -gt 0 ]; do
    names= count=0
    while [ $# -gt 0 ] && [ $count -lt "$batch" ]; do
        names="$names $1"
        count=$((count + 1))
        shift
    done
    boot $names
    again=
    judge_batch $names
    for name in $again; do
        boot $name
        judge_batch $name
    done
    if ! grep -aq "^(XEN) audit: 0 " "$work/plain"; then
        failed=$((failed + 1))
        echo "FAIL: the hypervisor's frames, after:$names"
        grep -a "^(XEN) audit" "$work/plain" | sed 's/^/    /'
    fi
    late=$(soon "$result")
    if [ -n "$late" ]; then
        failed=$((failed + 1))
        echo "FAIL: $late, with:$names"
    fi
    cp "$work/console" "${CONSOLE_COPY:-/dev/null}"
done
echo "$passed passed, $failed failed, $missing absent"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
