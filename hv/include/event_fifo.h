/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event_fifo.h - events in queues (essay: core/event_fifo.c)
 *
 * For domains whose `fifo` is set, which event_fifo_init() does. Ports are valid ones.
 */
#ifndef HV_EVENT_FIFO_H
#define HV_EVENT_FIFO_H

#include "hv/include/domain.h"

/*
 * EVTCHNOP_init_control, _expand_array, _set_priority: 0 or -Exxx as in xen/event_channel.h. The
 * first two need mm_lock.
 */
status event_fifo_init(struct domain *domain, struct evtchn_init_control *op);
status event_fifo_expand(struct domain *domain, const struct evtchn_expand_array *op);
status event_fifo_set_priority(struct domain *domain, unsigned port, uint32_t priority);

/* Returns whether the port was not pending before. */
bool event_fifo_set_pending(struct domain *domain, unsigned port);
void event_fifo_clear_pending(struct domain *domain, unsigned port);
bool event_fifo_is_pending(const struct domain *domain, unsigned port);
void event_fifo_unmask(struct domain *domain, unsigned port);

/* Back to bits in shared_info; the guest has its pages back. Needs mm_lock. */
void event_fifo_release(struct domain *domain);

/* The two frames of the guest's in use, for the audit; 0: none. */
void event_fifo_frames(const struct domain *domain, mfn frames[2]);

#endif
