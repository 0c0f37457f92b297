/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ioapic.c - the I/O APIC: each pin has an entry that says which vector to send to which processor
 *
 * The vector is VECTOR_DEVICE and the pin. All go to the first processor, fixed, by its APIC id. A
 * pin that nobody listens to stays masked.
 *
 * The end of interrupt comes after the handlers. By then a level-triggered line has fallen, if no
 * device wants anything more; an edge that comes meanwhile is kept by the local APIC.
 *
 * Source: 82093AA data sheet, 3.
 */
#include "hv/dev/ioapic.h"
#include "hv/include/arch/percpu.h"
#include "hv/include/arch/smp.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"

#define SELECT 0x00 /* byte offsets of the two registers in memory */
#define WINDOW 0x10

#define REG_VERSION    1 /* bits 16-23: the last entry's number */
#define REG_ENTRY(pin) (0x10 + 2 * (pin))

#define ENTRY_LOW    (1u << 13)
#define ENTRY_LEVEL  (1u << 15)
#define ENTRY_MASKED (1u << 16)

static volatile char *registers; /* NULL: there is none */
static unsigned pins;
static struct irq_listener *listeners[DEVICE_VECTORS];

static uint32_t read(unsigned index)
{
    *(volatile uint32_t *)(registers + SELECT) = index;
    return *(volatile uint32_t *)(registers + WINDOW);
}

static void write(unsigned index, uint32_t value)
{
    *(volatile uint32_t *)(registers + SELECT) = index;
    *(volatile uint32_t *)(registers + WINDOW) = value;
}

void ioapic_init(void)
{
    uint32_t address;
    uint8_t id;

    if (!mp_ioapic(&address, &id))
        return;
    registers = map_device(address);
    pins = MIN((read(REG_VERSION) >> 16 & 0xff) + 1, (unsigned)DEVICE_VECTORS);
    for (unsigned pin = 0; pin < pins; pin++)
        write(REG_ENTRY(pin), ENTRY_MASKED);
}

bool ioapic_listen(const struct mp_interrupt *where, struct irq_listener *listener)
{
    uint32_t entry = VECTOR_DEVICE + where->pin;

    if (where->pin >= pins)
        return false;
    listener->next = listeners[where->pin];
    listeners[where->pin] = listener;
    if (where->low)
        entry |= ENTRY_LOW;
    if (where->level)
        entry |= ENTRY_LEVEL;
    write(REG_ENTRY(where->pin) + 1, cpus[0].apic_id << 24);
    write(REG_ENTRY(where->pin), entry);
    return true;
}

bool ioapic_interrupt(unsigned vector)
{
    if (vector < VECTOR_DEVICE || vector - VECTOR_DEVICE >= pins)
        return false;
    for (struct irq_listener *l = listeners[vector - VECTOR_DEVICE]; l; l = l->next)
        l->handle(l->context);
    apic_end_of_interrupt();
    return true;
}
