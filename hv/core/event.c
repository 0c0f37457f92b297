/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event.c - event channels
 *
 * The hypervisor's interrupt. A port of a domain is one of: closed; unbound, waiting for a named
 * domain; bound to another domain's port; to a virtual interrupt; to the domain itself ("IPI").
 *
 * Sending sets the port's pending bit in shared_info. If it was clear and the port is not masked,
 * the bit of its word in the selector is set, and if that was clear too the upcall is marked
 * pending and the domain woken. The guest takes it back in the reverse order: upcall pending,
 * selector, pending bit; so no event can fall between. On every way out to a guest the upcall is
 * made if it is pending and not masked (guest_exit); making it sets the mask.
 *
 * A guest owns pending and mask words and may fill them with anything: the hypervisor never
 * believes them, it only sets bits. What a port is is kept on this side, in struct event_channel.
 *
 * A domain may use queues in the place of pending and mask words: event_fifo.c. What makes and ends
 * channels is in event_bind.c, the hypercall in event_op.c.
 *
 * Sources: the paper, 3.2; xen/event_channel.h.
 */
#include "hv/include/event.h"
#include "hv/include/errors.h"
#include "hv/include/event_fifo.h"
#include "hv/include/perfc.h"
#include "hv/include/sched.h"
#include "hv/io/vbd.h"
#include "hv/io/vif.h"
#include "hv/include/arch/smp.h"

struct spinlock event_lock;

static bool test_and_set_bit(unsigned bit, unsigned long *words)
{
    unsigned long mask = 1ul << bit % 32;

    return __atomic_fetch_or(&words[bit / 32], mask, __ATOMIC_SEQ_CST) & mask;
}

static bool test_bit(unsigned bit, const unsigned long *words)
{
    return words[bit / 32] >> bit % 32 & 1;
}

struct event_channel *event_channel(const struct domain *domain, uint32_t port)
{
    if (port >= EVENT_CHANNELS || !domain->channels[port / EVENT_CHANNELS_A_PAGE])
        return NULL;
    return &domain->channels[port / EVENT_CHANNELS_A_PAGE][port % EVENT_CHANNELS_A_PAGE];
}

static bool polls(const struct vcpu *vcpu, unsigned port)
{
    for (unsigned i = 0; i < vcpu->poll_ports; i++) {
        if (vcpu->poll_port[i] == port)
            return true;
    }
    return false;
}

void event_upcall(struct vcpu *vcpu)
{
    struct vcpu_info *info = vcpu->vcpu_info;

    if (__atomic_exchange_n(&info->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST))
        return;
    if (vcpu->running)
        poke_processor(vcpu->cpu);
    sched_wake(vcpu);
}

void event_set_pending(struct domain *domain, unsigned port)
{
    struct shared_info *shared = domain->shared;
    struct vcpu *vcpu = &domain->vcpu[0]; /* every port is bound to it */

    if (domain->fifo) {
        if (!event_fifo_set_pending(domain, port))
            return;
        perfc_count(events_sent);
        if (polls(vcpu, port))
            sched_wake(vcpu);
        return;
    }
    if (test_and_set_bit(port, shared->evtchn_pending))
        return;
    perfc_count(events_sent);
    if (!test_bit(port, shared->evtchn_mask) &&
        !test_and_set_bit(port / 32, &vcpu->vcpu_info->evtchn_pending_sel))
        event_upcall(vcpu);
    else if (polls(vcpu, port))
        sched_wake(vcpu);
}

void event_virq(struct vcpu *vcpu, unsigned virq)
{
    unsigned port;

    lock(&event_lock);
    port = vcpu->virq_port[virq];
    if (port)
        event_set_pending(vcpu->domain, port);
    unlock(&event_lock);
}

bool event_port_pending(const struct domain *domain, uint32_t port)
{
    if (port >= EVENT_CHANNELS)
        return false;
    return domain->fifo ? event_fifo_is_pending(domain, port)
                        : test_bit(port, domain->shared->evtchn_pending);
}

bool event_port_open(const struct domain *domain, uint32_t port)
{
    const struct event_channel *c = event_channel(domain, port);

    return c && c->status != EVTCHNSTAT_closed;
}

status event_send(struct domain *self, uint32_t port)
{
    const struct event_channel *c = event_channel(self, port);

    if (!c)
        return -EINVAL;
    switch (c->status) {
    case EVTCHNSTAT_interdomain:
        if (c->reserved == EVENT_CONSUMER_VBD) {
            block_notify(c->padding);
            return 0;
        }
        if (c->reserved == EVENT_CONSUMER_VIF) {
            net_notify(c->padding);
            return 0;
        }
        event_set_pending(domains[c->remote_domain], c->remote_port_virq);
        return 0;
    case EVTCHNSTAT_ipi:
        event_set_pending(self, port);
        return 0;
    case EVTCHNSTAT_unbound:
        return 0; /* nobody there yet; the bind will say so */
    default:
        return -EINVAL;
    }
}

status event_unmask(struct domain *self, uint32_t port)
{
    struct shared_info *shared = self->shared;
    const struct event_channel *c = event_channel(self, port);

    if (!c || c->status == EVTCHNSTAT_closed)
        return -EINVAL;
    if (self->fifo) {
        event_fifo_unmask(self, port);
        return 0;
    }
    __atomic_fetch_and(&shared->evtchn_mask[port / 32], ~(1ul << port % 32), __ATOMIC_SEQ_CST);
    if (test_bit(port, shared->evtchn_pending) &&
        !test_and_set_bit(port / 32, &self->vcpu[0].vcpu_info->evtchn_pending_sel))
        event_upcall(&self->vcpu[0]);
    return 0;
}
