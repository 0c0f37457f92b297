/* SPDX-License-Identifier: GPL-2.0-only */
/* math64.h - multiplication of 64 bits on a 32-bit processor */
#ifndef HV_MATH64_H
#define HV_MATH64_H

#include "hv/include/types.h"

/* (value * factor) >> 32, of which the low 64 bits are wanted. */
static inline uint64_t scale(uint64_t value, uint32_t factor)
{
    uint64_t low = (uint64_t)(uint32_t)value * factor;
    uint64_t high = (value >> 32) * factor;

    return high + (low >> 32);
}

#endif
