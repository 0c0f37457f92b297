/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * main.c - start
 *
 * Command line:
 *   ctx_allow=5ms|5000us            the slice
 *   dom0_mem=64M                    Domain 0's memory
 *   maxcpus=N                       processors used
 *   quiet                           no messages after Domain 0 has begun, but for panics
 *   audit                           recount all frames at the end
 *   panic-test=panic|fault|stack    arch/panic.c
 */
#include "hv/dev/disk.h"
#include "hv/dev/ioapic.h"
#include "hv/include/arch/boot.h"
#include "hv/include/console.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/operation.h"
#include "hv/include/arch/percpu.h"
#include "hv/include/perfc.h"
#include "hv/include/sched.h"
#include "hv/include/arch/smp.h"
#include "hv/include/time.h"
#include "hv/io/vif.h"
#include "hv/include/arch/traps.h"

static void read_slice(void)
{
    char text[32];
    const char *unit;
    uint64_t value;

    if (!option("ctx_allow", text, sizeof(text)))
        return;
    value = parse_number(text, &unit);
    if (strcmp(unit, "ms") == 0)
        value *= 1000;
    else if (strcmp(unit, "us") != 0)
        value = 0;
    if (MICROSECONDS(value) < BVT_LEAST_CTX_ALLOW || value > 1000000)
        panic("ctx_allow=%s: expected a time from 100us to 1000ms, as 5ms or 5000us", text);
    sched_ctx_allow = MICROSECONDS(value);
}

void hv_main(uint32_t magic, uint32_t information)
{
    char text[16];
    const char *end;
    unsigned max_cpus = MAX_CPUS;

    *(unsigned *)cpu_stacks = 0;
    console_init();
    print("Xenolith hypervisor, xen-3.0-x86_32p\n");
    multiboot_read(magic, information);
    announce_init();
    operations_init();
    sched_init();
    map_init();
    memory_init();
    gates_init(&cpus[0]);
    write_cr4(read_cr4() | CR4_PGE);
    fpu_init();
    apic_init();
    cpus[0].apic_id = apic_id();
    cpus[0].online = true;
    time_init();
    read_slice();
    if (option("maxcpus", text, sizeof(text)))
        max_cpus = (unsigned)parse_number(text, &end);
    smp_init(max_cpus);
    print("%u processor%s\n", cpu_count, cpu_count > 1 ? "s" : "");
    ioapic_init();
    disks_init();
    net_init();
    nic_init();
    dom0_build();
    console_listen();
    memory_free_modules();
    if (option("quiet", text, sizeof(text)))
        console_be_quiet();
    sched_unpause(domains[0]);
    sched_start();
}
