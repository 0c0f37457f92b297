/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nic.h - the machine's network card: packets out of frames, packets into frames
 *
 * The sender keeps the frames from being anything else while the card reads them. What comes is
 * in a frame of the driver's, which the packet's taker may keep (mm/alloc.c, frame_take).
 * Everything needs net_lock, but for what takes it.
 */
#ifndef HV_NIC_H
#define HV_NIC_H

#include "hv/include/arch/spinlock.h"
#include "hv/include/arch/x86.h"
#include "hv/include/types.h"

#define NIC_PARTS   20   /* pieces of one packet */
#define NIC_LONGEST 1518 /* bytes of a packet, with a tag and without its frame check */

extern struct spinlock net_lock; /* inside io_lock, outside mm_lock and event_lock */

struct nic_part {
    mfn frame;
    uint16_t offset, bytes;
};

/* A packet on its way; its place stays the card's until done(), which has net_lock. */
struct nic_packet {
    unsigned parts;
    struct nic_part part[NIC_PARTS];
    uint8_t sum_start, sum_at; /* a checksum from here on is put there; 0, 0: none */
    bool sum_udp;
    void (*done)(struct nic_packet *packet);
};

/* Finds the card. Once, after the I/O APIC is there. */
void nic_init(void);

/* Its address, six bytes; NULL: there is no card. */
const uint8_t *nic_address(void);

/* Whether a packet would be taken now. */
bool nic_has_room(void);
void nic_send(struct nic_packet *packet);

/* Packets that the card has not said to be sent. */
unsigned nic_load(void);

/*
 * Looks at what the card has done, a bounded piece. True: there may be more, and the card will not
 * say so: this is to be called again soon.
 */
bool nic_poll(void);

/* --- what io/net_switch.c and io/net.c do for the driver ------------------------------------ */

/*
 * A packet has come, at the beginning of a frame. `checked`: the card has found its sums right.
 * True: the frame is kept, which is only done if it may be. *done: how often it was given away.
 */
bool nic_arrived(mfn frame, unsigned bytes, bool checked, bool may_keep, unsigned *done);
/* After an interrupt: there may be room, or (more) to be polled. */
void nic_idle(bool more);

#endif
