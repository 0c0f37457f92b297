/* SPDX-License-Identifier: GPL-2.0-only */
/* internet.h - numbers in the network's order, and the sum of RFC 1071 */
#ifndef XENOLITH_SIM_INTERNET_H
#define XENOLITH_SIM_INTERNET_H

#include <stdint.h>

#define ETHERNET_BYTES 14u

static inline uint16_t internet_get16(const uint8_t *from)
{
    return (uint16_t)(from[0] << 8 | from[1]);
}

static inline uint32_t internet_get32(const uint8_t *from)
{
    return (uint32_t)internet_get16(from) << 16 | internet_get16(from + 2);
}

static inline void internet_put16(uint8_t *to, uint16_t value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
}

static inline void internet_put32(uint8_t *to, uint32_t value)
{
    internet_put16(to, (uint16_t)(value >> 16));
    internet_put16(to + 2, (uint16_t)value);
}

/* The sum over bytes, not complemented, continued from `before`; 0xffff over a part whose own sum
 * is right. */
uint16_t internet_sum(uint16_t before, const uint8_t *bytes, uint32_t count);

/* The same over the pseudo header of an IPv4 packet (RFC 9293, 3.1; RFC 768) and its payload. */
uint16_t internet_pseudo_sum(const uint8_t *ip, const uint8_t *payload, uint32_t bytes);

#endif
