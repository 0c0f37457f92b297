/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * divide.h - division of 64 bits by 32 on a 32-bit processor
 *
 * The compiler's helper for it lives in a library that a freestanding program does not have; two
 * DIVs do it (SDM volume 2, DIV: the quotient fits because the high half is the first's remainder).
 */
#ifndef FREESTANDING_DIVIDE_H
#define FREESTANDING_DIVIDE_H

#include "include/freestanding/types.h"

/* Returns value / by; `by` is not 0. *rest, if rest is not NULL, is value % by. */
static inline uint64_t divide(uint64_t value, uint32_t by, uint32_t *rest)
{
#if __STDC_HOSTED__
    if (rest)
        *rest = (uint32_t)(value % by);
    return value / by;
#else
    uint32_t high = (uint32_t)(value >> 32) / by;
    uint32_t remainder = (uint32_t)(value >> 32) % by, low = (uint32_t)value;

    __asm__("divl %2" : "+a"(low), "+d"(remainder) : "rm"(by));
    if (rest)
        *rest = remainder;
    return (uint64_t)high << 32 | low;
#endif
}

#endif
