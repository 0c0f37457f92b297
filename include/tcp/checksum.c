/* SPDX-License-Identifier: GPL-2.0-only */
/* checksum.c - one's-complement sums; see checksum.h */
#include "include/tcp/checksum.h"

uint32_t checksum_add(uint32_t sum, const void *bytes, uint32_t n)
{
    const uint8_t *at = bytes;
    uint64_t wide = sum;

    for (; n >= 2; n -= 2, at += 2)
        wide += get16(at);
    if (n)
        wide += (uint32_t)at[0] << 8;
    while (wide >> 32)
        wide = (wide & 0xffffffff) + (wide >> 32);
    return (uint32_t)wide;
}

uint16_t checksum_end(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

uint32_t checksum_pseudo(uint32_t source, uint32_t destination, uint32_t protocol, uint32_t bytes)
{
    uint8_t header[12];

    put32(header, source);
    put32(header + 4, destination);
    put16(header + 8, protocol);
    put16(header + 10, bytes);
    return checksum_add(0, header, sizeof(header));
}
