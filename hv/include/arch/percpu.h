/* SPDX-License-Identifier: GPL-2.0-only */
/* percpu.h - what each processor has for itself */
#ifndef HV_PERCPU_H
#define HV_PERCPU_H

#include "hv/include/bvt.h"
#include "hv/include/domain.h"
#include "hv/include/arch/layout.h"
#include "hv/include/arch/spinlock.h"
#include "hv/include/arch/x86.h"

struct PACKED tss {
    uint16_t back, back_high;
    uint32_t esp0, ss0, esp1, ss1, esp2, ss2;
    uint32_t cr3, eip, eflags, eax, ecx, edx, ebx, esp, ebp, esi, edi;
    uint32_t es, cs, ss, ds, fs, gs, ldt;
    uint16_t trap, io_bitmap;
};

/* A slot of the map cache shows one frame and keeps showing it until the slot is needed. */
struct map_slot {
    mfn frame;
    uint32_t users;
};

struct cpu {
    unsigned id, apic_id;
    volatile bool online;
    struct vcpu *current; /* NULL: idle; it becomes so under queue_lock */
    /*
     * Whose page tables, descriptors and floating-point registers are in the processor, or NULL.
     * Others ask: of `loaded` everything may be there until it changes; of `entering` CR3 may be
     * there already.
     */
    struct vcpu *volatile loaded, *volatile entering;
    struct domain *held;                       /* looked at by this processor (domain_hold) */
    volatile bool reschedule;                  /* run the scheduler before going back to a guest */
    volatile bool flush_wanted, unload_wanted; /* cross calls from others */
    bool flush_deferred;                       /* flush the TLB before going back to a guest */
    volatile uint32_t last_flush;  /* the flush clock when the last one that is over began */
    unsigned long *multicall_args; /* of a multicall's current call, NULL outside of one; with
                                      * what is in them the call is to be repeated */
    nanoseconds looked_at;         /* when a long operation last took interrupts */

    struct vcpu *works_for; /* whose work is done while another one has the processor; or NULL */
    nanoseconds works_since;
    nanoseconds idle_time, idle_since; /* the sum; 0: it does not idle now; under queue_lock */

    struct spinlock queue_lock; /* of the run queue and its vcpus' scheduling state */
    struct bvt_queue queue;
    nanoseconds slice_end; /* 0: none */
    struct timer *timers;  /* by time */
    struct spinlock timer_lock;
    struct timer *volatile firing;
    struct bvt_entity *picked;

    struct map_slot map[MAP_SLOTS];

    struct tss tss, double_fault_tss;
    struct descriptor idt[256] ALIGNED(8);
    struct descriptor gdt[512] ALIGNED(4096); /* page 14 of the GDT */
};

extern struct cpu cpus[MAX_CPUS];
extern unsigned cpu_count;

/* Every stack begins, at its lowest address, with the number of its processor. */
static inline struct cpu *this_cpu(void)
{
    uintptr_t stack;

    __asm__("mov %%esp, %0" : "=r"(stack));
    return &cpus[*(unsigned *)(stack & ~(uintptr_t)(CPU_STACK_SIZE - 1))];
}

/* The vcpu that runs here; only where one certainly does (hypercalls, guests' faults). */
static inline struct vcpu *current_vcpu(void)
{
    return this_cpu()->current;
}

/* Its domain, likewise. */
static inline struct domain *current_domain(void)
{
    return this_cpu()->current->domain;
}

/* The frame of the guest's registers, at the top of this processor's stack. */
static inline cpu_regs *guest_regs(void)
{
    uintptr_t stack;

    __asm__("mov %%esp, %0" : "=r"(stack));
    return (cpu_regs *)((stack & ~(uintptr_t)(CPU_STACK_SIZE - 1)) + CPU_STACK_SIZE - R_SIZE);
}

#endif
