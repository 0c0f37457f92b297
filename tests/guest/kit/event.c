/* SPDX-License-Identifier: GPL-2.0-only */
/* Event channels and time, as the shared page shows them. */
#include "tests/guest/kit/kit.h"

unsigned bind_virq(unsigned virq)
{
    struct evtchn_bind_virq bind = {.virq = virq, .vcpu = 0};

    if (event_op(EVTCHNOP_bind_virq, &bind))
        give_up("virtual interrupt %u cannot be bound", virq);
    return bind.port;
}

unsigned bind_ipi(void)
{
    struct evtchn_bind_ipi bind = {.vcpu = 0};

    if (event_op(EVTCHNOP_bind_ipi, &bind))
        give_up("no port for an inter-processor event");
    return bind.port;
}

long event_send(unsigned port)
{
    struct evtchn_send send = {.port = port};

    return event_op(EVTCHNOP_send, &send);
}

long event_unmask(unsigned port)
{
    struct evtchn_unmask unmask = {.port = port};

    return event_op(EVTCHNOP_unmask, &unmask);
}

long event_close(unsigned port)
{
    struct evtchn_close close = {.port = port};

    return event_op(EVTCHNOP_close, &close);
}

void event_mask_set(unsigned port, bool masked)
{
    volatile unsigned long *word = &shared->evtchn_mask[port / 32];

    if (masked)
        asm volatile("lock btsl %1, %0" : "+m"(*word) : "r"(port % 32) : "memory");
    else
        asm volatile("lock btrl %1, %0" : "+m"(*word) : "r"(port % 32) : "memory");
}

void event_clear(unsigned port)
{
    volatile unsigned long *word = &shared->evtchn_pending[port / 32];

    /* In the order in which the hypervisor does not set them: what comes meanwhile is kept. */
    *(volatile uint8_t *)&vcpu()->evtchn_upcall_pending = 0;
    *(volatile unsigned long *)&vcpu()->evtchn_pending_sel = 0;
    asm volatile("lock btrl %1, %0" : "+m"(*word) : "r"(port % 32) : "memory");
}

/* (delta << shift) * mul >> 32, with 32-bit multiplications only (xen.h, struct vcpu_time_info). */
static uint64_t scale(uint64_t delta, int shift, uint32_t mul)
{
    delta = shift < 0 ? delta >> -shift : delta << shift;
    return ((delta & 0xffffffff) * mul >> 32) + (delta >> 32) * mul;
}

uint64_t now(void)
{
    volatile struct vcpu_time_info *time = &vcpu()->time;
    uint32_t version;
    uint64_t result;

    do {
        version = time->version & ~1U;
        asm volatile("" ::: "memory");
        uint64_t tsc;
        asm volatile("rdtsc" : "=A"(tsc));
        result = time->system_time +
                 scale(tsc - time->tsc_timestamp, time->tsc_shift, time->tsc_to_system_mul);
        asm volatile("" ::: "memory");
    } while (time->version != version);
    return result;
}
