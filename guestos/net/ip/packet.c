/* SPDX-License-Identifier: GPL-2.0-only */
/* packet.c - packets' memory and checksums; see packet.h */
#include "guestos/net/ip/packet.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"
#include "include/tcp/checksum.h"

#define SMALL 512u /* bytes; beyond them a page, which the heap would clear */

static void *allocate(uint32_t bytes)
{
    if (bytes <= SMALL || bytes > PAGE_SIZE)
        return heap_allocate(bytes);
    uint32_t pfn = pages_allocate(0);
    return pfn == PFN_NONE ? NULL : page_address(pfn);
}

struct packet *packet_make(uint32_t bytes)
{
    struct packet *packet = allocate(sizeof(*packet) + PACKET_HEADROOM + bytes);

    if (!packet)
        return NULL;
    *packet = (struct packet){.data = packet->room + PACKET_HEADROOM, .bytes = bytes};
    return packet;
}

void packet_free(struct packet *packet)
{
    heap_free(packet); /* a page's beginning is a page to it */
}

uint8_t *packet_push(struct packet *packet, uint32_t bytes)
{
    ASSERT((uint32_t)(packet->data - packet->room) >= bytes);
    packet->data -= bytes;
    packet->bytes += bytes;
    packet->sum_start = (uint16_t)(packet->sum_start + bytes);
    return packet->data;
}

void packet_sum_later(struct packet *packet, uint32_t start, uint32_t at, uint32_t pseudo)
{
    packet->sum_open = true;
    packet->sum_start = (uint16_t)start;
    packet->sum_at = (uint16_t)at;
    put16(packet->data + start + at, (uint16_t)~checksum_end(pseudo));
}

void packet_sum_now(struct packet *packet)
{
    uint8_t *from = packet->data + packet->sum_start;
    uint16_t sum = checksum_end(checksum_add(0, from, packet->bytes - packet->sum_start));

    put16(from + packet->sum_at, sum ? sum : 0xffff); /* of UDP, 0 would mean: none */
    packet->sum_open = false;
}
