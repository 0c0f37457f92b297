/* SPDX-License-Identifier: GPL-2.0-only */
/* card.h - what the card's files know of each other; registers' names and bits are the SDM's */
#ifndef XENOLITH_SIM_NIC_CARD_H
#define XENOLITH_SIM_NIC_CARD_H

#include "sim/dev/nic/nic.h"

#define DESCRIPTOR_BYTES 16u
#define FRAME_CHECK      4u

/* Interrupt causes, SDM 13.4.17. */
enum {
    ICR_TXDW = 1u << 0, /* a descriptor that asked for it was written back */
    ICR_TXQE = 1u << 1, /* nothing is left to send */
    ICR_LSC = 1u << 2,
    ICR_RXDMT0 = 1u << 4, /* few descriptors are left */
    ICR_RXO = 1u << 6,    /* a frame was lost */
    ICR_RXT0 = 1u << 7,
    ICR_MDAC = 1u << 9,
    ICR_KNOWN = 0x1f6d7
};

enum { RCTL_EN = 1u << 1, RCTL_UPE = 1u << 3, RCTL_MPE = 1u << 4, RCTL_LPE = 1u << 5 };
enum { RCTL_BAM = 1u << 15, RCTL_BSEX = 1u << 25, RCTL_SECRC = 1u << 26 };
enum { TCTL_EN = 1u << 1 };

/* Statistics that are kept, as word numbers from 0x4000 on; SDM 13.7. Each is cleared by a read. */
enum statistic {
    STAT_MPC = 0x10 / 4,
    STAT_GPRC = 0x74 / 4,
    STAT_BPRC = 0x78 / 4,
    STAT_MPRC = 0x7c / 4,
    STAT_GPTC = 0x80 / 4,
    STAT_GORC = 0x88 / 4, /* two words each */
    STAT_GOTC = 0x90 / 4,
    STAT_RNBC = 0xa0 / 4,
    STAT_RUC = 0xa4 / 4,
    STAT_ROC = 0xac / 4,
    STAT_TOR = 0xc0 / 4,
    STAT_TOT = 0xc8 / 4,
    STAT_TPR = 0xd0 / 4,
    STAT_TPT = 0xd4 / 4,
    STAT_MPTC = 0xf0 / 4,
    STAT_BPTC = 0xf4 / 4,
    STAT_TSCTC = 0xf8 / 4
};

/* One more; they stay at their largest value. The second for those of two words. */
void nic_statistic(struct nic *nic, enum statistic which);
void nic_statistic_add(struct nic *nic, enum statistic low_word, uint32_t amount);

/* ---- rings (ring.c) -------------------------------------------------------------------------- */

/* How many descriptors it has room for, and how many the guest has given; 0: it is not set up. */
uint32_t ring_size(const struct nic_ring *ring);
uint32_t ring_given(const struct nic_ring *ring);

/* Reads the descriptor `ahead` places after the head. False: it is not in RAM. */
bool ring_read(struct nic *nic, const struct nic_ring *ring, uint32_t ahead, uint8_t *descriptor);

/* Writes `bytes` at `offset` of it. False: it is not in RAM. */
bool ring_write(struct nic *nic, const struct nic_ring *ring, uint32_t ahead, uint32_t offset,
                const void *from, uint32_t bytes);

void ring_advance(struct nic_ring *ring, uint32_t count);

/* A buffer's address as a descriptor has it. False: no 32-bit bus reaches it. */
bool ring_buffer(const uint8_t *descriptor, uint32_t *physical);

static inline uint16_t get16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static inline uint32_t get32(const uint8_t *bytes)
{
    return get16(bytes) | (uint32_t)get16(bytes + 2) << 16;
}

/* ---- interrupts (interrupt.c) ---------------------------------------------------------------- */

void interrupt_open(struct nic *nic);
void interrupt_reset(struct nic *nic);

/* Causes, now; and what the mask or the causes are now, after a register has changed. */
void interrupt_cause(struct nic *nic, uint32_t causes, uint64_t now);
void interrupt_update(struct nic *nic, uint64_t now);

/* The cause of a direction, after its delay. */
void interrupt_delayed(struct nic *nic, struct nic_delay *delay, uint64_t now);
/* Its delay is over; nothing if it is not under way. */
void interrupt_flush(struct nic *nic, struct nic_delay *delay, uint64_t now);

/* ---- both directions (transmit.c, receive.c) ------------------------------------------------- */

void transmit_open(struct nic *nic);
void transmit_reset(struct nic *nic);
void transmit_tail(struct nic *nic, uint64_t now); /* the guest has written TDT, or TCTL */

void receive_open(struct nic *nic);
void receive_reset(struct nic *nic);
void receive_tail(struct nic *nic, uint64_t now); /* RDT, or RCTL */

/* How long the bus takes for so many bytes, in cycles. */
uint64_t bus_cycles(const struct nic *nic, uint32_t bytes);

/* ---- frame check (check.c) ------------------------------------------------------------------- */

/* CRC-32 of IEEE 802.3, as the last four bytes of a frame, the lowest first. */
uint32_t frame_check(const uint8_t *frame, uint32_t bytes);

/* ---- EEPROM and PHY (eeprom.c) --------------------------------------------------------------- */

void eeprom_open(struct nic *nic);
uint32_t eecd_read(const struct nic *nic);
void eecd_write(struct nic *nic, uint32_t value);
void eerd_write(struct nic *nic, uint32_t value);
void phy_reset(struct nic *nic);
void mdic_write(struct nic *nic, uint32_t value, uint64_t now);

#endif
