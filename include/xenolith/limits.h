/* SPDX-License-Identifier: GPL-2.0-only */
/* limits.h - what the hypervisor can hold, for those who ask it for so much */
#ifndef XENOLITH_LIMITS_H
#define XENOLITH_LIMITS_H

#define XENOLITH_DOMAINS 512 /* at one time, Domain 0 among them */

#endif
