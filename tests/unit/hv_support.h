/* SPDX-License-Identifier: GPL-2.0-only */
/* hv_support.h - a few frames, and the hypervisor's page-table code on the host */
#ifndef TESTS_UNIT_HV_SUPPORT_H
#define TESTS_UNIT_HV_SUPPORT_H

#include "hv/include/mm.h"

#define LAB_FRAMES 32
#define LAB_OTHERS 24 /* frames from here on belong to another domain */
#define LAB_DOMAIN 1

extern unsigned lab_freed, lab_flushes;

/* All frames allocated, counted once, of no type, filled with zeros. Frame 0 is not RAM. */
void lab_reset(void);
pte *lab_table(mfn number);

#endif
