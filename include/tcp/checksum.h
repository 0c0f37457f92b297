/* SPDX-License-Identifier: GPL-2.0-only */
/* checksum.h - the Internet checksum (RFC 1071), and numbers as they are on the wire */
#ifndef GUESTOS_CHECKSUM_H
#define GUESTOS_CHECKSUM_H

#include "include/freestanding/types.h"

/* Adds bytes to a sum that begins with 0. Only the last part may have an odd length. */
uint32_t checksum_add(uint32_t sum, const void *bytes, uint32_t n);
/* What belongs into the header, in host order. Over data that contains its checksum: 0. */
uint16_t checksum_end(uint32_t sum);
/* The part of TCP's and UDP's sum that comes from the IP header (RFC 9293, 3.1). */
uint32_t checksum_pseudo(uint32_t source, uint32_t destination, uint32_t protocol, uint32_t bytes);

static inline uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t get32(const uint8_t *at)
{
    return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static inline void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value);
}

#endif
