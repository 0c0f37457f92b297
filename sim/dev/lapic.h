/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lapic.h - the local interrupt controller of each processor
 *
 * After Intel's Software Developer's Manual volume 3, chapter "Advanced Programmable Interrupt
 * Controller", xAPIC mode as in the Xeon of 2003. Present: fixed and lowest-priority delivery,
 * task and processor priority, INIT and start-up messages, the timer (one-shot and periodic), LINT0
 * as the way in for the 8259 pair. Absent, and refused when used: SMI and NMI messages, x2APIC.
 *
 * Messages between processors travel as events: one sent at cycle t reaches another processor
 * when every clock has reached t, so that nothing arrives before it was sent.
 */
#ifndef XENOLITH_SIM_LAPIC_H
#define XENOLITH_SIM_LAPIC_H

#include "cpu/cpu.h"
#include "sim/dev/device.h"

#define LAPIC_BASE   0xfee00000u
#define LAPIC_BYTES  0x1000u
#define LAPIC_MAX    CPU_MAX
#define LAPIC_BUS_HZ 100000000u /* front-side bus clock of the PowerEdge 2650, before pumping */

enum lapic_lvt {
    LVT_TIMER,
    LVT_THERMAL,
    LVT_PERFORMANCE,
    LVT_LINT0,
    LVT_LINT1,
    LVT_ERROR,
    LVT_COUNT
};

enum lapic_mode {
    LAPIC_FIXED = 0,
    LAPIC_LOWEST = 1,
    LAPIC_SMI = 2,
    LAPIC_NMI = 4,
    LAPIC_INIT = 5,
    LAPIC_STARTUP = 6,
    LAPIC_EXTINT = 7,
};

/* Whether this machine's local APICs take messages of that mode; others are refused. */
static inline bool lapic_takes(unsigned mode)
{
    return mode == LAPIC_FIXED || mode == LAPIC_LOWEST || mode == LAPIC_INIT ||
           mode == LAPIC_STARTUP;
}

struct lapic_message {
    uint8_t destination;
    bool logical;
    enum lapic_mode mode;
    uint8_t vector;
    bool level; /* level triggered: its end is told to the I/O APIC */
};

struct lapic_system;

struct lapic {
    struct lapic_system *system;
    unsigned index; /* processor, and APIC id */
    uint32_t tpr, ldr, dfr, svr, esr, esr_pending;
    uint32_t icr[2];
    uint32_t lvt[LVT_COUNT];
    uint32_t irr[8], isr[8], tmr[8];

    uint32_t timer_initial, timer_divide;
    uint64_t timer_start, timer_periods; /* cycle of the last load; expiries since */
    struct event timer;

    struct lapic_message sending;
    uint32_t sending_to; /* mask of processors */
    struct event message;
};

struct lapic_system {
    struct device_world world;
    struct lapic lapic[LAPIC_MAX];
    unsigned count;
    /* The machine's side. */
    void (*changed)(void *machine, unsigned cpu); /* lapic_wants() may have changed */
    void (*init)(void *machine, unsigned cpu);
    void (*startup)(void *machine, unsigned cpu, uint8_t vector);
    void (*end_of_interrupt)(void *machine, uint8_t vector); /* of a level-triggered one */
    void *machine;
};

/* Reset state, then what firmware leaves on the boot processor: enabled, LINT0 from the 8259s. */
void lapic_reset(struct lapic_system *system, unsigned index);
void lapic_open(struct lapic_system *system);

/* Registers; access->cpu says whose. */
uint32_t lapic_read(void *system, const struct access *access);
void lapic_write(void *system, const struct access *access, uint32_t value);

/* A message from the I/O APIC, taken at once. */
void lapic_deliver(struct lapic_system *system, const struct lapic_message *message);

/* Whether a vector above the processor's priority waits. */
bool lapic_wants(const struct lapic *lapic);

/* Takes that vector into service; -1 if there is none. */
int lapic_acknowledge(struct lapic *lapic);

/* Whether its timer or a message under way will bring an interrupt. */
bool lapic_expects(const struct lapic *lapic);

/* Whether the 8259 pair's output reaches this processor. */
bool lapic_passes_pic(const struct lapic *lapic);

#endif
