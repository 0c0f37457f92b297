/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ioapic.h - interrupts of devices, by the I/O APIC
 *
 * A driver asks the MP tables where its line goes (arch/mp_table.h) and listens there. Lines may be
 * shared: every listener of a pin is called, and looks whether its device wants something.
 */
#ifndef HV_IOAPIC_H
#define HV_IOAPIC_H

#include "hv/include/arch/mp_table.h"

/*
 * Whom to call, on the processor that starts the machine, with interrupts off and no lock held. A
 * level-triggered device must have let go of its line when its handler returns, or it is called
 * again at once. Kept by the driver; `next` is the list's.
 */
struct irq_listener {
    void (*handle)(void *context);
    void *context;
    struct irq_listener *next;
};

/* Finds the I/O APIC, if the tables name one, and masks its pins. Once, after apic_init(). */
void ioapic_init(void);

/* Listens to a pin. False: there is no I/O APIC, or it has no such pin; the driver has to poll. */
bool ioapic_listen(const struct mp_interrupt *where, struct irq_listener *listener);

/* For interrupt(): calls the listeners of a vector from VECTOR_DEVICE on. False: it is no pin's. */
bool ioapic_interrupt(unsigned vector);

#endif
