/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * registers.c - the card's registers, by table where they only keep a value
 *
 * A register that does nothing but hold bits is a row: where it is, which of its bits stay. Those
 * that act have their case. Statistics and the three arrays of filters are ranges.
 */
#include "sim/dev/nic/card.h"

#include <stddef.h>
#include <string.h>

enum { CTRL = 0x0000, STATUS = 0x0008, EECD = 0x0010, EERD = 0x0014, CTRL_EXT = 0x0018 };
enum { MDIC = 0x0020, FCAL = 0x0028, FCAH = 0x002c, FCT = 0x0030, ICR = 0x00c0, ITR = 0x00c4 };
enum { ICS = 0x00c8, IMS = 0x00d0, IMC = 0x00d8, RCTL = 0x0100, FCTTV = 0x0170, TCTL = 0x0400 };
enum { TIPG = 0x0410, LEDCTL = 0x0e00, PBA = 0x1000, RDBAL = 0x2800, RDBAH = 0x2804 };
enum { RDLEN = 0x2808, RDH = 0x2810, RDT = 0x2818, RDTR = 0x2820, RXDCTL = 0x2828, RADV = 0x282c };
enum { TDBAL = 0x3800, TDBAH = 0x3804, TDLEN = 0x3808, TDH = 0x3810, TDT = 0x3818, TIDV = 0x3820 };
enum { TXDCTL = 0x3828, TADV = 0x382c, STATISTICS = 0x4000, RXCSUM = 0x5000, MTA = 0x5200 };
enum { RAL = 0x5400, VFTA = 0x5600, WUC = 0x5800 };

enum { CTRL_FD = 1, CTRL_SLU = 1 << 6, CTRL_SPEED_1000 = 2 << 8, CTRL_RST = 1 << 26 };
enum { CTRL_PHY_RST = (int)0x80000000u };
enum { STATUS_FD = 1, STATUS_LU = 2, STATUS_SPEED_1000 = 2 << 6, STATUS_ASDV_1000 = 2 << 8 };

#define ADDRESS_VALID  0x80000000u
#define DELAY_FLUSH    0x80000000u /* FPD of RDTR and TIDV */
#define RING_BYTES     0xfff80u
#define PBA_DEFAULT    0x00100030u /* 48 kB for what comes, 16 for what goes */
#define PBA_WHOLE      64u
#define SUBSYSTEM      0x2c
#define CLASS_ETHERNET 0x02000002u

/* ---- statistics and the bus ------------------------------------------------------------------ */

void nic_statistic(struct nic *nic, enum statistic which)
{
    if (nic->statistics[which] != UINT32_MAX)
        nic->statistics[which]++;
}

void nic_statistic_add(struct nic *nic, enum statistic low_word, uint32_t amount)
{
    uint32_t *word = &nic->statistics[low_word];
    uint64_t value = (uint64_t)word[1] << 32 | word[0];

    value = value > UINT64_MAX - amount ? UINT64_MAX : value + amount;
    word[0] = (uint32_t)value;
    word[1] = (uint32_t)(value >> 32);
}

uint64_t bus_cycles(const struct nic *nic, uint32_t bytes)
{
    return scale_up(nic->costs->nic_access, nic->world.hz, 1000000000) +
           scale_up(bytes, nic->world.hz, nic->costs->nic_bus * 1000000);
}

/* ---- registers that hold bits ---------------------------------------------------------------- */

struct held {
    uint32_t at;
    uint32_t kept; /* bits that a write can change */
    size_t field;
};

#define HELD(at, kept, field)                                                                      \
    {                                                                                              \
        at, kept, offsetof(struct nic, field)                                                      \
    }

static const struct held held[] = {
    HELD(CTRL_EXT, 0xffffffff, ctrl_ext),
    HELD(MDIC, 0, mdic),
    HELD(FCAL, 0xffffffff, fc[0]),
    HELD(FCAH, 0xffff, fc[1]),
    HELD(FCT, 0xffff, fc[2]),
    HELD(FCTTV, 0xffff, fc[3]),
    HELD(EERD, 0, eeprom.control),
    HELD(IMS, 0, ims),
    HELD(ITR, 0xffff, itr),
    HELD(TIPG, 0x3fffffff, tipg),
    HELD(LEDCTL, 0xffffffff, led),
    HELD(RDBAL, 0xfffffff0, receive.ring.base_low),
    HELD(RDBAH, 0xffffffff, receive.ring.base_high),
    HELD(RDLEN, RING_BYTES, receive.ring.bytes),
    HELD(RXDCTL, 0xffffffff, rxdctl),
    HELD(RADV, 0xffff, receive_delay.absolute),
    HELD(TDBAL, 0xfffffff0, transmit.ring.base_low),
    HELD(TDBAH, 0xffffffff, transmit.ring.base_high),
    HELD(TDLEN, RING_BYTES, transmit.ring.bytes),
    HELD(TXDCTL, 0xffffffff, txdctl),
    HELD(TADV, 0xffff, transmit_delay.absolute),
    HELD(RXCSUM, 0x7ff, rxcsum),
    HELD(RCTL, 0x07ffffff, rctl),
    HELD(TCTL, 0x03ffffff, tctl),
    HELD(RDTR, 0xffff, receive_delay.delay),
    HELD(TIDV, 0xffff, transmit_delay.delay),
    HELD(WUC, 0xf, wuc),
};

static uint32_t *field_of(struct nic *nic, const struct held *row)
{
    return (uint32_t *)(void *)((uint8_t *)nic + row->field);
}

static const struct held *held_at(uint32_t at)
{
    for (size_t i = 0; i < sizeof(held) / sizeof(held[0]); i++)
        if (held[i].at == at)
            return &held[i];
    return NULL;
}

/* ---- arrays ---------------------------------------------------------------------------------- */

/* A word of the filters' arrays, NULL if there is none. */
static uint32_t *array_at(struct nic *nic, uint32_t at)
{
    if (at >= MTA && at < MTA + 4 * NIC_HASH_WORDS)
        return &nic->hash[(at - MTA) / 4];
    if (at >= RAL && at < RAL + 8 * NIC_ADDRESSES)
        return &nic->address[(at - RAL) / 8][(at - RAL) / 4 % 2];
    if (at >= VFTA && at < VFTA + 4 * NIC_HASH_WORDS)
        return &nic->vlan[(at - VFTA) / 4];
    return NULL;
}

static uint32_t read_statistic(struct nic *nic, uint32_t at)
{
    uint32_t *word = &nic->statistics[(at - STATISTICS) / 4], value = *word;

    *word = 0;
    return value;
}

/* ---- reset ----------------------------------------------------------------------------------- */

static void reset(struct nic *nic)
{
    interrupt_reset(nic);
    transmit_reset(nic);
    receive_reset(nic);
    nic->ctrl = CTRL_FD | CTRL_SPEED_1000;
    nic->ctrl_ext = nic->mdic = nic->rctl = nic->tctl = nic->tipg = nic->led = 0;
    nic->wuc = nic->txdctl = nic->rxdctl = nic->eeprom.lines = nic->eeprom.control = 0;
    nic->rxcsum = 0x100; /* PCSS 0, IPOFL as the SDM has it after reset */
    nic->pba = PBA_DEFAULT;
    memset(nic->fc, 0, sizeof(nic->fc));
    memset(nic->address, 0, sizeof(nic->address));
    memset(nic->hash, 0, sizeof(nic->hash));
    memset(nic->vlan, 0, sizeof(nic->vlan));
    memset(nic->statistics, 0, sizeof(nic->statistics));
    nic->address[0][0] = nic->eeprom.word[0] | (uint32_t)nic->eeprom.word[1] << 16;
    nic->address[0][1] = nic->eeprom.word[2] | ADDRESS_VALID;
    phy_reset(nic);
}

static void write_ctrl(struct nic *nic, uint32_t value, uint64_t now)
{
    bool up = value & CTRL_SLU && !(nic->ctrl & CTRL_SLU);

    if (value & CTRL_RST) {
        reset(nic);
        return;
    }
    if (value & (uint32_t)CTRL_PHY_RST)
        phy_reset(nic);
    nic->ctrl = value & ~(uint32_t)CTRL_PHY_RST;
    if (up)
        interrupt_cause(nic, ICR_LSC, now);
}

/* ---- reads and writes ------------------------------------------------------------------------ */

static uint32_t read_causes(struct nic *nic, uint64_t now)
{
    uint32_t causes = nic->icr;

    nic->icr = 0;
    interrupt_update(nic, now);
    return causes;
}

static uint32_t read_register(struct nic *nic, uint32_t at, uint64_t now)
{
    const struct held *row;
    const uint32_t *word;

    switch (at) {
    case CTRL:
        return nic->ctrl;
    case STATUS:
        return STATUS_FD | STATUS_LU | STATUS_SPEED_1000 | STATUS_ASDV_1000;
    case EECD:
        return eecd_read(nic);
    case ICR:
        return read_causes(nic, now);
    case RDH:
        return nic->receive.ring.head;
    case RDT:
        return nic->receive.ring.tail;
    case TDH:
        return nic->transmit.ring.head;
    case TDT:
        return nic->transmit.ring.tail;
    case PBA:
        return nic->pba;
    }
    if (at >= STATISTICS && at < STATISTICS + 4 * NIC_STATISTICS)
        return read_statistic(nic, at);
    word = array_at(nic, at);
    if (word)
        return *word;
    row = held_at(at);
    return row ? *field_of(nic, row) : 0;
}

static void write_held(struct nic *nic, uint32_t at, uint32_t value, uint64_t now)
{
    const struct held *row = held_at(at);
    uint32_t *word = row ? field_of(nic, row) : array_at(nic, at);

    if (word && row)
        *word = (*word & ~row->kept) | (value & row->kept);
    else if (word)
        *word = value;
    if (at == RCTL)
        receive_tail(nic, now);
    else if (at == TCTL)
        transmit_tail(nic, now);
    else if (at == RDTR && value & DELAY_FLUSH)
        interrupt_flush(nic, &nic->receive_delay, now);
    else if (at == TIDV && value & DELAY_FLUSH)
        interrupt_flush(nic, &nic->transmit_delay, now);
}

static void write_register(struct nic *nic, uint32_t at, uint32_t value, uint64_t now)
{
    switch (at) {
    case CTRL:
        write_ctrl(nic, value, now);
        break;
    case EECD:
        eecd_write(nic, value);
        break;
    case EERD:
        eerd_write(nic, value);
        break;
    case MDIC:
        mdic_write(nic, value, now);
        break;
    case ICR:
        nic->icr &= ~value;
        interrupt_update(nic, now);
        break;
    case ICS:
        interrupt_cause(nic, value, now);
        break;
    case IMS:
        nic->ims |= value & ICR_KNOWN;
        interrupt_update(nic, now);
        break;
    case IMC:
        nic->ims &= ~value;
        interrupt_update(nic, now);
        break;
    case PBA: /* what goes gets the rest of 64 kB */
        value = (value & 0xffff) < PBA_WHOLE ? value & 0xffff : PBA_WHOLE;
        nic->pba = (PBA_WHOLE - value) << 16 | value;
        break;
    case RDH:
        nic->receive.ring.head = (uint16_t)value;
        break;
    case RDT:
        nic->counts.doorbells++;
        nic->receive.ring.tail = (uint16_t)value;
        receive_tail(nic, now);
        break;
    case TDH:
        nic->transmit.ring.head = (uint16_t)value;
        break;
    case TDT:
        nic->counts.doorbells++;
        nic->transmit.ring.tail = (uint16_t)value;
        transmit_tail(nic, now);
        break;
    default:
        write_held(nic, at, value, now);
    }
}

uint32_t nic_read(void *device, const struct access *access)
{
    return read_register(device, access->offset, access->now);
}

void nic_write(void *device, const struct access *access, uint32_t value)
{
    write_register(device, access->offset, value, access->now);
}

/* IOADDR at 0 chooses the register that IODATA at 4 is (SDM 13.2.2). */
uint32_t nic_io_read(void *device, const struct access *access)
{
    struct nic *nic = device;

    if (access->offset == 0)
        return nic->io_address;
    return access->offset == 4 ? read_register(nic, nic->io_address, access->now) : 0;
}

void nic_io_write(void *device, const struct access *access, uint32_t value)
{
    struct nic *nic = device;

    if (access->offset == 0)
        nic->io_address = value & (NIC_REGISTERS_BYTES - 4);
    else if (access->offset == 4)
        write_register(nic, nic->io_address, value, access->now);
}

bool nic_busy(const struct nic *nic)
{
    return event_pending(&nic->transmit.next) || event_pending(&nic->receive.next) ||
           event_pending(&nic->throttle) || event_pending(&nic->receive_delay.packet) ||
           event_pending(&nic->transmit_delay.packet);
}

void nic_open(struct nic *nic, struct pci *pci, uint8_t device)
{
    nic->function = (struct pci_function){
        .name = "Ethernet",
        .device = device,
        .pin = 1,
        .vendor = 0x8086,
        .id = 0x100e,
        .class_revision = CLASS_ETHERNET,
        .command_bits =
            PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_QUIET,
        .bar = {{BUS_MEMORY, NIC_REGISTERS_BYTES, BUS_DWORDS, nic_read, nic_write, false, 0},
                {BUS_PORT, NIC_IO_BYTES, BUS_DWORDS, nic_io_read, nic_io_write, false, 0}},
        .owner = nic,
    };
    pci_add(pci, &nic->function);
    pci_set32(&nic->function, SUBSYSTEM, 0x001e8086);
    pci_set32(&nic->function, PCI_BAR, NIC_FIRMWARE_MEMORY);
    pci_set32(&nic->function, PCI_BAR + 4, NIC_FIRMWARE_IO | 1);
    pci_set16(&nic->function, PCI_COMMAND, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
    eeprom_open(nic);
    interrupt_open(nic);
    transmit_open(nic);
    receive_open(nic);
    reset(nic);
    pci_apply(&nic->function);
}
