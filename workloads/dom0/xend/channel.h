/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * channel.h - event channels of this program, by way of /dev/xen/evtchn
 *
 * Functions return 0 or a port, or minus an error number.
 */
#ifndef XENOLITH_XEND_CHANNEL_H
#define XENOLITH_XEND_CHANNEL_H

#include <stdint.h>

int channel_open(void); /* returns a descriptor, to be polled for input */

int channel_bind(uint16_t domain, uint32_t port); /* to another domain's port: ours */
int channel_bind_virq(unsigned virq);
void channel_unbind(uint32_t port);
void channel_notify(uint32_t port); /* the other end */

/* The next port with an event, which stays masked until it is listened to again; -EAGAIN: none. */
int channel_next(void);
void channel_listen(uint32_t port);

#endif
