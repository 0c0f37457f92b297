/* SPDX-License-Identifier: GPL-2.0-only */
/* checksum.c - one's-complement sums; see checksum.h */
#include "guestos/net/checksum.h"

u32 checksum_add(u32 sum, const void *bytes, u32 n)
{
    const u8 *at = bytes;
    u64 wide = sum;
    for (; n >= 2; n -= 2, at += 2)
        wide += get16(at);
    if (n)
        wide += (u32)at[0] << 8;
    while (wide >> 32)
        wide = (wide & 0xffffffff) + (wide >> 32);
    return (u32)wide;
}

u16 checksum_end(u32 sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (u16)~sum;
}

u32 checksum_pseudo(u32 source, u32 destination, u32 protocol, u32 bytes)
{
    u8 header[12];
    put32(header, source);
    put32(header + 4, destination);
    put16(header + 8, protocol);
    put16(header + 10, bytes);
    return checksum_add(0, header, sizeof header);
}
