/* SPDX-License-Identifier: GPL-2.0-only */
/* bytes.h - what a frame is read and written with: big-endian words, the Internet's sum */
#ifndef XENOLITH_TESTS_NIC_BYTES_H
#define XENOLITH_TESTS_NIC_BYTES_H

#include "tests/bench/ports.h"

static inline void copy(uint8_t *to, const uint8_t *from, uint32_t bytes)
{
    while (bytes--)
        *to++ = *from++;
}

static inline bool same(const uint8_t *a, const uint8_t *b, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

static inline void put16(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
}

static inline uint32_t get16(const uint8_t *from)
{
    return (uint32_t)from[0] << 8 | from[1];
}

static inline uint32_t sum_of(const uint8_t *from, uint32_t bytes)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i + 1 < bytes; i += 2)
        sum += get16(from + i);
    if (bytes & 1)
        sum += (uint32_t)from[bytes - 1] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

#endif
