/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nic.h - an Intel 82540EM, as a PCI card has it: descriptor rings, coalescing, checksums
 *
 * After Intel's PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's Manual
 * (317453; "SDM" in this folder), whose names the registers have. Present: both rings, with legacy,
 * context and data descriptors, checksum insertion and TCP segmentation; filters by address, hash
 * and mode; checksums of what comes; the delays of both rings and the throttle between interrupts;
 * the EEPROM by both of its interfaces, the PHY by MDIC, with a link that is always up; statistics.
 * Absent: VLAN tags, flow control, wake-up, the TBI, and packets split by header.
 *
 * The guest wrote every address, length and index that the card uses, so each is looked at when it
 * is used. A transfer that leaves RAM is lost and counted; a ring that does stops until its tail
 * is written again. Reserved registers read as 0 and keep nothing.
 */
#ifndef XENOLITH_SIM_NIC_H
#define XENOLITH_SIM_NIC_H

#include "sim/dev/pci/pci.h"
#include "sim/machine/description.h"
#include "sim/net/link.h"

#define NIC_REGISTERS_BYTES 0x20000u
#define NIC_IO_BYTES        64u
#define NIC_FIRMWARE_MEMORY 0xfebc0000u /* where firmware puts them */
#define NIC_FIRMWARE_IO     0xc080u
#define NIC_EEPROM_WORDS    64
#define NIC_ADDRESSES       16   /* RAL and RAH */
#define NIC_HASH_WORDS      128  /* MTA */
#define NIC_STATISTICS      0x40 /* from 0x4000 on */
#define NIC_FIFO_BYTES      (64u << 10)
#define NIC_PACKET_MAX      (64u << 10) /* before it is cut into segments */

/* Why a frame that came was not given to the guest. */
enum nic_drop {
    NIC_DROP_OFF,
    NIC_DROP_FILTER,
    NIC_DROP_LENGTH,
    NIC_DROP_FIFO,
    NIC_DROP_DMA,
    NIC_DROPS
};

struct nic_counts {
    uint64_t sent_packets, sent_bytes, received_packets, received_bytes;
    uint64_t dropped[NIC_DROPS], lost; /* lost: that were to be sent and could not be fetched */
    uint64_t descriptors, doorbells, interrupts, throttled;
};

/* A ring of descriptors; SDM 3.2.6 and 3.4. */
struct nic_ring {
    uint32_t base_low, base_high, bytes, control;
    uint16_t head, tail;
};

/* Interrupts of one direction wait for the next frame, but not for ever; SDM 3.2.7. */
struct nic_delay {
    uint32_t delay, absolute; /* in ticks of 1.024 us */
    struct event packet, limit;
    uint32_t cause;
};

/* What a context descriptor said, for the data descriptors after it; SDM 3.3.6. */
struct nic_context {
    uint8_t ip_start, ip_offset, tu_start, tu_offset, header, command;
    uint16_t ip_end, tu_end, segment;
    uint32_t payload;
};

struct nic_transmit {
    struct nic_ring ring;
    struct nic_context checksum, segmentation;
    struct event next; /* when the next descriptor is looked at */
    uint8_t frame[NIC_PACKET_MAX];
    uint32_t bytes;  /* of it that descriptors have brought so far */
    bool begun;      /* a descriptor has, and none has ended it */
    bool broken;     /* it is too long, or was not in RAM: it is not sent */
    bool segments;   /* by TCP segmentation */
    uint8_t options; /* POPTS of its first data descriptor */
};

/* Frames that have come and wait for descriptors, each after its length in four bytes. */
struct nic_receive {
    struct nic_ring ring;
    uint8_t fifo[NIC_FIFO_BYTES];
    uint32_t used;     /* bytes of it */
    struct event next; /* when the first of them is given to the guest */
};

struct nic_eeprom {
    uint16_t word[NIC_EEPROM_WORDS];
    uint32_t lines;   /* EECD as last written */
    uint32_t in;      /* the bits that came since the chip was selected */
    unsigned bits;    /* how many clocks that were */
    uint32_t control; /* EERD */
};

struct nic {
    struct pci_function function;
    struct device_world world;
    const struct device_costs *costs;
    struct link_end *wire;
    uint8_t mac[6]; /* that the EEPROM has */

    uint32_t ctrl, ctrl_ext, mdic, fc[4], rctl, tctl, tipg, pba, rxcsum, wuc, led, txdctl, rxdctl;
    uint32_t icr, ims, itr;
    uint16_t phy[32];
    struct nic_eeprom eeprom;
    uint32_t address[NIC_ADDRESSES][2], hash[NIC_HASH_WORDS], vlan[NIC_HASH_WORDS];
    uint32_t statistics[NIC_STATISTICS];
    uint32_t io_address; /* IOADDR */

    bool asserted;         /* INTA# */
    uint64_t asserted_at;  /* when it last went up */
    struct event throttle; /* when it may go up again */
    struct nic_delay receive_delay, transmit_delay;
    struct nic_transmit transmit;
    struct nic_receive receive;
    struct nic_counts counts;
};

/*
 * Puts the card on the bus as firmware leaves it, and takes what comes by the wire. The caller has
 * set world, costs, wire and mac; all must last.
 */
void nic_open(struct nic *nic, struct pci *pci, uint8_t device);

/* Whether it will do something without being told to. */
bool nic_busy(const struct nic *nic);

/* The registers in memory, and the window to them by ports. */
uint32_t nic_read(void *nic, const struct access *access);
void nic_write(void *nic, const struct access *access, uint32_t value);
uint32_t nic_io_read(void *nic, const struct access *access);
void nic_io_write(void *nic, const struct access *access, uint32_t value);

#endif
