/* SPDX-License-Identifier: GPL-2.0-only */
/* hv_support.h - a few frames, and the hypervisor's page-table code on the host */
#ifndef TESTS_UNIT_HV_SUPPORT_H
#define TESTS_UNIT_HV_SUPPORT_H

#include "hv/include/mm.h"

#define LAB_FRAMES 96
#define LAB_OTHERS 24 /* frames from here on belong to another domain */
#define LAB_HEAP   48 /* from here on to nobody: frames of the heap's pages */
#define LAB_DOMAIN 1

extern unsigned lab_freed, lab_flushes;

/* All frames allocated, counted once, of no type, filled with zeros. Frame 0 is not RAM. */
void lab_reset(void);
pte *lab_table(mfn number);

/* Which table find_l1 finds, whatever the address; 0: none. The slot is the address's. */
extern mfn lab_l1;
/* How many pages of the heap are in use, and how many there may be. */
extern unsigned lab_heap_used, lab_heap_limit;

#endif
