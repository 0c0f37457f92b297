/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * irq.h - a level-triggered interrupt line that several devices pull
 *
 * PCI devices share lines. The line is up while any of them holds it; the I/O APIC looks at its
 * level again when a processor has ended the service (ioapic_end), so a device that still wants
 * something is not forgotten.
 */
#ifndef XENOLITH_SIM_IRQ_H
#define XENOLITH_SIM_IRQ_H

#include "sim/dev/device.h"

#define IRQ_SOURCES_MAX 32

struct irq_shared {
    struct irq_line line;
    uint32_t held; /* by source, a bit each */
};

/* Source 0..31 of the line holds it or lets go. */
static inline void irq_shared_set(struct irq_shared *irq, unsigned source, bool level)
{
    uint32_t before = irq->held, bit = UINT32_C(1) << source % IRQ_SOURCES_MAX;

    irq->held = level ? before | bit : before & ~bit;
    if (!before != !irq->held)
        irq_set(&irq->line, irq->held != 0);
}

#endif
