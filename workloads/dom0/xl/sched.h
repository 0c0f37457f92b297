/* SPDX-License-Identifier: GPL-2.0-only */
/* sched.h - a new domain's share of the processor */
#ifndef XENOLITH_XL_SCHED_H
#define XENOLITH_XL_SCHED_H

#include <stdint.h>

/* Weighs a domain as xl.cfg(5)'s cpu_weight has it: 256 is everybody's, 512 twice as much. 0, or 1
 * after saying why not on standard error. */
int sched_weigh(unsigned domain, uint32_t cpu_weight);

#endif
