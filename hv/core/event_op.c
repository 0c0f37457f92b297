/* SPDX-License-Identifier: GPL-2.0-only */
/* event_op.c - the hypercall of event channels (what they are: event.c) */
#include "hv/include/event.h"
#include "hv/include/event_fifo.h"
#include "hv/include/hypercall.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/operation.h"
#include "hv/io/vbd.h"
#include "hv/io/vif.h"
#include "hv/include/arch/uaccess.h"

static status channel_status(struct domain *self, struct evtchn_status *op)
{
    struct domain *domain = domain_by_id(self, op->dom);
    const struct event_channel *c;

    if (!domain)
        return -ESRCH;
    if (domain != self && !self->privileged)
        return -EPERM;
    c = event_channel(domain, op->port);
    if (!c)
        return -EINVAL; /* nothing was ever bound up there */
    op->status = c->status;
    op->vcpu = 0;
    switch (c->status) {
    case EVTCHNSTAT_unbound:
        op->u.unbound.dom = c->remote_domain;
        break;
    case EVTCHNSTAT_interdomain:
        op->u.interdomain.dom = c->remote_domain;
        op->u.interdomain.port = c->remote_port_virq;
        break;
    case EVTCHNSTAT_virq:
        op->u.virq = c->remote_port_virq;
        break;
    default:
        break;
    }
    return 0;
}

static status bind_vcpu(struct domain *self, const struct evtchn_bind_vcpu *op)
{
    const struct event_channel *c = event_channel(self, op->port);

    if (op->vcpu != 0)
        return -ENOENT;
    /* What belongs to one processor by its nature stays there. */
    if (!c || (c->status != EVTCHNSTAT_unbound && c->status != EVTCHNSTAT_interdomain))
        return -EINVAL;
    return 0;
}

static status set_priority(struct domain *self, const struct evtchn_set_priority *op)
{
    const struct event_channel *c = event_channel(self, op->port);

    if (!c || c->status == EVTCHNSTAT_closed)
        return -EINVAL;
    return event_fifo_set_priority(self, op->port, op->priority);
}

static status reset(struct domain *self, const struct evtchn_reset *op)
{
    struct domain *domain = domain_by_id(self, op->dom);

    if (!domain)
        return -ESRCH;
    if (domain != self && !self->privileged)
        return -EPERM;
    for (unsigned port = 1; port < EVENT_CHANNELS; port++)
        event_close(domain, port);
    event_fifo_release(domain);
    return 0;
}

/* The sizes of the operations' structures, by number; 0: not implemented. */
static const uint8_t op_bytes[] = {
    [EVTCHNOP_bind_interdomain] = sizeof(struct evtchn_bind_interdomain),
    [EVTCHNOP_bind_virq] = sizeof(struct evtchn_bind_virq),
    [EVTCHNOP_close] = sizeof(struct evtchn_close),
    [EVTCHNOP_send] = sizeof(struct evtchn_send),
    [EVTCHNOP_status] = sizeof(struct evtchn_status),
    [EVTCHNOP_alloc_unbound] = sizeof(struct evtchn_alloc_unbound),
    [EVTCHNOP_bind_ipi] = sizeof(struct evtchn_bind_ipi),
    [EVTCHNOP_bind_vcpu] = sizeof(struct evtchn_bind_vcpu),
    [EVTCHNOP_unmask] = sizeof(struct evtchn_unmask),
    [EVTCHNOP_reset] = sizeof(struct evtchn_reset),
    [EVTCHNOP_init_control] = sizeof(struct evtchn_init_control),
    [EVTCHNOP_expand_array] = sizeof(struct evtchn_expand_array),
    [EVTCHNOP_set_priority] = sizeof(struct evtchn_set_priority),
};

union operands {
    struct evtchn_op op; /* the widest */
    struct evtchn_bind_interdomain bind_interdomain;
    struct evtchn_bind_virq bind_virq;
    struct evtchn_close close;
    struct evtchn_send send;
    struct evtchn_status status;
    struct evtchn_alloc_unbound alloc_unbound;
    struct evtchn_bind_ipi bind_ipi;
    struct evtchn_bind_vcpu bind_vcpu;
    struct evtchn_unmask unmask;
    struct evtchn_reset reset;
    struct evtchn_init_control init_control;
    struct evtchn_expand_array expand_array;
    struct evtchn_set_priority set_priority;
};

/* One operation; what it answers goes into its operands. */
static status operate(struct domain *self, uint32_t cmd, union operands *u)
{
    switch (cmd) {
    case EVTCHNOP_bind_interdomain:
        return event_bind_interdomain(self, &u->bind_interdomain);
    case EVTCHNOP_bind_virq:
        return event_bind_virq(self, &u->bind_virq);
    case EVTCHNOP_close:
        return event_close(self, u->close.port);
    case EVTCHNOP_send:
        return event_send(self, u->send.port);
    case EVTCHNOP_status:
        return channel_status(self, &u->status);
    case EVTCHNOP_alloc_unbound:
        return event_bind_unbound(self, &u->alloc_unbound);
    case EVTCHNOP_bind_ipi:
        return event_bind_ipi(self, &u->bind_ipi);
    case EVTCHNOP_bind_vcpu:
        return bind_vcpu(self, &u->bind_vcpu);
    case EVTCHNOP_unmask:
        return event_unmask(self, u->unmask.port);
    case EVTCHNOP_init_control:
        return event_fifo_init(self, &u->init_control);
    case EVTCHNOP_expand_array:
        return event_fifo_expand(self, &u->expand_array);
    case EVTCHNOP_set_priority:
        return set_priority(self, &u->set_priority);
    default:
        return reset(self, &u->reset);
    }
}

/*
 * Packets that the event was about may be many: a send is then repeated, which does no more than
 * to go on. True: it is to be.
 */
static bool serve_devices(bool may_repeat)
{
    block_work();
    if (!may_repeat) {
        net_work(NULL);
        return false;
    }
    while (net_work(current_domain())) {
        if (hypercall_should_yield())
            return true;
    }
    return false;
}

static long do_op(const unsigned long *args, bool may_repeat)
{
    uint32_t cmd = (uint32_t)args[0];
    void *guest = (void *)args[1];
    union operands u = {0};
    /* The queues' pages: mm_lock comes before event_lock. */
    bool uses_frames =
        cmd == EVTCHNOP_init_control || cmd == EVTCHNOP_expand_array || cmd == EVTCHNOP_reset;
    status result;

    if (!operation_begin(__HYPERVISOR_event_channel_op, cmd))
        return not_implemented();
    ASSERT(cmd < ARRAY_SIZE(op_bytes) && op_bytes[cmd] > 0);
    if (copy_from_guest(&u, guest, op_bytes[cmd]))
        return -EFAULT;
    if (uses_frames)
        lock(&mm_lock);
    lock(&event_lock);
    result = operate(current_domain(), cmd, &u);
    unlock(&event_lock);
    if (uses_frames)
        unlock(&mm_lock);
    if (serve_devices(may_repeat && cmd == EVTCHNOP_send))
        return hypercall_continue(args, 2);
    if (result == 0 && copy_to_guest(guest, &u, op_bytes[cmd]))
        return -EFAULT;
    return result;
}

long do_event_channel_op(const unsigned long *args)
{
    return do_op(args, true);
}

long do_event_channel_op_compat(const unsigned long *args)
{
    /* The old form: the command inside the structure, before the same operands. */
    uint32_t cmd;
    unsigned long modern[2];

    if (copy_from_guest(&cmd, (void *)args[0], sizeof(cmd)))
        return -EFAULT;
    modern[0] = cmd;
    modern[1] = args[0] + offsetof(struct evtchn_op, u);
    return do_op(modern, false);
}
