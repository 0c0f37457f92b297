#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# regions.sh: stretches that programs announce are counted by name, with what their kernels did for
# them, in a domain and on the bare kernel; system calls are counted by name; `mark` does the same
# from a script; and a program that announces runs on other machines as if it did not.
set -u
. tests/system/verdict.sh

cat >"$work/program.c" <<'END'
#include "include/xenolith/announce.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void work(unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++)
        __asm__ volatile("" : : "r"(i));
}

int main(int argc, char **argv)
{
    announce_begin("all");
    for (int i = 0; i < 3; i++) {
        announce_begin("solve");
        announce_begin("solve"); /* within itself */
        work(100000);
        announce_end("solve");
        for (int call = 0; call < 7; call++)
            getppid();
        announce_end("solve");
        announce_unit("step");
    }
    announce_end("all");
    announce_end("never begun");
    announce_begin("bad name");
    announce_begin("to_the_end");
    work(1000);
    return argc - 1 + !argv;
}
END
gcc -m32 -static -O1 -I. -o "$work/program" "$work/program.c" || exit 1
gcc -O1 -I. -o "$work/host" "$work/program.c" && expect "runs on the host" "$work/host"

holds() {
    value=$(jq "$3" "$2" 2>&1)
    if [ "$value" = true ]; then
        pass "$1"
    else
        fail "$1" "$3 gives $value"
    fi
}

# Of region NAME (the first such copy's).
region='def region($name): [.regions[] | select(.name == $name)][0];'
for system in xen native; do
    json=$work/$system.json
    kernel=$([ $system = xen ] && echo 1 || echo 0)
    expect "$system: runs" "$xenolith" run --system $system --timing fast --domains 2 \
        --program "$work/program" --json "$json"
    holds "$system: four names, of two copies" "$json" \
        '[.regions[].name] | sort == ["all", "all", "solve", "solve", "step", "step", "to_the_end", "to_the_end"]'
    holds "$system: outermost ends count" "$json" "$region region(\"solve\").times == 3 and region(\"all\").times == 1"
    holds "$system: its loop is counted" "$json" \
        "$region region(\"solve\").events.instructions[3] | . > 600000 and . < 1300000"
    holds "$system: with what the kernel did" "$json" "$region region(\"solve\").events.instructions[$kernel] > 21 * 20"
    holds "$system: within the outer one" "$json" \
        "$region region(\"all\").events.instructions[3] >= region(\"solve\").events.instructions[3]"
    holds "$system: what is open at the end" "$json" \
        "$region region(\"to_the_end\") | .times == 0 and .events.instructions[3] > 1000"
    holds "$system: units under a name" "$json" "$region region(\"step\").times == 3 and .work.units == 6"
    holds "$system: nonsense is refused" "$json" '.regions_refused == 4'
    holds "$system: system calls by name" "$json" '[.contexts[].syscalls.getppid // 0] | sort | .[-2:] == [21, 21]'
    holds "$system: and in all" "$json" '.syscalls.getppid == 42 and .syscalls.exit_group >= 1'
done

expect "mark: runs" "$xenolith" boot "$B/hv/hv.elf" --module "$B/guestos/kernel-xen.elf" \
    "init=/sbin/init -- mark begin list ; xl list ; mark end list ; mark unit ; mark work 7 ; mark work 4294967296 ; sleep 1000" \
    --module "$B/workloads/domain0.cpio" --for 200ms --json "$work/mark.json"
holds "mark: counts what lies between" "$work/mark.json" \
    '.regions[0] | .name == "list" and .times == 1 and .context == 0 and .events.instructions[3] > 10000'
holds "mark: work besides a unit, and no number beyond 32 bits" "$work/mark.json" '.work.units == 8'
holds "mark: a unit" "$work/mark.json" '.regions[1] | .name == "main" and .times == 1'
expect "mark: bare kernel runs" "$xenolith" boot "$B/guestos/kernel-native.elf" \
    "init=/sbin/init -- mark begin work ; cint four --rounds 1 --size small ; mark end work ; sleep 1000" \
    --module "$B/workloads/native.cpio" --for 400ms --timing fast --json "$work/mark.json"
holds "mark: counts the machine there" "$work/mark.json" \
    '.regions[0] | .name == "work" and .context == null and .times == 1 and .events.instructions[3] > 100000'

verdict
