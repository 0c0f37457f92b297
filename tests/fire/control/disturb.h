/* SPDX-License-Identifier: GPL-2.0-only */
/* disturb.h - what Domain 0 does to fuzzing domains while they run */
#ifndef TESTS_FIRE_CONTROL_DISTURB_H
#define TESTS_FIRE_CONTROL_DISTURB_H

#include "workloads/dom0/xl/domains.h"

/* How often each was done; `destroyed` by whoever is told to (disturb). */
struct disturbances {
    unsigned pauses, contexts, refused, created, destroyed;
};
extern struct disturbances disturbances;

void disturb_seed(uint32_t seed);

/*
 * Does something, or nothing, to a domain that may be running: pauses it, perhaps until it is its
 * turn again, reads its registers, sets them; or makes another one and destroys it. `victim`: it
 * need not live, and may get registers that are nonsense. True: it is to be destroyed as it runs.
 */
bool disturb(domid_t domain, bool victim);

/* Lets all go on that are still paused. */
void disturb_end(void);

#endif
