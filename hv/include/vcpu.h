/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vcpu.h - a virtual processor: its registers, its turn on a processor, its time, its traps
 *
 * A domain owns memory, grants and ports; a vcpu runs. A function takes the one that it is about: a
 * vcpu knows its domain, and a domain's vcpus are domain->vcpu[].
 */
#ifndef HV_VCPU_H
#define HV_VCPU_H

#include "hv/include/bvt.h"
#include "hv/include/errors.h"
#include "hv/include/public_headers.h"
#include "hv/include/arch/layout.h"
#include "hv/include/arch/x86.h"

#define POLL_PORTS 128 /* that one SCHEDOP_poll waits for, as in Xen */
#define LDT_PAGES  16

/* A timer of a processor's list (arch/time.c); due is 0 while it is not set. */
struct timer {
    struct timer *next;
    nanoseconds due;
    void (*fire)(struct timer *timer);
};

struct callback {
    uint32_t eip;
    uint16_t cs;
    bool mask_events;
};

struct domain;

struct vcpu {
    cpu_regs regs; /* while it does not run */
    struct domain *domain;

    /* Scheduling (core/sched.c); under the queue's lock. */
    uint8_t cpu;           /* where it runs, always */
    bool started;          /* has been given its registers */
    bool blocked;          /* waits for an event; only while its domain is alive */
    volatile bool running; /* loaded on its processor as the current one */
    struct bvt_entity bvt;
    uint32_t weight; /* as the control program gave it; 0: it gave an advance */
    nanoseconds cpu_time, scheduled_at;
    struct vcpu_runstate_info runstate;
    struct vcpu_runstate_info *runstate_area; /* the guest's copy, or NULL */

    /* Time. */
    struct vcpu_time_info *time_area; /* the guest's copy, or NULL */
    nanoseconds published;            /* when its time was last told */
    struct timer oneshot;             /* set_timer_op, VCPUOP_set_singleshot_timer */
    struct timer poll_timer;
    nanoseconds period, last_tick; /* the periodic timer; 0: stopped */

    /* Events that it hears. */
    struct vcpu_info *vcpu_info;  /* in shared_info, or in a frame of the guest's (vcpu_info.c) */
    mfn vcpu_info_frame;          /* 0: in shared_info */
    uint16_t virq_port[NR_VIRQS]; /* 0: not bound */
    uint16_t poll_port[POLL_PORTS];
    unsigned poll_ports; /* so many of them */
    bool polling;        /* for them, or for the time alone */

    /* Tables, traps and descriptors. */
    mfn root; /* its base pointer; 0: none yet */
    struct callback event_callback, failsafe_callback;
    struct callback sysenter_callback, syscall_callback;
    uint16_t kernel_ss;
    uint32_t kernel_sp;
    uint8_t iopl;
    uint32_t port_bitmap, port_bitmap_ports; /* in the guest's memory; a clear bit allows */
    bool nmi_pending, in_nmi;                /* in_nmi: until the iret hypercall */
    mfn gdt_frame[GUEST_GDT_PAGES];
    uint16_t gdt_entries;
    uint32_t ldt_base;
    uint16_t ldt_entries;
    mfn ldt_frame[LDT_PAGES]; /* those loaded so far; 0: not yet */
    uint32_t debugreg[8];
    uint8_t port_hits; /* breakpoints on ports that the instruction under emulation met */
    uint32_t cr4;      /* TSD and DE, as the guest wants them */
    struct trap_info traps[256];

    /* Floating point. */
    bool fpu_initialised; /* fpu[] holds its state */
    bool fpu_dirty;       /* the processor holds its state */
    bool virtual_ts;      /* the guest wants the next use reported */
    uint8_t fpu[512] ALIGNED(16);
};

/* --- core/vcpu.c ----------------------------------------------------------------------------- */

/* A new domain's vcpu, in its structure: stopped, its timers of no effect, on a processor. */
void vcpu_init(struct vcpu *vcpu, struct domain *domain);

/* Stops the timers of one that will not run again, and takes it out of its processor. */
void vcpu_stop_for_good(struct vcpu *vcpu);

/* Gives back its descriptor tables and its root, once it is stopped for good. Needs mm_lock. */
void vcpu_release(struct vcpu *vcpu);

/* Gives it registers, tables and root: setvcpucontext, and Domain 0's start. It must not run.
 * Once it has tables, they are its own to change: a context with others is -EOPNOTSUPP, as on Xen.
 * After -EINVAL or that nothing has changed. AGAIN: its tree is large; done again it is as if done
 * once. */
status vcpu_set_context(struct vcpu *vcpu, const struct vcpu_guest_context *context);
void vcpu_get_context(struct vcpu *vcpu, struct vcpu_guest_context *context);

#endif
