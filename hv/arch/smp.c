/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * smp.c - the other processors
 *
 * They are started by INIT and SIPI through the local APIC (MultiProcessor Specification 1.4,
 * appendix B.4).
 *
 * A cross call sets a flag in another processor's structure and interrupts it; a waiter for
 * a lock there answers from the waiting loop, so the caller may hold locks.
 */
#include "hv/include/arch/smp.h"
#include "hv/include/arch/boot.h"
#include "hv/include/arch/mp_table.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/perfc.h"
#include "hv/include/arch/percpu.h"
#include "hv/include/sched.h"
#include "hv/include/time.h"
#include "hv/include/arch/traps.h"

struct cpu cpus[MAX_CPUS];
unsigned cpu_count = 1;

void secondary_main(void)
{
    struct cpu *cpu = this_cpu();

    gates_init(cpu);
    announce_guest_limit();
    write_cr4(read_cr4() | CR4_PGE);
    fpu_init();
    apic_init();
    cpu->apic_id = apic_id();
    cpu->online = true;
    sched_start();
}

/* INIT and SIPI; waits until the processor runs, and returns whether it does. */
static bool start(unsigned number, unsigned apic)
{
    struct cpu *cpu = &cpus[number];
    char *stack = cpu_stacks + number * CPU_STACK_SIZE;
    nanoseconds begin;

    *(unsigned *)stack = number;
    secondary_stack = (uint32_t)(uintptr_t)stack + CPU_STACK_SIZE - 2 * R_SIZE;
    apic_send(apic, APIC_COMMAND_INIT);
    delay(MILLISECONDS(10));
    for (int i = 0; i < 2 && !cpu->online; i++) {
        apic_send(apic, APIC_COMMAND_STARTUP | TRAMPOLINE >> PAGE_SHIFT);
        delay(MICROSECONDS(200));
    }
    for (begin = now(); !cpu->online && now() - begin < MILLISECONDS(500);)
        pause();
    return cpu->online;
}

void smp_init(unsigned limit)
{
    uint8_t ids[MAX_CPUS];
    unsigned others = limit > 1 ? mp_processors(cpus[0].apic_id, ids, MIN(limit, MAX_CPUS) - 1) : 0;
    unsigned started = 0;

    if (others == 0)
        return;
    memcpy(low_memory(TRAMPOLINE), trampoline_start, (size_t)(trampoline_end - trampoline_start));
    /* The trampoline runs below 4 MB until it jumps to the image window. */
    hv_root[0] = image_physical(boot_low_l2) | PTE_PRESENT;
    /* One that does not start may do so later, on its stack: no other may get its number. */
    while (started < others && start(started + 1, ids[started]))
        started++;
    hv_root[0] = 0;
    write_cr3(read_cr3());
    if (started < others)
        print("processor %u does not start\n", ids[started]);
    cpu_count = 1 + started;
    for (unsigned i = 1; i < cpu_count; i++)
        flush_other(i); /* it holds the root's first entry until it loads CR3 again */
}

void serve_cross_calls(void)
{
    struct cpu *cpu = this_cpu();

    if (cpu->unload_wanted) {
        sched_unload();
        cpu->unload_wanted = false;
    }
    if (cpu->flush_wanted) {
        cpu->flush_wanted = false;
        flush_local();
    }
}

void cross_call(unsigned cpu, enum cross_call what)
{
    struct cpu *other = &cpus[cpu];
    volatile bool *flag = what == CROSS_FLUSH ? &other->flush_wanted : &other->unload_wanted;
    uint32_t asked = flush_clock_now();

    perfc_count(cross_calls);
    *flag = true;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    apic_send(other->apic_id, APIC_COMMAND_FIXED | VECTOR_CROSS_CALL);
    /*
     * One that began before we asked does not count, though it ends now; nor that the flag was
     * taken.
     */
    while (what == CROSS_FLUSH ? !flushed_since(cpu, asked) : *flag) {
        serve_cross_calls();
        pause();
    }
}

void kick_processor(unsigned cpu)
{
    cpus[cpu].reschedule = true;
    poke_processor(cpu);
}

void poke_processor(unsigned cpu)
{
    if (cpu != this_cpu()->id)
        apic_send(cpus[cpu].apic_id, APIC_COMMAND_FIXED | VECTOR_CROSS_CALL);
}
