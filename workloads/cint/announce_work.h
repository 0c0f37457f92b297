/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENOLITH_CINT_ANNOUNCE_WORK_H
#define XENOLITH_CINT_ANNOUNCE_WORK_H

#include <stdint.h>

/* Looks for the simulator's signature, once. Without it announce_work does nothing. */
void announce_open(void);

/* Announces units of finished, verified work (include/xenolith/announce.h, ANNOUNCE_LEAF_WORK). */
void announce_work(uint32_t units);

#endif
