#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# own-program.sh: a static program that the project has never seen, measured by one command: from
# its start to its end, by completed runs, in domains, on the bare kernel; and what is refused.
set -u
. tests/system/verdict.sh

cat >"$work/sum.c" <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* sum COUNT NUMBER FILE STATUS: adds, says what stands in FILE, ends with STATUS. */
int main(int argc, char **argv)
{
    unsigned long count = strtoul(argv[1], NULL, 10), sum = 0;
    char line[64] = "";
    FILE *file = fopen(argv[3], "r");

    if (argc != 5 || !file || !fgets(line, sizeof(line), file))
        return 9;
    for (unsigned long i = 0; i < count; i++) {
        sum = sum * 1103515245 + i;
        __asm__ volatile("" : "+r"(sum));
    }
    printf("copy %s: %lu, %s\n", argv[2], sum, line);
    if (!strcmp(argv[4], "abort"))
        abort();
    return atoi(argv[4]);
}
END
gcc -m32 -static -O1 -o "$work/sum" "$work/sum.c" || exit 1
gcc -m32 -O1 -o "$work/dynamic" "$work/sum.c" || exit 1
mkdir -p "$work/files/etc/sum"
echo "two words" >"$work/files/etc/sum/its file"
words="200000 %n '/etc/sum/its file'"

run() {
    timeout 300 "$xenolith" run --timing fast --program "$work/sum" --files "$work/files" "$@"
}

# holds NAME FILE FILTER: the jq filter must give true.
holds() {
    value=$(jq "$3" "$2" 2>&1)
    if [ "$value" = true ]; then
        pass "$1"
    else
        fail "$1" "$3 gives $value"
    fi
}

for system in xen native; do
    for copies in 1 4; do
        json=$work/$system-$copies.json
        expect "$system, $copies: runs" run --system $system --domains $copies --args "$words 0" --json "$json"
        [ -e "$json" ] || continue
        holds "$system, $copies: every copy ended well" "$json" \
            "[.copies[] | select(.exit_status == 0 and .runs == 1 and .end_cycles > .begin_cycles)] | length == $copies"
        # The loop alone is some 6 instructions a round; a boot is millions.
        holds "$system, $copies: the loop is measured" "$json" ".events.instructions[3] > 600000 * $copies"
        holds "$system, $copies: the boot is not" "$json" ".events.instructions | add < 2000000 * $copies"
        holds "$system, $copies: cross-checks hold" "$json" '[.checks[] | .holds] | all(. != false)'
    done
    expect "$system: runs again" run --system $system --domains 4 --args "$words 0" --json "$work/again.json"
    expect "$system: two runs give the same bytes" cmp "$json" "$work/again.json"
    expect "$system: repeated runs" run --system $system --domains 2 --args "$words 0" --repeat --for 20ms \
        --json "$work/repeat.json"
    holds "$system: are units of work" "$work/repeat.json" '.work.units > 20 and .work.contexts == 2'
    holds "$system: of both copies" "$work/repeat.json" '.work.smallest_share > 0.9'
done

run --domains 2 --args "$words 0" --console >"$work/out" 2>"$work/log"
grep -q '(d2) copy 1: [0-9]*, two words' "$work/log" && pass "a copy knows its number and its file" ||
    fail "a copy knows its number and its file" "$(tail -n 3 "$work/log")"

# fails NAME SENTENCE OPTION...: exit status 1, the sentence, and the result is kept.
fails() {
    name=$1 sentence=$2
    shift 2
    rm -f "$work/out.json"
    run --json "$work/out.json" "$@" >"$work/out" 2>"$work/log"
    status=$?
    if [ $status -eq 1 ] && grep -q "^xenolith: $sentence" "$work/log" && [ -s "$work/out.json" ]; then
        pass "$name"
    else
        fail "$name" "exit status $status: $(head -n 2 "$work/log")"
    fi
}

fails "xen: a program that fails" "copy 0 ended with exit status 3$" --domains 2 --args "$words 3"
fails "native: a program that fails" "copy 0 ended with exit status 3$" --system native --args "$words 3"
fails "xen: a program that aborts" "copy 0 was ended by signal 6$" --args "$words abort"

# A program without an end, in its window or before it, and a user who has had enough.
for signal in TERM HUP; do
    rm -f "$work/out.json"
    start=1s expected=143
    [ $signal = TERM ] || start=90000s expected=129
    # Who starts the tests may have HUP ignored, which programs inherit.
    env --default-signal=$signal "$xenolith" run --system native --timing fast --program "$work/sum" --files "$work/files" --start $start \
        --args "4000000000 %n '/etc/sum/its file' 0" --json "$work/out.json" >"$work/out" 2>"$work/log" &
    pid=$!
    sleep 4
    kill -$signal $pid
    wait $pid
    status=$?
    if [ $status -eq $expected ]; then
        holds "$signal: the result is partial" "$work/out.json" '.end.partial and .copies[0].end_cycles == null'
    else
        fail "$signal: the result is partial" "exit status $status: $(head -n 2 "$work/log")"
    fi
done

# Copies that differ, by name; weights are shares.
kinds() {
    run "$@" --domain "light count=2 args='20000 %n /etc/sum/its\ file 0'" --domain "heavy args=\"$words 0\"" \
        --domain "light args=\"20000 %n '/etc/sum/its file' 0\"" --json "$work/kinds.json" >"$work/out" 2>"$work/log"
}
expect "domains that differ run" kinds --cpus 1 --domain "heavy weight=20 memory=24M" --repeat --for 60ms
holds "each has its name" "$work/kinds.json" \
    '[.groups[] | [.name, .copies, .weight]] == [["heavy", 1, 20], ["light", 2, 10]] and
     [.copies[].group] == ["heavy", "light", "light"] and .groups[0].memory_bytes == 24 * 1048576'
holds "a weight of 20 is half of 40" "$work/kinds.json" '(.groups[0].cycles / .groups[1].cycles - 1) | fabs < 0.02'
holds "what a group did is what its contexts did" "$work/kinds.json" \
    '.groups[0].units == .contexts[1].units and ([.groups[].units] | add) == .work.units'
expect "and processes" kinds --system native
holds "each ran its own" "$work/kinds.json" '.groups[1].instructions > 3 * .groups[0].instructions'

# refused NAME SENTENCE OPTION...: one sentence, exit status 2, nothing run.
refused() {
    name=$1 sentence=$2
    shift 2
    timeout 60 "$xenolith" run --json "$work/none.json" "$@" >"$work/out" 2>"$work/log"
    status=$?
    if [ $status -eq 2 ] && [ "$(wc -l <"$work/log")" -eq 1 ] && grep -q "$sentence" "$work/log" &&
        [ ! -e "$work/none.json" ]; then
        pass "$name: $(cat "$work/log")"
    else
        fail "$name" "exit status $status: $(head -n 3 "$work/log")"
    fi
}

refused "no such program" "No such file" --program "$work/absent"
refused "a program that is text" "is not an ELF file$" --program "$work/sum.c"
refused "a program of this host" "is not a 32-bit i386 ELF executable$" --program "$xenolith"
refused "a program for a loader" "32-bit i386 ELF executable$\|is dynamically linked" --program "$work/dynamic"
refused "a quotation without an end" "^xenolith: --args: a quotation has no end" --program "$work/sum" --args "a 'b"
refused "no such folder" "cannot read the folder" --program "$work/sum" --files "$work/absent"
refused "arguments for no program" "^xenolith: --args needs --program or --domain$" --args x
refused "a domain without a program" "^xenolith: domain.web.program: there is none" --domain web
refused "a key that no domain has" "^xenolith: domain.web.colour: a kind of domains has count, program" --domain "web colour=red"
refused "no copies" "^xenolith: domain.web.count 0: must be" --program "$work/sum" --domain "web count=0"
refused "two counts" "^xenolith: --domains: with --domain each kind has its own count" --program "$work/sum" --domain web --domains 2
refused "a name that is none" "^xenolith: --domain ../web: its name must" --program "$work/sum" --domain ../web
refused "weights of processes" "^xenolith: domain.web.weight 3: must be left out" --system native --program "$work/sum" --domain "web weight=3"
refused "two programs" "are two programs$" --program "$work/sum" --workload cint
refused "a start that is no time" "must be whole seconds" --program "$work/sum" --start 1ms
mkfifo "$work/files/pipe"
refused "a file that is a pipe" "is neither a file nor a folder$" --program "$work/sum" --files "$work/files"

verdict
