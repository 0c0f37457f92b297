/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * events.c - event channels, time, and waiting
 *
 * An upcall says that some bit is set in pending & ~mask. The word-by-word search follows the
 * interface's two levels: a selector word of which each bit stands for 32 channels.
 *
 * Time (public/xen.h, vcpu_time_info): the hypervisor writes a TSC reading, the system time at that
 * reading and a scale; the version is odd while it writes. The one timer is set for the earliest
 * wish; a domain with one busy process and no sleeper never sets it.
 */
#include "guestos/arch/xen/domain.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/time/time.h"

#include <xen/platform.h>

static evtchn_port_t timer_port;
static void (*handlers[EVENT_PORTS])(evtchn_port_t port); /* of all other ports */
static uint64_t timer_set;                                /* for this time; NO_DEADLINE: not set */

/* ---- time ------------------------------------------------------------------------------------ */

static uint64_t read_tsc(void)
{
    uint64_t value;

    __asm__ volatile("rdtsc" : "=A"(value));
    return value;
}

/* 64 x 32 bits, the middle 64 bits of the product. */
static uint64_t scale(uint64_t delta, uint32_t multiplier)
{
    return ((uint64_t)(uint32_t)delta * multiplier >> 32) + (delta >> 32) * multiplier;
}

uint64_t arch_clock(void)
{
    static uint64_t last;
    const volatile struct vcpu_time_info *time = &vcpu()->time;
    uint32_t version;
    uint64_t now;

    do {
        version = time->version;
        __asm__ volatile("" : : : "memory");
        uint64_t delta = read_tsc() - time->tsc_timestamp;
        delta = time->tsc_shift < 0 ? delta >> -time->tsc_shift : delta << time->tsc_shift;
        now = time->system_time + scale(delta, time->tsc_to_system_mul);
        __asm__ volatile("" : : : "memory");
    } while (version & 1 || version != time->version);
    if (now > last)
        last = now;
    return last;
}

/* Where the hypervisor says how long this domain's one processor has been in each state. */
static volatile struct vcpu_runstate_info run_states;

/* It is written while this processor does not run, and so is never seen half done. */
uint64_t arch_stolen(unsigned processor)
{
    (void)processor;
    return run_states.time[RUNSTATE_runnable] + run_states.time[RUNSTATE_offline];
}

uint64_t arch_wall_clock(void)
{
    const volatile struct shared_info *shared = &shared_page;
    uint32_t version;
    uint64_t wall;

    do {
        version = shared->wc_version;
        wall = (uint64_t)shared->wc_sec * NANOSECONDS + shared->wc_nsec;
    } while (version & 1 || version != shared->wc_version);
    return wall;
}

/* Domain 0 tells the hypervisor, which tells all domains (xen/platform.h). */
bool arch_set_wall_clock(uint64_t at_boot)
{
    struct xen_platform_op op = {.cmd = XENPF_settime64,
                                 .interface_version = XENPF_INTERFACE_VERSION};
    uint32_t nanoseconds;

    if (!(start_info->flags & SIF_INITDOMAIN))
        return false;
    op.u.settime64.system_time = arch_clock();
    op.u.settime64.secs = divide(at_boot + op.u.settime64.system_time, NANOSECONDS, &nanoseconds);
    op.u.settime64.nsecs = nanoseconds;
    return HYPERCALL_1(platform_op, &op) == 0;
}

void arch_timer_request(uint64_t deadline)
{
    if (deadline >= timer_set)
        return;
    timer_set = deadline;
    if (HYPERCALL_2(set_timer_op, deadline, deadline >> 32))
        panic("set_timer_op refused");
}

static void timer_event(const struct trap_frame *frame)
{
    count(COUNT_ticks);
    timer_set = NO_DEADLINE;
    scheduler_tick(arch_clock(), frame_from_user(frame));
}

/* ---- events ---------------------------------------------------------------------------------- */

static uint32_t take_lowest(uint32_t *word)
{
    uint32_t bit = (uint32_t)__builtin_ctz(*word);

    *word &= *word - 1;
    return bit;
}

void events_handle(struct trap_frame *frame)
{
    struct shared_info *shared = &shared_page;

    count(COUNT_interrupts);
    while (__atomic_exchange_n(&vcpu()->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST)) {
        uint32_t selector =
            (uint32_t)__atomic_exchange_n(&vcpu()->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);

        while (selector) {
            uint32_t word = take_lowest(&selector);
            uint32_t pending =
                (uint32_t)(shared->evtchn_pending[word] & ~shared->evtchn_mask[word]);

            while (pending) {
                uint32_t bit = take_lowest(&pending);

                __atomic_fetch_and(&shared->evtchn_pending[word], ~(1ul << bit), __ATOMIC_SEQ_CST);
                evtchn_port_t port = word * 32 + bit;
                if (port == timer_port)
                    timer_event(frame);
                else if (handlers[port])
                    handlers[port](port);
            }
        }
    }
}

void event_bind(evtchn_port_t port, void (*handler)(evtchn_port_t port))
{
    handlers[port] = handler;
}

void event_mask(evtchn_port_t port)
{
    __atomic_fetch_or(&shared_page.evtchn_mask[port / 32], 1ul << port % 32, __ATOMIC_SEQ_CST);
}

void event_unmask(evtchn_port_t port)
{
    struct evtchn_unmask op = {.port = port};

    HYPERCALL_2(event_channel_op, EVTCHNOP_unmask, &op);
}

void event_send(evtchn_port_t port)
{
    struct evtchn_send op = {.port = port};

    HYPERCALL_2(event_channel_op, EVTCHNOP_send, &op);
}

void event_clear(evtchn_port_t port)
{
    __atomic_fetch_and(&shared_page.evtchn_pending[port / 32], ~(1ul << port % 32),
                       __ATOMIC_SEQ_CST);
}

void event_raise(evtchn_port_t port)
{
    __atomic_fetch_or(&shared_page.evtchn_pending[port / 32], 1ul << port % 32, __ATOMIC_SEQ_CST);
    __atomic_fetch_or(&vcpu()->evtchn_pending_sel, 1ul << port / 32, __ATOMIC_SEQ_CST);
    __atomic_store_n(&vcpu()->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST);
}

evtchn_port_t event_bind_virq(uint32_t virq)
{
    struct evtchn_bind_virq bind = {.virq = virq, .vcpu = 0};

    if (HYPERCALL_2(event_channel_op, EVTCHNOP_bind_virq, &bind))
        panic("cannot bind virtual interrupt %u", virq);
    return bind.port;
}

void events_init(void)
{
    /* Hypervisors may tick by default; this kernel asks when it wants to be woken. */
    HYPERCALL_3(vcpu_op, VCPUOP_stop_periodic_timer, 0, NULL);
    struct vcpu_register_runstate_memory_area area = {.addr.v =
                                                          (struct vcpu_runstate_info *)&run_states};
    HYPERCALL_3(vcpu_op, VCPUOP_register_runstate_memory_area, 0, &area);
    timer_set = NO_DEADLINE;
    timer_port = event_bind_virq(VIRQ_TIMER);
    __atomic_fetch_and(&shared_page.evtchn_mask[timer_port / 32], ~(1ul << (timer_port % 32)),
                       __ATOMIC_SEQ_CST);
}

/* What became pending while masked is delivered on the way back from any hypercall. */
void arch_accept_interrupts(void)
{
    if (!vcpu()->evtchn_upcall_pending)
        return;
    vcpu()->evtchn_upcall_mask = 0;
    __asm__ volatile("" : : : "memory");
    HYPERCALL_2(xen_version, XENVER_version, NULL);
    vcpu()->evtchn_upcall_mask = 1;
}

/* The hypervisor clears the mask, delivers what is pending, and else waits. */
void arch_idle(void)
{
    HYPERCALL_2(sched_op, SCHEDOP_block, 0);
    vcpu()->evtchn_upcall_mask = 1;
}
