/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * receive.c - from the wire to the guest's buffers
 *
 * A frame that passes the filters waits in the FIFO until descriptors take it; one that finds the
 * FIFO full is lost. The card writes the bytes, then the descriptors that say so, and asks for an
 * interrupt after its delay (SDM 3.2).
 */
#include "sim/dev/nic/card.h"
#include "sim/net/internet.h"

#include <string.h>

enum { STATUS_DD = 1, STATUS_EOP = 2, STATUS_IXSM = 4, STATUS_TCPCS = 0x20, STATUS_IPCS = 0x40 };
enum { STATUS_PIF = 0x80, ERROR_TCPE = 0x20, ERROR_IPE = 0x40 };
enum { RXCSUM_IP = 1 << 8, RXCSUM_TU = 1 << 9 };

#define ADDRESS_VALID 0x80000000u /* of RAH */
#define STANDARD_MAX  1518u       /* without its frame check and with a tag */
#define LENGTH_BYTES  4u          /* before each frame of the FIFO */
#define TYPE_IP       0x0800
#define PROTOCOL_TCP  6
#define PROTOCOL_UDP  17
#define IP_FRAGMENT   0x3fff /* the offset, and that more come */

/* ---- filters --------------------------------------------------------------------------------- */

static bool is_broadcast(const uint8_t *frame)
{
    return !memcmp(frame, "\xff\xff\xff\xff\xff\xff", 6);
}

static bool own_address(const struct nic *nic, const uint8_t *frame)
{
    for (unsigned i = 0; i < NIC_ADDRESSES; i++)
        if (nic->address[i][1] & ADDRESS_VALID && nic->address[i][0] == get32(frame) &&
            (nic->address[i][1] & 0xffff) == get16(frame + 4))
            return true;
    return false;
}

/* Twelve bits of the address choose one of MTA; MO says which (SDM 13.5.1). */
static bool hash_has(const struct nic *nic, const uint8_t *frame)
{
    static const uint8_t shift[4] = {4, 3, 2, 0};
    unsigned hash = get16(frame + 4) >> shift[nic->rctl >> 12 & 3] & 0xfff;

    return nic->hash[hash >> 5] >> (hash & 31) & 1;
}

static bool passes(const struct nic *nic, const uint8_t *frame)
{
    if (own_address(nic, frame))
        return true;
    if (is_broadcast(frame) && nic->rctl & RCTL_BAM)
        return true;
    if (frame[0] & 1)
        return nic->rctl & RCTL_MPE || hash_has(nic, frame);
    return nic->rctl & RCTL_UPE;
}

static bool dropped(struct nic *nic, enum nic_drop why)
{
    nic->counts.dropped[why]++;
    return false;
}

static bool accepts(struct nic *nic, const uint8_t *frame, uint32_t bytes)
{
    if (!(nic->rctl & RCTL_EN))
        return dropped(nic, NIC_DROP_OFF);
    nic_statistic(nic, STAT_TPR);
    nic_statistic_add(nic, STAT_TOR, bytes + FRAME_CHECK);
    if (bytes > STANDARD_MAX && !(nic->rctl & RCTL_LPE)) {
        nic_statistic(nic, STAT_ROC);
        return dropped(nic, NIC_DROP_LENGTH);
    }
    return passes(nic, frame) || dropped(nic, NIC_DROP_FILTER);
}

/* ---- checksums ------------------------------------------------------------------------------- */

/* What the card says of a frame's sums: status in the low byte, errors in the high one. */
static unsigned judge(const struct nic *nic, const uint8_t *frame, uint32_t bytes)
{
    const uint8_t *ip = frame + ETHERNET_BYTES;
    uint32_t header, total, tu;
    unsigned said = 0;

    if (bytes < ETHERNET_BYTES + 20 || internet_get16(frame + 12) != TYPE_IP || ip[0] >> 4 != 4)
        return STATUS_IXSM;
    header = (ip[0] & 15u) * 4;
    total = internet_get16(ip + 2);
    if (header < 20 || total < header || total > bytes - ETHERNET_BYTES)
        return STATUS_IXSM;
    if (nic->rxcsum & RXCSUM_IP) {
        said |= STATUS_IPCS;
        if (internet_sum(0, ip, header) != 0xffff)
            said |= ERROR_IPE << 8;
    }
    tu = total - header;
    if (!(nic->rxcsum & RXCSUM_TU) || internet_get16(ip + 6) & IP_FRAGMENT ||
        (ip[9] != PROTOCOL_TCP && ip[9] != PROTOCOL_UDP) || tu < 8)
        return said ? said : STATUS_IXSM;
    if (ip[9] == PROTOCOL_UDP && !internet_get16(ip + header + 6))
        return said ? said : STATUS_IXSM; /* the sender left it out */
    said |= STATUS_TCPCS;
    if (internet_pseudo_sum(ip, ip + header, tu) != 0xffff)
        said |= ERROR_TCPE << 8;
    return said;
}

/* ---- descriptors ----------------------------------------------------------------------------- */

static uint32_t buffer_bytes(const struct nic *nic)
{
    unsigned size = nic->rctl >> 16 & 3;

    if (!(nic->rctl & RCTL_BSEX) || !size)
        return 2048u >> size;
    return 32768u >> size;
}

static uint32_t first_length(const struct nic_receive *r)
{
    return get32(r->fifo);
}

static void remove_first(struct nic_receive *r)
{
    uint32_t whole = first_length(r) + LENGTH_BYTES;

    r->used -= whole;
    memmove(r->fifo, r->fifo + whole, r->used);
}

/* Writes one buffer and its descriptor. False: either is not in RAM. */
static bool fill(struct nic *nic, uint32_t ahead, const uint8_t *from, uint32_t bytes, bool last,
                 unsigned said, uint16_t sum)
{
    const struct nic_ring *ring = &nic->receive.ring;
    unsigned status = STATUS_DD | (last ? STATUS_EOP | (said & 0xff) : 0);
    uint8_t descriptor[DESCRIPTOR_BYTES],
        back[8] = {(uint8_t)bytes,      (uint8_t)(bytes >> 8), (uint8_t)sum,
                   (uint8_t)(sum >> 8), (uint8_t)status,       (uint8_t)(last ? said >> 8 : 0)};
    uint32_t physical;

    return ring_read(nic, ring, ahead, descriptor) && ring_buffer(descriptor, &physical) &&
           pci_master_write(&nic->function, physical, from, bytes) &&
           ring_write(nic, ring, ahead, 8, back, sizeof(back));
}

static void count(struct nic *nic, const uint8_t *frame, uint32_t bytes)
{
    nic_statistic(nic, STAT_GPRC);
    nic_statistic_add(nic, STAT_GORC, bytes + FRAME_CHECK);
    if (is_broadcast(frame))
        nic_statistic(nic, STAT_BPRC);
    else if (frame[0] & 1)
        nic_statistic(nic, STAT_MPRC);
    nic->counts.received_packets++;
    nic->counts.received_bytes += bytes;
}

static bool few_left(const struct nic *nic)
{
    const struct nic_ring *ring = &nic->receive.ring;

    return ring_given(ring) <= ring_size(ring) >> (1 + (nic->rctl >> 8 & 3));
}

/* The whole frame as the guest shall see it: padded, with its check unless RCTL strips that. */
static uint32_t complete(const struct nic *nic, uint8_t *frame, uint32_t bytes)
{
    if (bytes < 60) {
        memset(frame + bytes, 0, 60 - bytes);
        bytes = 60;
    }
    if (!(nic->rctl & RCTL_SECRC)) {
        uint32_t check = frame_check(frame, bytes);

        for (unsigned i = 0; i < FRAME_CHECK; i++)
            frame[bytes++] = (uint8_t)(check >> 8 * i);
    }
    return bytes;
}

static void give(struct nic *nic, uint64_t now)
{
    struct nic_receive *r = &nic->receive;
    uint8_t frame[LINK_FRAME_MAX + FRAME_CHECK];
    uint32_t length = first_length(r), room = buffer_bytes(nic), bytes, start, pieces, done = 0;
    unsigned said;
    uint16_t sum = 0;

    memcpy(frame, r->fifo + LENGTH_BYTES, length);
    said = judge(nic, frame, length);
    bytes = complete(nic, frame, length);
    start = nic->rxcsum & 0xff;
    if (start < bytes)
        sum = internet_sum(0, frame + start, bytes - start);
    pieces = (bytes + room - 1) / room;
    if (pieces > ring_given(&r->ring))
        return; /* it waits for the tail */
    remove_first(r);
    for (uint32_t i = 0; i < pieces; i++, done += room) {
        bool last = i + 1 == pieces;

        if (!fill(nic, i, frame + done, last ? bytes - done : room, last, said,
                  (uint16_t)(sum << 8 | sum >> 8))) {
            dropped(nic, NIC_DROP_DMA);
            return;
        }
    }
    ring_advance(&r->ring, pieces);
    count(nic, frame, length);
    if (few_left(nic))
        interrupt_cause(nic, ICR_RXDMT0, now);
    interrupt_delayed(nic, &nic->receive_delay, now);
    receive_tail(nic, now);
}

static void look(void *owner, uint64_t when)
{
    struct nic *nic = owner;

    if (nic->receive.used && nic->rctl & RCTL_EN)
        give(nic, when);
}

void receive_tail(struct nic *nic, uint64_t now)
{
    struct nic_receive *r = &nic->receive;

    if (r->used && nic->rctl & RCTL_EN && ring_given(&r->ring) && !event_pending(&r->next))
        event_schedule(nic->world.events, &r->next,
                       now + bus_cycles(nic, first_length(r) + 2 * DESCRIPTOR_BYTES));
}

/* The share of the packet buffer that PBA gives to what comes. */
static uint32_t fifo_room(const struct nic *nic)
{
    uint32_t room = (nic->pba & 0xffff) << 10;

    return room < NIC_FIFO_BYTES ? room : NIC_FIFO_BYTES;
}

static void arrived(void *owner, const uint8_t *frame, uint32_t bytes, uint64_t now)
{
    struct nic *nic = owner;
    struct nic_receive *r = &nic->receive;

    if (!accepts(nic, frame, bytes))
        return;
    if (!ring_given(&r->ring))
        nic_statistic(nic, STAT_RNBC);
    if (r->used + LENGTH_BYTES + bytes > fifo_room(nic)) {
        dropped(nic, NIC_DROP_FIFO);
        nic_statistic(nic, STAT_MPC);
        interrupt_cause(nic, ICR_RXO, now);
        return;
    }
    for (unsigned i = 0; i < LENGTH_BYTES; i++)
        r->fifo[r->used + i] = (uint8_t)(bytes >> 8 * i);
    memcpy(r->fifo + r->used + LENGTH_BYTES, frame, bytes);
    r->used += LENGTH_BYTES + bytes;
    receive_tail(nic, now);
}

void receive_open(struct nic *nic)
{
    nic->receive.next = (struct event){.fire = look, .owner = nic};
    nic->wire->receive = arrived;
    nic->wire->owner = nic;
}

void receive_reset(struct nic *nic)
{
    event_cancel(nic->world.events, &nic->receive.next);
    nic->receive.ring = (struct nic_ring){0};
    nic->receive.used = 0;
}
