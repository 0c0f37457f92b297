/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * announce.h - what is said to a simulator that listens; elsewhere nothing is done
 *
 * Lock: none; the tables that are announced stay where they are for ever.
 */
#ifndef GUESTOS_ARCH_ANNOUNCE_H
#define GUESTOS_ARCH_ANNOUNCE_H

#include "guestos/kernel/types.h"

/* Names the process that runs from now on to a simulator that listens; free otherwise. */
void arch_announce_context(uint32_t pid);
void arch_announce_end(uint32_t pid);
void arch_announce_counters(const void *table);
void arch_announce_ramdisk(const void *record); /* struct announced_ramdisk */

#endif
