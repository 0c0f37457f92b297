/* SPDX-License-Identifier: GPL-2.0-only */
/* time.h - clocks as programs see them */
#ifndef GUESTOS_TIME_H
#define GUESTOS_TIME_H

#include "guestos/arch.h"

#define NANOSECONDS 1000000000u

/* Nanoseconds since 1970. */
static inline u64 time_wall(void)
{
    return arch_wall_clock() + arch_clock();
}

#endif
