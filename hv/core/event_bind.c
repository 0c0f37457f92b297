/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event_bind.c - channels made and ended
 *
 * A domain's channels are kept in pages of the heap, on its account; a page is made when the first
 * port in it is wanted. Everything here needs event_lock.
 */
#include "hv/include/event.h"
#include "hv/include/event_fifo.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/io/vbd.h"

/* The same of a port that has just been given, whose page is there. */
static struct event_channel *given_channel(const struct domain *domain, uint32_t port)
{
    struct event_channel *c = event_channel(domain, port);

    ASSERT(c);
    return c;
}

/* The lowest closed port; port 0 is never used. */
static status free_port(struct domain *domain, uint32_t *result)
{
    if (domain->state == DOMAIN_DYING)
        return -EINVAL; /* its channels have been given back */
    for (uint32_t port = 1; port < EVENT_CHANNELS; port++) {
        if (!domain->channels[port / EVENT_CHANNELS_A_PAGE]) {
            void *page = heap_page_for(domain);

            if (!page)
                return -ENOMEM;
            domain->channels[port / EVENT_CHANNELS_A_PAGE] = page;
        }
        if (given_channel(domain, port)->status == EVTCHNSTAT_closed) {
            *result = port;
            return 0;
        }
    }
    return -ENOSPC;
}

static status alloc_unbound(struct domain *domain, uint16_t remote, uint32_t *port)
{
    status result = free_port(domain, port);

    if (result)
        return result;
    *given_channel(domain, *port) =
        (struct event_channel){.status = EVTCHNSTAT_unbound, .remote_domain = remote};
    return 0;
}

status event_bind_unbound(struct domain *self, struct evtchn_alloc_unbound *op)
{
    struct domain *domain = domain_by_id(self, op->dom);
    uint16_t remote = op->remote_dom == DOMID_SELF ? self->id : op->remote_dom;

    if (!domain)
        return -ESRCH;
    if (domain != self && !self->privileged)
        return -EPERM;
    return alloc_unbound(domain, remote, &op->port);
}

status event_bind_interdomain(struct domain *self, struct evtchn_bind_interdomain *op)
{
    struct domain *remote = domain_by_id(self, op->remote_dom);
    struct event_channel *there;
    status result;
    uint32_t port;

    if (!remote)
        return -ESRCH;
    result = free_port(self, &port);
    if (result)
        return result;
    there = event_channel(remote, op->remote_port);
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
    op->local_port = port;
    return 0;
}

status event_bind_virq(struct domain *self, struct evtchn_bind_virq *op)
{
    status result;
    uint32_t port;

    if (op->virq >= NR_VIRQS)
        return -EINVAL;
    if (op->vcpu != 0)
        return -ENOENT;
    if (self->vcpu[0].virq_port[op->virq])
        return -EEXIST;
    result = free_port(self, &port);
    if (result)
        return result;
    *given_channel(self, port) =
        (struct event_channel){.status = EVTCHNSTAT_virq, .remote_port_virq = (uint16_t)op->virq};
    self->vcpu[0].virq_port[op->virq] = (uint16_t)port;
    op->port = port;
    return 0;
}

status event_bind_ipi(struct domain *self, struct evtchn_bind_ipi *op)
{
    status result;
    uint32_t port;

    if (op->vcpu != 0)
        return -ENOENT;
    result = free_port(self, &port);
    if (result)
        return result;
    *given_channel(self, port) = (struct event_channel){.status = EVTCHNSTAT_ipi};
    op->port = port;
    return 0;
}

status event_close(struct domain *self, uint32_t port)
{
    struct event_channel *c = event_channel(self, port);

    if (!c || c->status == EVTCHNSTAT_closed)
        return -EINVAL;
    if (c->status == EVTCHNSTAT_virq)
        self->vcpu[0].virq_port[c->remote_port_virq] = 0;
    if (c->status == EVTCHNSTAT_interdomain && !c->reserved && c->remote_domain < MAX_DOMAINS) {
        struct domain *remote = domains[c->remote_domain];
        struct event_channel *there = remote ? event_channel(remote, c->remote_port_virq) : NULL;

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

static void release_all(struct domain *domain)
{
    for (unsigned port = 1; port < EVENT_CHANNELS; port++) {
        const struct event_channel *c = event_channel(domain, port);

        if (c && c->status != EVTCHNSTAT_closed)
            event_close(domain, port);
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
