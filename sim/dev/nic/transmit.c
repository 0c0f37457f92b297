/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * transmit.c - from descriptors to frames on the wire
 *
 * One descriptor is looked at an event, so that a ring costs the machine's time whatever stands in
 * it. The descriptors of a packet gather its bytes; the last one (EOP) sends it, whole, with
 * checksums put in, or cut into segments (SDM 3.5). The card reads ahead of the wire as far as its
 * FIFO goes, and then waits.
 */
#include "sim/dev/nic/card.h"
#include "sim/net/internet.h"

#include <string.h>

/* Bits of a descriptor's command byte, and of the one byte a context has in its place. */
enum { CMD_EOP = 1, CMD_IC = 4, CMD_TSE = 4, CMD_RS = 8, CMD_DEXT = 0x20, CMD_IDE = 0x80 };
enum { CONTEXT_TCP = 1, CONTEXT_IP = 2 };
enum { TYPE_CONTEXT, TYPE_DATA };
enum { POPTS_IP = 1, POPTS_TU = 2 };

#define STATUS_BYTE   12u
#define STATUS_DONE   1u
#define FIFO_BYTES    (16u << 10)
#define SEGMENTS_MAX  (NIC_PACKET_MAX / 64) /* no packet is cut into more */
#define TCP_SEQUENCE  4u                    /* offsets in TCP's header, and flags that ... */
#define TCP_FLAGS     13u
#define TCP_LAST_ONLY 0x09u /* ... belong to the last segment: FIN, PSH */
#define IP_LENGTH     2u
#define IP_ID         4u
#define IP6_LENGTH    4u
#define IP6_HEADER    40u
#define UDP_LENGTH    4u

/* ---- frames ---------------------------------------------------------------------------------- */

/*
 * Sums bytes `start` to `end` (0: to the last) and puts the complement at `offset`. Numbers that
 * lie outside of the frame insert nothing.
 */
static void insert_sum(uint8_t *frame, uint32_t bytes, uint32_t start, uint32_t offset,
                       uint32_t end, bool never_zero)
{
    uint32_t stop = end && end < bytes ? end + 1 : bytes;
    uint16_t sum;

    if (start >= stop || offset + 2 > bytes)
        return;
    sum = (uint16_t)~internet_sum(0, frame + start, stop - start);
    internet_put16(frame + offset, sum || !never_zero ? sum : 0xffff);
}

static void insert_sums(const struct nic_context *c, uint8_t options, uint8_t *frame,
                        uint32_t bytes)
{
    if (options & POPTS_TU)
        insert_sum(frame, bytes, c->tu_start, c->tu_offset, c->tu_end, !(c->command & CONTEXT_TCP));
    if (options & POPTS_IP)
        insert_sum(frame, bytes, c->ip_start, c->ip_offset, c->ip_end, false);
}

static void send_frame(struct nic *nic, const uint8_t *frame, uint32_t bytes, uint64_t now)
{
    nic_statistic(nic, STAT_TPT);
    nic_statistic(nic, STAT_GPTC);
    nic_statistic_add(nic, STAT_TOT, bytes + FRAME_CHECK);
    nic_statistic_add(nic, STAT_GOTC, bytes + FRAME_CHECK);
    if (frame[0] & 1)
        nic_statistic(nic, memcmp(frame, "\xff\xff\xff\xff\xff\xff", 6) ? STAT_MPTC : STAT_BPTC);
    nic->counts.sent_packets++;
    nic->counts.sent_bytes += bytes;
    link_send(nic->wire, frame, bytes, now);
}

/*
 * The header of segment `index`, whose payload begins `at` bytes into the packet's, in place
 * (SDM 3.5.5). The driver has summed the pseudo header without its length, which each segment adds.
 */
static void edit_header(const struct nic_context *c, uint8_t *frame, uint32_t payload, uint32_t at,
                        unsigned index, bool last)
{
    uint8_t *ip = frame + c->ip_start, *tu = frame + c->tu_start;
    uint32_t length = c->header - c->tu_start + payload, sum;

    if (c->command & CONTEXT_IP) {
        internet_put16(ip + IP_LENGTH, (uint16_t)(c->header - c->ip_start + payload));
        internet_put16(ip + IP_ID, (uint16_t)(internet_get16(ip + IP_ID) + index));
    } else {
        internet_put16(ip + IP6_LENGTH, (uint16_t)(c->header - c->ip_start - IP6_HEADER + payload));
    }
    if (c->command & CONTEXT_TCP) {
        internet_put32(tu + TCP_SEQUENCE, internet_get32(tu + TCP_SEQUENCE) + at);
        if (!last)
            tu[TCP_FLAGS] &= (uint8_t)~TCP_LAST_ONLY;
    } else {
        internet_put16(tu + UDP_LENGTH, (uint16_t)length);
    }
    sum = internet_get16(frame + c->tu_offset) + length;
    internet_put16(frame + c->tu_offset, (uint16_t)(sum + (sum >> 16)));
}

/* Whether every field that edit_header() writes lies within the header that there is. */
static bool can_segment(const struct nic_context *c, uint32_t bytes)
{
    uint32_t ip_end = c->ip_start + (c->command & CONTEXT_IP ? 20u : IP6_HEADER);
    uint32_t tu_end = c->tu_start + (c->command & CONTEXT_TCP ? 20u : 8u);

    return c->segment && c->header && c->header < bytes && ip_end <= c->header &&
           tu_end <= c->header && c->tu_offset + 2u <= c->header &&
           c->header + c->segment <= LINK_FRAME_MAX && (bytes - 1) / c->segment < SEGMENTS_MAX;
}

static void send_segments(struct nic *nic, uint64_t now)
{
    const struct nic_transmit *t = &nic->transmit;
    const struct nic_context *c = &t->segmentation;
    uint32_t payload = t->bytes - c->header, at = 0;
    uint8_t frame[LINK_FRAME_MAX];

    nic_statistic(nic, STAT_TSCTC);
    for (unsigned index = 0; at < payload; index++) {
        uint32_t piece = payload - at < c->segment ? payload - at : c->segment;

        memcpy(frame, t->frame, c->header);
        memcpy(frame + c->header, t->frame + c->header + at, piece);
        edit_header(c, frame, piece, at, index, at + piece == payload);
        insert_sums(c, t->options, frame, c->header + piece);
        send_frame(nic, frame, c->header + piece, now);
        at += piece;
    }
}

static void send_packet(struct nic *nic, uint64_t now)
{
    struct nic_transmit *t = &nic->transmit;

    if (t->broken || (t->segments && !can_segment(&t->segmentation, t->bytes)) ||
        (!t->segments && (t->bytes < LINK_FRAME_MIN || t->bytes > LINK_FRAME_MAX))) {
        nic->counts.lost++;
    } else if (t->segments) {
        send_segments(nic, now);
    } else {
        insert_sums(&t->checksum, t->options, t->frame, t->bytes);
        send_frame(nic, t->frame, t->bytes, now);
    }
    t->bytes = 0;
    t->begun = t->broken = t->segments = false;
    t->options = 0;
}

/* ---- descriptors ----------------------------------------------------------------------------- */

static void take_context(struct nic_transmit *t, const uint8_t *d)
{
    struct nic_context context = {.ip_start = d[0],
                                  .ip_offset = d[1],
                                  .ip_end = get16(d + 2),
                                  .tu_start = d[4],
                                  .tu_offset = d[5],
                                  .tu_end = get16(d + 6),
                                  .payload = get32(d + 8) & 0xfffff,
                                  .command = d[11],
                                  .header = d[13],
                                  .segment = get16(d + 14)};

    if (context.command & CMD_TSE)
        t->segmentation = context;
    else
        t->checksum = context;
}

/* Adds a buffer to the packet; returns how many bytes the bus has moved. */
static uint32_t gather(struct nic *nic, const uint8_t *d, uint32_t bytes)
{
    struct nic_transmit *t = &nic->transmit;
    uint32_t physical;

    if (bytes > sizeof(t->frame) - t->bytes || !ring_buffer(d, &physical) ||
        (bytes && !pci_master_read(&nic->function, physical, t->frame + t->bytes, bytes)))
        t->broken = true;
    if (t->broken)
        return 0;
    t->bytes += bytes;
    return bytes;
}

static uint32_t take_legacy(struct nic *nic, const uint8_t *d)
{
    struct nic_transmit *t = &nic->transmit;
    uint32_t moved = gather(nic, d, get16(d + 8));

    /* The last descriptor's numbers count (SDM 3.3.3): from its start byte to the end. */
    if (d[11] & CMD_EOP && d[11] & CMD_IC && !t->broken && d[10])
        insert_sum(t->frame, t->bytes, d[13], d[10], 0, false);
    t->begun = true;
    return moved;
}

static uint32_t take_data(struct nic *nic, const uint8_t *d)
{
    struct nic_transmit *t = &nic->transmit;

    if (!t->begun) {
        t->options = d[13];
        t->segments = d[11] & CMD_TSE;
    }
    t->begun = true;
    return gather(nic, d, get32(d + 8) & 0xfffff);
}

/* Takes the descriptor at the head; returns how many bytes that moved. */
static uint32_t take(struct nic *nic, const uint8_t *d, uint64_t now)
{
    uint32_t moved = 0;

    if (!(d[11] & CMD_DEXT)) {
        moved = take_legacy(nic, d);
    } else if ((d[10] >> 4) == TYPE_DATA) {
        moved = take_data(nic, d);
    } else {
        take_context(&nic->transmit, d);
        return 0;
    }
    if (d[11] & CMD_EOP)
        send_packet(nic, now);
    return moved;
}

/* When the next descriptor may be looked at: the bus is free, and the FIFO has room. */
static uint64_t next_look(const struct nic *nic, uint32_t moved, uint64_t now)
{
    uint64_t bus = now + bus_cycles(nic, moved + DESCRIPTOR_BYTES);
    uint64_t wire = link_free_at(nic->wire), ahead = link_occupied(nic->wire->link, FIFO_BYTES);

    return wire > ahead && wire - ahead > bus ? wire - ahead : bus;
}

static void look(void *owner, uint64_t now)
{
    struct nic *nic = owner;
    struct nic_transmit *t = &nic->transmit;
    uint8_t descriptor[DESCRIPTOR_BYTES], done;
    bool reports, later;
    uint32_t moved;

    if (!(nic->tctl & TCTL_EN) || !ring_given(&t->ring))
        return;
    if (!ring_read(nic, &t->ring, 0, descriptor))
        return; /* until the tail is written again */
    moved = take(nic, descriptor, now);
    reports = descriptor[11] & CMD_RS;
    later = descriptor[11] & CMD_IDE;
    done = descriptor[STATUS_BYTE] | STATUS_DONE;
    if (reports && !ring_write(nic, &t->ring, 0, STATUS_BYTE, &done, 1))
        return;
    ring_advance(&t->ring, 1);
    if (reports && later)
        interrupt_delayed(nic, &nic->transmit_delay, now);
    else if (reports)
        interrupt_cause(nic, ICR_TXDW, now);
    if (ring_given(&t->ring))
        event_schedule(nic->world.events, &t->next, next_look(nic, moved, now));
    else
        interrupt_cause(nic, ICR_TXQE, now);
}

void transmit_tail(struct nic *nic, uint64_t now)
{
    struct nic_transmit *t = &nic->transmit;

    if (nic->tctl & TCTL_EN && ring_given(&t->ring) && !event_pending(&t->next))
        event_schedule(nic->world.events, &t->next, next_look(nic, 0, now));
}

void transmit_open(struct nic *nic)
{
    nic->transmit.next = (struct event){.fire = look, .owner = nic};
}

void transmit_reset(struct nic *nic)
{
    struct nic_transmit *t = &nic->transmit;

    event_cancel(nic->world.events, &t->next);
    t->ring = (struct nic_ring){0};
    t->checksum = t->segmentation = (struct nic_context){0};
    t->bytes = 0;
    t->begun = t->broken = t->segments = false;
    t->options = 0;
}
