/* SPDX-License-Identifier: GPL-2.0-only */
/* checksum.h - the Internet checksum (RFC 1071), and numbers as they are on the wire */
#ifndef GUESTOS_CHECKSUM_H
#define GUESTOS_CHECKSUM_H

#include "guestos/kernel/types.h"

/* Adds bytes to a sum that begins with 0. Only the last part may have an odd length. */
u32 checksum_add(u32 sum, const void *bytes, u32 n);
/* What belongs into the header, in host order. Over data that contains its checksum: 0. */
u16 checksum_end(u32 sum);
/* The part of TCP's and UDP's sum that comes from the IP header (RFC 9293, 3.1). */
u32 checksum_pseudo(u32 source, u32 destination, u32 protocol, u32 bytes);

static inline u16 get16(const u8 *at)
{
    return (u16)(at[0] << 8 | at[1]);
}

static inline u32 get32(const u8 *at)
{
    return (u32)get16(at) << 16 | get16(at + 2);
}

static inline void put16(u8 *at, u32 value)
{
    at[0] = (u8)(value >> 8);
    at[1] = (u8)value;
}

static inline void put32(u8 *at, u32 value)
{
    put16(at, value >> 16);
    put16(at + 2, value);
}

#endif
