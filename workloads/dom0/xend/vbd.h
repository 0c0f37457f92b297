/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vbd.h - the back ends of virtual disks, as the store has them
 *
 * The hypervisor serves the rings (hv/io); here is who decides and who talks: each disk of a domain
 * has a folder below /local/domain/0/backend/vbd, whose "state" follows that of the front end.
 */
#ifndef XENOLITH_XEND_VBD_H
#define XENOLITH_XEND_VBD_H

#include <stdbool.h>
#include <stdint.h>

#include "workloads/dom0/xend/store/store.h"

bool vbds_open(struct store *store); /* false: no memory */

/* After anything may have changed in the store: looks at all disks. True: look again soon. */
bool vbds_work(void);

/* The domain is gone: so are its disks. */
void vbds_gone(uint16_t domain);

#endif
