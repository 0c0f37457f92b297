/* SPDX-License-Identifier: GPL-2.0-only */
/* event.h - event channels (essay: core/event.c) */
#ifndef HV_EVENT_H
#define HV_EVENT_H

#include "hv/include/domain.h"

/* Protects channels and queues of all domains, but for what a guest has in its own memory. */
extern struct spinlock event_lock;

/* Sets a port pending and wakes its domain if it can hear it. Needs event_lock. */
void event_set_pending(struct domain *domain, unsigned port);

/* Marks an upcall pending, and wakes the vcpu or interrupts it. */
void event_upcall(struct vcpu *vcpu);

/* Raises a virtual interrupt, if the vcpu has bound it. Takes event_lock. */
void event_virq(struct vcpu *vcpu, unsigned virq);

/* --- core/event.c; all need event_lock */

/* What a port is; NULL if nothing was ever bound so far up. */
struct event_channel *event_channel(const struct domain *domain, uint32_t port);
/* -EINVAL: it is not a port that can be sent to; it is closed. */
status event_send(struct domain *self, uint32_t port);
status event_unmask(struct domain *self, uint32_t port);

/*
 * --- core/event_bind.c: EVTCHNOP_alloc_unbound, _bind_interdomain, _bind_virq, _bind_ipi, _close,
 * with results as in xen/event_channel.h; what fails has bound nothing. All need event_lock.
 */
status event_bind_unbound(struct domain *self, struct evtchn_alloc_unbound *op);
status event_bind_interdomain(struct domain *self, struct evtchn_bind_interdomain *op);
status event_bind_virq(struct domain *self, struct evtchn_bind_virq *op);
status event_bind_ipi(struct domain *self, struct evtchn_bind_ipi *op);
status event_close(struct domain *self, uint32_t port);

/* Closes every port. */
void events_release(struct domain *domain);

/*
 * Takes a domain that is about to be freed out of domains[], so that no port can lead to it. Needs
 * mm_lock.
 */
void events_forget(struct domain *domain);

/*
 * core/vcpu_info.c: moves vcpu_info to a frame of the guest's; and gives it back. Needs mm_lock to.
 */
status vcpu_info_register(struct vcpu *vcpu, const void *guest);
void vcpu_info_release(struct vcpu *vcpu);

/* Whether a port is anything but closed; is pending, whatever it is. Need event_lock. */
bool event_port_open(const struct domain *domain, uint32_t port);
bool event_port_pending(const struct domain *domain, uint32_t port);

#endif
