/* SPDX-License-Identifier: GPL-2.0-only */
/* operands.h - random operands that meet: special values, close exponents, few bits */
#ifndef XENOLITH_TESTS_FLOAT_OPERANDS_H
#define XENOLITH_TESTS_FLOAT_OPERANDS_H

#include <stdint.h>

#include "cpu/float/number.h"

static uint64_t random_state;

static inline uint64_t random64(void)
{
    /* splitmix64 (S. Vigna) */
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* Few bits at either end, so that sums and products are exact or just not. */
static inline uint64_t random_fraction(void)
{
    uint64_t bits = random64();

    switch (random64() % 6) {
    case 0:
        return bits << (random64() % 64);
    case 1:
        return ~UINT64_C(0) << (random64() % 64);
    case 2:
        return bits >> (random64() % 64);
    case 3:
        return UINT64_C(1) << (random64() % 64);
    default:
        return bits;
    }
}

/* An exponent with its bias, of `bits` bits. */
static inline unsigned random_exponent(unsigned bits)
{
    unsigned all = (1u << bits) - 1, middle = all / 2;

    switch (random64() % 10) {
    case 0:
        return 0;
    case 1:
        return all;
    case 2:
        return (unsigned)(random64() % 70);
    case 3:
        return all - (unsigned)(random64() % 70);
    case 4:
        return (unsigned)random64() & all;
    default:
        return (middle - 35 + (unsigned)(random64() % 70)) & all;
    }
}

static inline uint32_t random32bits(void)
{
    return (uint32_t)(random64() & 1) << 31 | random_exponent(8) << 23 |
           (uint32_t)(random_fraction() >> 41);
}

static inline uint64_t random64bits(void)
{
    return random64() << 63 | (uint64_t)random_exponent(11) << 52 | random_fraction() >> 12;
}

static inline struct fp_extended random80bits(void)
{
    uint64_t fraction = random_fraction();

    if (random64() % 16)
        fraction |= FP_INTEGER_BIT;
    return (struct fp_extended){fraction,
                                (uint16_t)(random_exponent(15) | (unsigned)(random64() & 1) << 15)};
}

#endif
