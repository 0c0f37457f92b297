/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * eeprom.c - the serial EEPROM with the card's address, and the PHY's registers
 *
 * The EEPROM is read a word at a time by EERD, or bit by bit through EECD as the Microwire chip
 * that it is: select, a start bit, two of the operation and six of the address, then one bit of the
 * word with each clock, the highest first, and on into the next word (SDM 5.3). Writes are lost, as
 * with a protected chip.
 */
#include "sim/dev/nic/card.h"

#include <string.h>

enum { EECD_SK = 1, EECD_CS = 2, EECD_DI = 4, EECD_DO = 8, EECD_LINES = 0x77 };
enum { EECD_REQ = 0x40, EECD_GNT = 0x80, EECD_PRES = 0x100 };
enum { EERD_START = 1, EERD_DONE = 0x10 };

#define COMMAND_BITS 9u /* start bit, operation, address */
#define COMMAND_READ 6u /* start bit and operation */
#define SUM_WORD     (NIC_EEPROM_WORDS - 1)
#define SUM          0xbabau

static uint16_t word_at(const struct nic_eeprom *eeprom, uint32_t address)
{
    return eeprom->word[address % NIC_EEPROM_WORDS];
}

static bool data_out(const struct nic_eeprom *eeprom)
{
    unsigned read = eeprom->bits - COMMAND_BITS; /* clocks since the address was whole */
    uint32_t address = (eeprom->in & (NIC_EEPROM_WORDS - 1)) + (read - 1) / 16;

    if (eeprom->bits < COMMAND_BITS || eeprom->in >> 6 != COMMAND_READ)
        return true; /* the line is pulled up */
    return read && word_at(eeprom, address) >> (15 - (read - 1) % 16) & 1;
}

uint32_t eecd_read(const struct nic *nic)
{
    const struct nic_eeprom *eeprom = &nic->eeprom;
    uint32_t value = eeprom->lines | EECD_PRES;

    if (eeprom->lines & EECD_REQ)
        value |= EECD_GNT;
    if (!(eeprom->lines & EECD_CS) || data_out(eeprom))
        value |= EECD_DO;
    return value;
}

void eecd_write(struct nic *nic, uint32_t value)
{
    struct nic_eeprom *eeprom = &nic->eeprom;
    uint32_t before = eeprom->lines;

    eeprom->lines = value & EECD_LINES;
    if (!(value & EECD_CS) || !(before & EECD_CS))
        eeprom->in = eeprom->bits = 0;
    if (!(value & EECD_CS) || !(value & EECD_SK) || before & EECD_SK)
        return;
    if (eeprom->bits < COMMAND_BITS)
        eeprom->in = eeprom->in << 1 | (value & EECD_DI ? 1 : 0);
    /* Leading zeros come before the start bit and are none of the command's. */
    if (eeprom->in)
        eeprom->bits++;
}

void eerd_write(struct nic *nic, uint32_t value)
{
    nic->eeprom.control = value & 0xff00;
    if (value & EERD_START)
        nic->eeprom.control |= EERD_DONE | (uint32_t)word_at(&nic->eeprom, value >> 8 & 0xff) << 16;
}

void eeprom_open(struct nic *nic)
{
    uint16_t *word = nic->eeprom.word, sum = 0;

    for (unsigned i = 0; i < 3; i++)
        word[i] = get16(nic->mac + 2 * i);
    word[0x0b] = 0x001e; /* subsystem, its vendor, device, vendor */
    word[0x0c] = word[0x0e] = nic->function.vendor;
    word[0x0d] = nic->function.id;
    for (unsigned i = 0; i < SUM_WORD; i++)
        sum = (uint16_t)(sum + word[i]);
    word[SUM_WORD] = (uint16_t)(SUM - sum);
}

/* ---- the PHY --------------------------------------------------------------------------------- */

enum { MDIC_WRITE = 1, MDIC_READ = 2 }; /* bits 26 and 27 */
enum { MDIC_READY = 1 << 28, MDIC_INTERRUPT = 1 << 29, MDIC_ERROR = 1 << 30 };
enum {
    PHY_CONTROL,
    PHY_STATUS,
    PHY_ID1,
    PHY_ID2,
    PHY_ADVERTISE,
    PHY_PARTNER,
    PHY_1000_CONTROL = 9
};
enum { PHY_1000_STATUS = 10, PHY_M88_CONTROL = 16, PHY_M88_STATUS = 17, PHY_M88_EXTENDED = 20 };

#define PHY_ADDRESS      1u
#define CONTROL_AT_ONCE  0x8200u /* reset, restart of negotiation: done when they are read */
#define CONTROL_RESTARTS 0x0200u

/* An M88E1011 that has agreed with its partner on 1000BASE-T, full duplex (IEEE 802.3, 22.2.4). */
static const uint16_t phy_after_reset[32] = {
    [PHY_CONTROL] = 0x1140,      [PHY_STATUS] = 0x796d,       [PHY_ID1] = 0x0141,
    [PHY_ID2] = 0x0c20,          [PHY_ADVERTISE] = 0x01e1,    [PHY_PARTNER] = 0xc1e1,
    [PHY_1000_CONTROL] = 0x0e00, [PHY_1000_STATUS] = 0x3c00,  [PHY_M88_CONTROL] = 0x0360,
    [PHY_M88_STATUS] = 0xac00,   [PHY_M88_EXTENDED] = 0x0d60,
};

static const uint32_t phy_read_only = 1u << PHY_STATUS | 1u << PHY_ID1 | 1u << PHY_ID2 |
                                      1u << PHY_PARTNER | 1u << PHY_1000_STATUS |
                                      1u << PHY_M88_STATUS;

void phy_reset(struct nic *nic)
{
    memcpy(nic->phy, phy_after_reset, sizeof(nic->phy));
}

static void phy_write(struct nic *nic, unsigned number, uint16_t value, uint64_t now)
{
    if (phy_read_only >> number & 1)
        return;
    nic->phy[number] = value;
    if (number != PHY_CONTROL)
        return;
    nic->phy[number] &= (uint16_t)~CONTROL_AT_ONCE;
    if (value & CONTROL_RESTARTS)
        interrupt_cause(nic, ICR_LSC, now);
}

void mdic_write(struct nic *nic, uint32_t value, uint64_t now)
{
    unsigned number = value >> 16 & 31, operation = value >> 26 & 3;

    nic->mdic = (value & 0x2fffffff) | MDIC_READY;
    if ((value >> 21 & 31) != PHY_ADDRESS || (operation != MDIC_READ && operation != MDIC_WRITE))
        nic->mdic |= MDIC_ERROR;
    else if (operation == MDIC_READ)
        nic->mdic = (nic->mdic & ~UINT32_C(0xffff)) | nic->phy[number];
    else
        phy_write(nic, number, (uint16_t)value, now);
    if (value & MDIC_INTERRUPT)
        interrupt_cause(nic, ICR_MDAC, now);
}
