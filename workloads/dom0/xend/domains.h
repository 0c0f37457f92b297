/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * domains.h - the domains that have been introduced: their way to the store, and their consoles
 */
#ifndef XENOLITH_XEND_DOMAINS_H
#define XENOLITH_XEND_DOMAINS_H

#include <stdbool.h>
#include <stdint.h>

#include "workloads/dom0/xend/store/store.h"

void domains_open(struct store *store, struct store_hooks *hooks); /* fills in the hooks */

/* An event of one of our ports. False: it is not a domain's. */
bool domains_event(uint32_t port);

/* Looks which domains have ended, and tells who watches. */
void domains_check(void);

/* Each domain that has said something has one request answered. True: there is more to do. */
bool domains_work(void);

#endif
