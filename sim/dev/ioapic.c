/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/dev/ioapic.h"

/* Bits of a redirection entry (82093AA data sheet, 3.2.4). */
#define ENTRY_LOGICAL    (1u << 11)
#define ENTRY_PENDING    (1u << 12)
#define ENTRY_LOW_ACTIVE (1u << 13)
#define ENTRY_REMOTE_IRR (1u << 14)
#define ENTRY_LEVEL      (1u << 15)
#define ENTRY_MASKED     (1u << 16)
#define ENTRY_READ_ONLY  (ENTRY_PENDING | ENTRY_REMOTE_IRR)

enum { SELECT_ID, SELECT_VERSION, SELECT_ARBITRATION, SELECT_ENTRIES = 0x10 };

static void send(struct ioapic *ioapic, unsigned pin)
{
    uint64_t entry = ioapic->entry[pin];
    struct lapic_message message = {
        .destination = (uint8_t)(entry >> 56),
        .logical = entry & ENTRY_LOGICAL,
        .mode = entry >> 8 & 7,
        .vector = (uint8_t)entry,
        .level = entry & ENTRY_LEVEL,
    };

    if (message.level)
        ioapic->entry[pin] |= ENTRY_REMOTE_IRR;
    lapic_deliver(ioapic->lapics, &message);
}

static void level_check(struct ioapic *ioapic, unsigned pin)
{
    if ((ioapic->entry[pin] & (ENTRY_LEVEL | ENTRY_MASKED | ENTRY_REMOTE_IRR)) == ENTRY_LEVEL &&
        ioapic->lines >> pin & 1)
        send(ioapic, pin);
}

bool ioapic_listens(const struct ioapic *ioapic, unsigned line)
{
    return !(ioapic->entry[line == 0 ? 2 : line] & ENTRY_MASKED);
}

void ioapic_line(struct ioapic *ioapic, unsigned line, bool level)
{
    unsigned pin = line == 0 ? 2 : line;
    bool was;

    if (line == 2 || line >= IOAPIC_PINS) /* 2: the cascade of the 8259s; nothing is wired to it */
        return;
    was = ioapic->lines >> pin & 1;
    ioapic->lines = level ? ioapic->lines | 1u << pin : ioapic->lines & ~(1u << pin);
    if (ioapic->entry[pin] & ENTRY_LEVEL)
        level_check(ioapic, pin);
    else if (level && !was && !(ioapic->entry[pin] & ENTRY_MASKED))
        send(ioapic, pin);
}

void ioapic_end(struct ioapic *ioapic, uint8_t vector)
{
    for (unsigned pin = 0; pin < IOAPIC_PINS; pin++) {
        if ((uint8_t)ioapic->entry[pin] != vector || !(ioapic->entry[pin] & ENTRY_REMOTE_IRR))
            continue;
        ioapic->entry[pin] &= ~(uint64_t)ENTRY_REMOTE_IRR;
        level_check(ioapic, pin);
    }
}

/* IOAPIC_PINS and above: no entry is selected. */
static unsigned pin_selected(const struct ioapic *ioapic)
{
    return ioapic->select < SELECT_ENTRIES ? IOAPIC_PINS
                                           : (unsigned)(ioapic->select - SELECT_ENTRIES) / 2;
}

static uint32_t window_read(const struct ioapic *ioapic)
{
    unsigned pin = pin_selected(ioapic);

    if (ioapic->select == SELECT_ID || ioapic->select == SELECT_ARBITRATION)
        return ioapic->id << 24;
    if (ioapic->select == SELECT_VERSION)
        return (IOAPIC_PINS - 1) << 16 | 0x20;
    if (pin >= IOAPIC_PINS)
        return 0;
    return (uint32_t)(ioapic->select & 1 ? ioapic->entry[pin] >> 32 : ioapic->entry[pin]);
}

static void window_write(struct ioapic *ioapic, uint32_t value)
{
    unsigned pin = pin_selected(ioapic);
    uint64_t entry;

    if (ioapic->select == SELECT_ID)
        ioapic->id = value >> 24 & 0xf;
    if (pin >= IOAPIC_PINS)
        return;
    entry = ioapic->entry[pin];
    if (ioapic->select & 1) {
        ioapic->entry[pin] = (uint32_t)entry | (uint64_t)(value & 0xff000000) << 32;
        return;
    }
    if (value & ENTRY_LOW_ACTIVE && !(value & ENTRY_MASKED))
        device_refuse(&ioapic->world,
                      "pin %u of the I/O APIC was set to active low; no device of this machine is",
                      pin);
    if (device_ignores(&ioapic->world, value & ENTRY_MASKED || lapic_takes(value >> 8 & 7)))
        return;
    value &= 0x1afff & ~ENTRY_READ_ONLY;
    ioapic->entry[pin] = (entry & 0xffffffff00000000) | value | (entry & ENTRY_READ_ONLY);
    if (!(value & ENTRY_LEVEL))
        ioapic->entry[pin] &= ~(uint64_t)ENTRY_REMOTE_IRR;
    level_check(ioapic, pin);
}

uint32_t ioapic_read(void *device, const struct access *access)
{
    struct ioapic *ioapic = device;

    if (access->offset == 0x00)
        return ioapic->select;
    if (access->offset == 0x10)
        return window_read(ioapic);
    device_refuse(&ioapic->world, "the I/O APIC has no register at offset 0x%x", access->offset);
    return 0;
}

void ioapic_write(void *device, const struct access *access, uint32_t value)
{
    struct ioapic *ioapic = device;

    if (access->offset == 0x00)
        ioapic->select = (uint8_t)value;
    else if (access->offset == 0x10)
        window_write(ioapic, value);
    else
        device_refuse(&ioapic->world, "the I/O APIC has no register at offset 0x%x",
                      access->offset);
}

void ioapic_open(struct ioapic *ioapic)
{
    ioapic->id = ioapic_id(ioapic->lapics->count);
    for (unsigned pin = 0; pin < IOAPIC_PINS; pin++)
        ioapic->entry[pin] = ENTRY_MASKED;
}
