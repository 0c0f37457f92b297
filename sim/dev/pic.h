/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pic.h - the two cascaded 8259A interrupt controllers of a PC
 *
 * After Intel's 8259A data sheet. Present: initialisation, masks, fixed priorities, specific and
 * non-specific end of interrupt, automatic end of interrupt, reading IRR and ISR, spurious
 * interrupts. Absent, and refused when used: level-triggered mode, priority rotation, poll mode,
 * special mask mode, special fully nested mode.
 */
#ifndef XENOLITH_SIM_PIC_H
#define XENOLITH_SIM_PIC_H

#include "sim/dev/device.h"

struct pic {
    uint8_t irr, isr, mask, base;
    uint8_t lines;     /* levels, for edge detection */
    uint8_t init_step; /* which initialisation word comes next, 0: none */
    bool wants_icw4, auto_eoi, read_isr;
};

struct pic_pair {
    struct device_world world;
    struct pic chip[2];             /* master, slave on the master's line 2 */
    void (*changed)(void *machine); /* pic_wants() may have changed */
    void *machine;
};

/*
 * As a PC's firmware leaves them, all lines but the cascade masked; the caller has set world,
 * changed and machine.
 */
void pic_open(struct pic_pair *pair);

/* Ports 0x20-0x21 and 0xa0-0xa1; access->address decides which. */
uint32_t pic_read(void *pair, const struct access *access);
void pic_write(void *pair, const struct access *access, uint32_t value);

/* Level of ISA line 0..15. */
void pic_line(struct pic_pair *pair, unsigned line, bool level);

/* Whether an edge on line 0..7 would be heard. */
bool pic_listens(const struct pic_pair *pair, unsigned line);

/* Whether the master has a request for the processor. */
bool pic_wants(const struct pic_pair *pair);

/* The processor's acknowledge cycle: a vector, the spurious one if the request has gone. */
int pic_acknowledge(struct pic_pair *pair);

#endif
