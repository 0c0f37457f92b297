/* SPDX-License-Identifier: GPL-2.0-only */
/* The 82540EM on its own: rings, segments, filters, checksums, delays, the throttle; the wire. */
#include "sim/dev/nic/nic.h"
#include "sim/net/internet.h"
#include "tests/unit/sim_device_world.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define TX_RING   0x1000u
#define RX_RING   0x2000u
#define TX_BUFFER 0x10000u
#define RX_BUFFER 0x20000u
#define RX_BYTES  2048u
#define PLACES    16u
#define SENT_MAX  64

enum { ICR = 0xc0, ITR = 0xc4, IMS = 0xd0, RCTL = 0x100, TCTL = 0x400, RXCSUM = 0x5000 };
enum { RDBAL = 0x2800, RDLEN = 0x2808, RDH = 0x2810, RDT = 0x2818, RDTR = 0x2820, RADV = 0x282c };
enum { TDBAL = 0x3800, TDLEN = 0x3808, TDH = 0x3810, TDT = 0x3818, MTA = 0x5200, MPC = 0x4010 };

static struct bus bus;
static struct pci pci;
static struct nic nic;
static struct link wire;
static struct device_costs costs;
static uint64_t now;
static bool line;
static unsigned rises;

static struct sent {
    uint8_t frame[LINK_FRAME_MAX];
    uint32_t bytes;
    uint64_t when;
} sent[SENT_MAX];
static unsigned sent_count;

static void set_line(void *owner, unsigned number, bool level)
{
    (void)owner, (void)number;
    rises += level && !line;
    line = level;
}

static void take(void *owner, const uint8_t *frame, uint32_t bytes, uint64_t when)
{
    (void)owner;
    if (sent_count == SENT_MAX)
        return;
    memcpy(sent[sent_count].frame, frame, bytes);
    sent[sent_count].bytes = bytes;
    sent[sent_count++].when = when;
}

static uint32_t in(uint32_t at)
{
    return nic_read(&nic, &(struct access){.now = now, .bytes = 4, .offset = at});
}

static void out(uint32_t at, uint32_t value)
{
    nic_write(&nic, &(struct access){.now = now, .bytes = 4, .offset = at}, value);
}

/* Lets so many nanoseconds pass. */
static void pass(uint64_t ns)
{
    now += ns;
    event_fire_due(&events, now);
}

static void put32(uint32_t at, uint32_t value)
{
    memcpy(device_ram + at, &value, 4);
}

static void open_card(void)
{
    struct device_world world = {.events = &events,
                                 .hz = HZ,
                                 .memory_read = device_ram_read,
                                 .memory_write = device_ram_write};

    now = 1000000000;
    costs = (struct device_costs){.nic_rate = 1000, .nic_access = 100, .nic_bus = 1000};
    bus = (struct bus){.memory_first = 0xc0000000};
    pci = (struct pci){.world = world, .bus = &bus};
    for (unsigned i = 0; i < PCI_LINES; i++)
        pci.line[i].line = (struct irq_line){set_line, NULL, PCI_FIRST_PIN + i};
    wire = (struct link){.events = &events, .hz = HZ, .rate = 1000000000, .latency = 500};
    link_open(&wire);
    wire.end[1].receive = take;
    memset(&nic, 0, sizeof(nic));
    nic.world = world;
    nic.costs = &costs;
    nic.wire = &wire.end[0];
    memcpy(nic.mac, "\x02\x11\x22\x33\x44\x55", 6);
    nic_open(&nic, &pci, 3);
    pci_set16(&nic.function, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    sent_count = rises = 0;
    line = false;
    memset(device_ram, 0, DEVICE_RAM);
    for (unsigned i = 0; i < PLACES; i++)
        put32(RX_RING + 16 * i, RX_BUFFER + RX_BYTES * i);
    out(RDBAL, RX_RING);
    out(RDLEN, 16 * PLACES);
    out(RDT, PLACES - 1);
    out(RCTL, 1 << 1 | 1 << 15 | 1 << 26); /* on, broadcasts, no frame check */
    out(TDBAL, TX_RING);
    out(TDLEN, 16 * PLACES);
    out(TCTL, 1 << 1);
}

static void close_card(void)
{
    link_close(&wire);
    bus_close(&bus);
    event_queue_close(&events);
    events = (struct event_queue){0};
}

TestSuite(sim_nic, .init = open_card, .fini = close_card);

/* A frame for the card's own address, of bytes that count up. */
static void own_frame(uint8_t *frame, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++)
        frame[i] = (uint8_t)i;
    memcpy(frame, nic.mac, 6);
}

static void arrive(const uint8_t *frame, uint32_t bytes)
{
    nic.wire->receive(nic.wire->owner, frame, bytes, now);
}

static void descriptor(unsigned place, uint32_t address, uint32_t high, uint32_t low, uint32_t last)
{
    put32(TX_RING + 16 * place, address);
    put32(TX_RING + 16 * place + 4, high);
    put32(TX_RING + 16 * place + 8, low);
    put32(TX_RING + 16 * place + 12, last);
}

/* ---- sending --------------------------------------------------------------------------------- */

Test(sim_nic, a_packet_of_three_pieces_is_one_frame)
{
    for (unsigned i = 0; i < 300; i++)
        device_ram[TX_BUFFER + i] = (uint8_t)(i * 3);
    descriptor(0, TX_BUFFER, 0, 100, 0);
    descriptor(1, TX_BUFFER + 100, 0, 0, 0);
    descriptor(2, TX_BUFFER + 100, 0, 200 | 0x09000000, 0);
    out(TDT, 3);
    pass(100000);
    cr_assert_eq(sent_count, 1);
    cr_expect_eq(sent[0].bytes, 300);
    cr_expect_arr_eq(sent[0].frame, device_ram + TX_BUFFER, 300);
    cr_expect_eq(device_ram[TX_RING + 32 + 12] & 1, 1, "the last one asked for a report");
    cr_expect_eq(device_ram[TX_RING + 12] & 1, 0, "the first did not");
    cr_expect_eq(in(TDH), 3);
    cr_expect_eq(in(ICR)&3, 3, "written back, and nothing left");
}

Test(sim_nic, frames_follow_each_other_at_the_wires_rate)
{
    for (unsigned i = 0; i < 10; i++)
        descriptor(i, TX_BUFFER, 0, 1514 | 0x01000000, 0);
    out(TDT, 10);
    pass(1000000);
    cr_assert_eq(sent_count, 10);
    for (unsigned i = 1; i < 10; i++)
        cr_expect_eq(sent[i].when - sent[i - 1].when, (1514 + 24) * 8, "frame %u", i);
}

Test(sim_nic, segments_have_their_own_headers)
{
    uint8_t *p = device_ram + TX_BUFFER;

    memcpy(p + 14, "\x45\0\0\0\x12\x34\x40\0\x40\x06\0\0\x0a\0\x02\x0f\x0a\0\x02\x02", 20);
    internet_put32(p + 34 + 4, 0xfffffff0); /* a sequence number that wraps */
    p[34 + 12] = 0x50;
    p[34 + 13] = 0x19; /* FIN, PSH, ACK */
    internet_put16(p + 34 + 16, internet_sum(internet_sum(0, p + 26, 8), (uint8_t[]){0, 6}, 2));
    for (unsigned i = 0; i < 2500; i++)
        p[54 + i] = (uint8_t)(i * 11);
    /* Sums of IP from 14 to 33, at 24; of TCP from 34, at 50; header 54, segments of 1000. */
    descriptor(0, 14 | 24 << 8 | 33 << 16, 34 | 50 << 8, 2500 | 0x27000000, 54 << 8 | 1000 << 16);
    descriptor(1, TX_BUFFER, 0, 2554 | 1 << 20 | 0x2d000000, 0x0300);
    out(TDT, 2);
    pass(1000000);
    cr_assert_eq(sent_count, 3);
    for (unsigned i = 0; i < 3; i++) {
        const uint8_t *f = sent[i].frame;
        uint32_t payload = i < 2 ? 1000 : 500;

        cr_expect_eq(sent[i].bytes, 54 + payload);
        cr_expect_eq(internet_get16(f + 16), 40 + payload);
        cr_expect_eq(internet_get16(f + 18), 0x1234 + i);
        cr_expect_eq(internet_sum(0, f + 14, 20), 0xffff, "the sum of IP, %u", i);
        cr_expect_eq(internet_get32(f + 38), 0xfffffff0u + 1000 * i);
        cr_expect_eq(f[47], i < 2 ? 0x10 : 0x19, "FIN and PSH come last");
        cr_expect_eq(internet_pseudo_sum(f + 14, f + 34, 20 + payload), 0xffff, "TCP's, %u", i);
        cr_expect_arr_eq(f + 54, p + 54 + 1000 * i, payload);
    }
}

Test(sim_nic, what_cannot_be_sent_is_lost_and_the_next_goes)
{
    descriptor(0, 0x80000000, 0, 100 | 0x09000000, 0);           /* not RAM */
    descriptor(1, TX_BUFFER, 1, 100 | 0x09000000, 0);            /* above 4 GB */
    descriptor(2, TX_BUFFER, 0, 5 | 0x09000000, 0);              /* no header */
    descriptor(3, TX_BUFFER, 0, 20000 | 0x09000000, 0);          /* longer than any frame */
    descriptor(4, TX_BUFFER, 0, 2000 | 1 << 20 | 0x2d000000, 0); /* segments, without a context */
    descriptor(5, TX_BUFFER, 0, 100 | 0x09000000, 0);
    out(TDT, 6);
    pass(1000000);
    cr_expect_eq(sent_count, 1);
    cr_expect_eq(nic.counts.lost, 5);
    cr_expect_eq(in(TDH), 6);
}

Test(sim_nic, a_ring_that_is_not_ram_stops_until_the_next_tail)
{
    descriptor(0, TX_BUFFER, 0, 100 | 0x09000000, 0);
    out(TDBAL, 0x90000000);
    out(TDT, 1);
    pass(1000000);
    cr_expect_eq(sent_count, 0);
    out(TDBAL, TX_RING);
    out(TDT, 1);
    pass(1000000);
    cr_expect_eq(sent_count, 1);
}

/* ---- receiving ------------------------------------------------------------------------------- */

Test(sim_nic, a_frame_is_padded_and_said_to_be_whole)
{
    uint8_t frame[60];

    own_frame(frame, 20);
    arrive(frame, 20);
    pass(10000);
    cr_expect_arr_eq(device_ram + RX_BUFFER, frame, 20);
    cr_expect_eq(internet_get16(device_ram + RX_RING + 8), 60 << 8, "60 bytes, the lower first");
    cr_expect_eq(device_ram[RX_RING + 12] & 3, 3, "done, and the end of a packet");
    cr_expect_eq(in(RDH), 1);
}

Test(sim_nic, a_long_frame_takes_several_buffers)
{
    uint8_t frame[5000];

    own_frame(frame, sizeof(frame));
    arrive(frame, sizeof(frame));
    pass(100000);
    cr_expect_eq(in(RDH), 0, "too long without LPE");
    out(RCTL, in(RCTL) | 1 << 5);
    arrive(frame, sizeof(frame));
    pass(100000);
    cr_expect_eq(in(RDH), 3);
    for (unsigned i = 0; i < 3; i++) {
        uint32_t bytes = i < 2 ? RX_BYTES : 5000 - 2 * RX_BYTES;

        cr_expect_arr_eq(device_ram + RX_BUFFER + RX_BYTES * i, frame + RX_BYTES * i, bytes);
        cr_expect_eq(device_ram[RX_RING + 16 * i + 12] & 3, i < 2 ? 1 : 3);
    }
}

Test(sim_nic, filters)
{
    uint8_t frame[64];

    own_frame(frame, sizeof(frame));
    frame[5] ^= 1;
    arrive(frame, sizeof(frame));
    memcpy(frame, "\x01\x00\x5e\x12\x34\x56", 6); /* a group */
    arrive(frame, sizeof(frame));
    pass(10000);
    cr_expect_eq(in(RDH), 0, "not ours");
    cr_expect_eq(nic.counts.dropped[NIC_DROP_FILTER], 2);
    out(MTA + 4 * (0x563 >> 5), 1u << (0x563 & 31)); /* its bits 47 to 36 */
    arrive(frame, sizeof(frame));
    pass(10000);
    cr_expect_eq(in(RDH), 1, "the group by its hash");
    memset(frame, 0xff, 6);
    arrive(frame, sizeof(frame));
    pass(10000);
    cr_expect_eq(in(RDH), 2, "everybody");
    out(RCTL, (in(RCTL) & ~(1u << 15)) | 1 << 3 | 1 << 4);
    memcpy(frame, "\x02\x99\x99\x99\x99\x99", 6);
    arrive(frame, sizeof(frame));
    memcpy(frame, "\x03\x99\x99\x99\x99\x99", 6);
    arrive(frame, sizeof(frame));
    pass(10000);
    cr_expect_eq(in(RDH), 4, "all of both kinds");
}

Test(sim_nic, frames_wait_for_descriptors_and_then_for_nothing)
{
    uint8_t frame[1514];
    unsigned waits = 0;

    own_frame(frame, sizeof(frame));
    out(RDT, 0); /* the guest has given none */
    for (unsigned i = 0; i < 100; i++)
        arrive(frame, sizeof(frame));
    waits = 100 - (unsigned)nic.counts.dropped[NIC_DROP_FIFO];
    cr_expect_eq(waits, (48 << 10) / (1514 + 4), "as many as 48 kB hold");
    cr_expect_eq(in(MPC), 100 - waits);
    cr_expect_eq(in(MPC), 0, "a read clears it");
    cr_expect_eq(in(ICR)&1 << 6, 1 << 6, "overrun");
    for (unsigned got = 0; got < waits; got += 8) {
        out(RDT, (got + 8) % PLACES);
        pass(1000000);
    }
    cr_expect_eq(nic.counts.received_packets, waits);
}

Test(sim_nic, sums_of_what_comes)
{
    uint8_t frame[14 + 28 + 5];

    own_frame(frame, 12);
    memcpy(frame + 12, "\x08\x00\x45\0\0\x21\0\0\0\0\x40\x11\0\0\x0a\0\x02\x02\x0a\0\x02\x0f", 22);
    internet_put16(frame + 24, (uint16_t)~internet_sum(0, frame + 14, 20));
    memcpy(frame + 34, "\0\7\0\7\0\x0d\0\0hello", 13);
    internet_put16(frame + 40, (uint16_t)~internet_pseudo_sum(frame + 14, frame + 34, 13));
    out(RXCSUM, 0x300);
    arrive(frame, sizeof(frame));
    frame[45] ^= 1;
    arrive(frame, sizeof(frame));
    frame[22] ^= 1; /* TTL */
    arrive(frame, sizeof(frame));
    pass(100000);
    cr_expect_eq(device_ram[RX_RING + 12], 3 | 0x60, "both looked at");
    cr_expect_eq(device_ram[RX_RING + 13], 0);
    cr_expect_eq(device_ram[RX_RING + 16 + 13], 0x20, "the datagram's is wrong");
    cr_expect_eq(device_ram[RX_RING + 32 + 13], 0x60, "and the header's");
}

/* ---- interrupts ------------------------------------------------------------------------------ */

static void arrive_apart(unsigned frames, uint64_t ns)
{
    uint8_t frame[64];

    own_frame(frame, sizeof(frame));
    for (unsigned i = 0; i < frames; i++) {
        arrive(frame, sizeof(frame));
        pass(ns);
    }
}

Test(sim_nic, a_delay_collects_frames)
{
    out(IMS, 1 << 7);
    out(RDTR, 20); /* 20.48 us from the last one */
    out(RADV, 60); /* 61.44 us from the first one */
    arrive_apart(1, 20000);
    cr_expect_not(line, "not yet");
    pass(2000);
    cr_expect(line);
    cr_expect_eq(in(ICR)&1 << 7, 1 << 7);
    cr_expect_not(line, "reading clears");
    arrive_apart(5, 10000);
    cr_expect_not(line, "each frame begins the delay again");
    arrive_apart(2, 10000);
    cr_expect(line, "but not for ever");
}

Test(sim_nic, the_throttle_keeps_interrupts_apart)
{
    out(IMS, 1 << 7);
    out(ITR, 400); /* 102.4 us */
    for (unsigned i = 0; i < 15; i++) {
        arrive_apart(1, 10000);
        in(ICR);
    }
    cr_expect_eq(rises, 2, "%u in 150 us", rises);
}

Test(sim_nic, registers_of_every_offset_take_anything)
{
    uint32_t value = 1;

    for (unsigned round = 0; round < 20; round++)
        for (uint32_t at = 0; at < NIC_REGISTERS_BYTES; at += 4) {
            value = value * 1664525 + 1013904223;
            out(at, value);
            in(at);
            if (at % 4096 == 0)
                pass(100000);
        }
    pass(10000000);
    out(0, 1u << 26);
    cr_expect_eq(in(RDH), 0);
    cr_expect_eq(in(0x5400), 0x33221102, "its own address again");
}
