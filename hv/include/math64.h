/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * math64.h - 64-bit arithmetic on a 32-bit processor
 *
 * The compiler's own helper for 64-bit division lives in a library that a freestanding program
 * does not have; two DIVs do it.
 */
#ifndef HV_MATH64_H
#define HV_MATH64_H

#include "hv/include/types.h"

/* value / by; *rest = value % by. by is not 0. */
static inline uint64_t divide(uint64_t value, uint32_t by, uint32_t *rest)
{
#if __STDC_HOSTED__
    *rest = (uint32_t)(value % by);
    return value / by;
#else
    uint32_t high = (uint32_t)(value >> 32) / by;
    uint32_t remainder = (uint32_t)(value >> 32) % by, low;

    __asm__("divl %4" : "=a"(low), "=d"(*rest) : "a"((uint32_t)value), "d"(remainder), "r"(by));
    return (uint64_t)high << 32 | low;
#endif
}

/* (value * factor) >> 32, of which the low 64 bits are wanted. */
static inline uint64_t scale(uint64_t value, uint32_t factor)
{
    uint64_t low = (uint64_t)(uint32_t)value * factor;
    uint64_t high = (value >> 32) * factor;

    return high + (low >> 32);
}

#endif
