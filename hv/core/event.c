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
 * A domain may use queues in the place of pending and mask words: event_fifo.c.
 *
 * Sources: the paper, 3.2; xen/event_channel.h.
 */
#include "hv/include/event.h"
#include "hv/include/errors.h"
#include "hv/include/event_fifo.h"
#include "hv/include/hypercall.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/operation.h"
#include "hv/include/perfc.h"
#include "hv/include/sched.h"
#include "hv/include/arch/smp.h"
#include "hv/include/arch/uaccess.h"

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

static struct event_channel *channel(const struct domain *domain, uint32_t port)
{
    if (port >= EVENT_CHANNELS || !domain->channels[port / EVENT_CHANNELS_A_PAGE])
        return NULL;
    return &domain->channels[port / EVENT_CHANNELS_A_PAGE][port % EVENT_CHANNELS_A_PAGE];
}

/* The same of a port that has just been given, whose page is there. */
static struct event_channel *given_channel(const struct domain *domain, int port)
{
    struct event_channel *c = channel(domain, (uint32_t)port);

    ASSERT(c);
    return c;
}

/* The lowest closed port; port 0 is never used. */
static int free_port(struct domain *domain)
{
    if (domain->state == DOMAIN_DYING)
        return -EINVAL; /* its channels have been given back */
    for (unsigned port = 1; port < EVENT_CHANNELS; port++) {
        if (!domain->channels[port / EVENT_CHANNELS_A_PAGE]) {
            void *page = heap_page_for(domain);

            if (!page)
                return -ENOMEM;
            domain->channels[port / EVENT_CHANNELS_A_PAGE] = page;
        }
        if (given_channel(domain, (int)port)->status == EVTCHNSTAT_closed)
            return (int)port;
    }
    return -ENOSPC;
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
    const struct event_channel *c = channel(domain, port);

    return c && c->status != EVTCHNSTAT_closed;
}

int event_alloc_unbound(struct domain *domain, uint16_t remote)
{
    int port = free_port(domain);

    if (port < 0)
        return port;
    *given_channel(domain, port) =
        (struct event_channel){.status = EVTCHNSTAT_unbound, .remote_domain = remote};
    return port;
}

static int alloc_unbound(struct domain *self, struct evtchn_alloc_unbound *op)
{
    struct domain *domain = domain_by_id(self, op->dom);
    uint16_t remote = op->remote_dom == DOMID_SELF ? self->id : op->remote_dom;
    int port;

    if (!domain)
        return -ESRCH;
    if (domain != self && !self->privileged)
        return -EPERM;
    port = event_alloc_unbound(domain, remote);
    if (port < 0)
        return port;
    op->port = (uint32_t)port;
    return 0;
}

static int bind_interdomain(struct domain *self, struct evtchn_bind_interdomain *op)
{
    struct domain *remote = domain_by_id(self, op->remote_dom);
    struct event_channel *there;
    int port;

    if (!remote)
        return -ESRCH;
    port = free_port(self);
    if (port < 0)
        return port;
    there = channel(remote, op->remote_port);
    if (!there || there->status != EVTCHNSTAT_unbound || there->remote_domain != self->id)
        return -EINVAL;
    *given_channel(self, port) =
        (struct event_channel){.status = EVTCHNSTAT_interdomain,
                               .remote_domain = remote->id,
                               .remote_port_virq = (uint16_t)op->remote_port};
    *there = (struct event_channel){.status = EVTCHNSTAT_interdomain,
                                    .remote_domain = self->id,
                                    .remote_port_virq = (uint16_t)port};
    /* What the remote sent while nobody listened. */
    event_set_pending(self, port);
    op->local_port = (uint32_t)port;
    return 0;
}

static int bind_virq(struct domain *self, struct evtchn_bind_virq *op)
{
    int port;

    if (op->virq >= NR_VIRQS)
        return -EINVAL;
    if (op->vcpu != 0)
        return -ENOENT;
    if (self->vcpu[0].virq_port[op->virq])
        return -EEXIST;
    port = free_port(self);
    if (port < 0)
        return port;
    *given_channel(self, port) =
        (struct event_channel){.status = EVTCHNSTAT_virq, .remote_port_virq = (uint16_t)op->virq};
    self->vcpu[0].virq_port[op->virq] = (uint16_t)port;
    op->port = (uint32_t)port;
    return 0;
}

static int bind_ipi(struct domain *self, struct evtchn_bind_ipi *op)
{
    int port;

    if (op->vcpu != 0)
        return -ENOENT;
    port = free_port(self);
    if (port < 0)
        return port;
    *given_channel(self, port) = (struct event_channel){.status = EVTCHNSTAT_ipi};
    op->port = (uint32_t)port;
    return 0;
}

static int close_port(struct domain *self, uint32_t port)
{
    struct event_channel *c = channel(self, port);

    if (!c || c->status == EVTCHNSTAT_closed)
        return -EINVAL;
    if (c->status == EVTCHNSTAT_virq)
        self->vcpu[0].virq_port[c->remote_port_virq] = 0;
    if (c->status == EVTCHNSTAT_interdomain && c->remote_domain < MAX_DOMAINS) {
        struct domain *remote = domains[c->remote_domain];
        struct event_channel *there = remote ? channel(remote, c->remote_port_virq) : NULL;

        if (there)
            *there =
                (struct event_channel){.status = EVTCHNSTAT_unbound, .remote_domain = self->id};
    }
    *c = (struct event_channel){.status = EVTCHNSTAT_closed};
    if (self->fifo)
        event_fifo_clear_pending(self, port);
    __atomic_fetch_and(&self->shared->evtchn_pending[port / 32], ~(1ul << port % 32),
                       __ATOMIC_SEQ_CST);
    return 0;
}

static int send(struct domain *self, uint32_t port)
{
    const struct event_channel *c = channel(self, port);

    if (!c)
        return -EINVAL;
    switch (c->status) {
    case EVTCHNSTAT_interdomain:
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

static int channel_status(struct domain *self, struct evtchn_status *op)
{
    struct domain *domain = domain_by_id(self, op->dom);
    const struct event_channel *c;

    if (!domain)
        return -ESRCH;
    if (domain != self && !self->privileged)
        return -EPERM;
    c = channel(domain, op->port);
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

static int unmask(struct domain *self, uint32_t port)
{
    struct shared_info *shared = self->shared;
    const struct event_channel *c = channel(self, port);

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

static int bind_vcpu(struct domain *self, const struct evtchn_bind_vcpu *op)
{
    const struct event_channel *c = channel(self, op->port);

    if (op->vcpu != 0)
        return -ENOENT;
    /* What belongs to one processor by its nature stays there. */
    return c && (c->status == EVTCHNSTAT_unbound || c->status == EVTCHNSTAT_interdomain) ? 0
                                                                                         : -EINVAL;
}

static int set_priority(struct domain *self, const struct evtchn_set_priority *op)
{
    const struct event_channel *c = channel(self, op->port);

    if (!c || c->status == EVTCHNSTAT_closed)
        return -EINVAL;
    return event_fifo_set_priority(self, op->port, op->priority);
}

static void release_all(struct domain *domain)
{
    for (unsigned port = 1; port < EVENT_CHANNELS; port++) {
        const struct event_channel *c = channel(domain, port);

        if (c && c->status != EVTCHNSTAT_closed)
            close_port(domain, port);
    }
    for (unsigned i = 0; i < EVENT_CHANNEL_PAGES; i++) {
        heap_free(domain->channels[i]);
        domain->channels[i] = NULL;
    }
    event_fifo_release(domain);
}

void events_release(struct domain *domain)
{
    lock(&mm_lock);
    lock(&event_lock);
    release_all(domain);
    vcpu_info_release(&domain->vcpu[0]);
    unlock(&event_lock);
    unlock(&mm_lock);
}

void events_forget(struct domain *domain)
{
    lock(&event_lock);
    release_all(domain); /* what Domain 0 allocated in it while it was dying */
    domains[domain->id] = NULL;
    unlock(&event_lock);
}

static int reset(struct domain *self, const struct evtchn_reset *op)
{
    struct domain *domain = domain_by_id(self, op->dom);

    if (!domain)
        return -ESRCH;
    if (domain != self && !self->privileged)
        return -EPERM;
    for (unsigned port = 1; port < EVENT_CHANNELS; port++)
        close_port(domain, port);
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
static int operate(struct domain *self, uint32_t cmd, union operands *u)
{
    switch (cmd) {
    case EVTCHNOP_bind_interdomain:
        return bind_interdomain(self, &u->bind_interdomain);
    case EVTCHNOP_bind_virq:
        return bind_virq(self, &u->bind_virq);
    case EVTCHNOP_close:
        return close_port(self, u->close.port);
    case EVTCHNOP_send:
        return send(self, u->send.port);
    case EVTCHNOP_status:
        return channel_status(self, &u->status);
    case EVTCHNOP_alloc_unbound:
        return alloc_unbound(self, &u->alloc_unbound);
    case EVTCHNOP_bind_ipi:
        return bind_ipi(self, &u->bind_ipi);
    case EVTCHNOP_bind_vcpu:
        return bind_vcpu(self, &u->bind_vcpu);
    case EVTCHNOP_unmask:
        return unmask(self, u->unmask.port);
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

long do_event_channel_op(const unsigned long *args)
{
    uint32_t cmd = (uint32_t)args[0];
    void *guest = (void *)args[1];
    union operands u = {0};
    /* The queues' pages: mm_lock comes before event_lock. */
    bool uses_frames =
        cmd == EVTCHNOP_init_control || cmd == EVTCHNOP_expand_array || cmd == EVTCHNOP_reset;
    int result;

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
    if (result == 0 && copy_to_guest(guest, &u, op_bytes[cmd]))
        return -EFAULT;
    return result;
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
    return do_event_channel_op(modern);
}
