/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * main.c - start
 *
 * Command line:
 *   ctx_allow=5ms|5000us            the slice
 *   timer_events=20ms               the timer's event to each running vcpu, asked for or not
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

/* A time from `least` microseconds to a second. Without the option the value stays. */
static void read_time(const char *name, unsigned least, nanoseconds *time)
{
    char text[32];
    const char *unit;
    uint64_t value;

    if (!option(name, text, sizeof(text)))
        return;
    value = parse_number(text, &unit);
    if (strcmp(unit, "ms") == 0)
        value *= 1000;
    else if (strcmp(unit, "us") != 0)
        value = 0;
    if (value < least || value > 1000000)
        panic("%s=%s: expected a time from %uus to 1000ms, as 5ms or 5000us", name, text, least);
    *time = MICROSECONDS(value);
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
    read_time("ctx_allow", (unsigned)(BVT_LEAST_CTX_ALLOW / 1000), &sched_ctx_allow);
    read_time("timer_events", 1000, &timer_events);
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
