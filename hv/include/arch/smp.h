/* SPDX-License-Identifier: GPL-2.0-only */
/* smp.h - the other processors, the local APIC, and calls between processors */
#ifndef HV_SMP_H
#define HV_SMP_H

#include "hv/include/types.h"

enum cross_call {
    CROSS_FLUSH,  /* flush the TLB */
    CROSS_UNLOAD, /* leave the page tables of a domain that is not current */
};

/* Asks another processor and waits until it has done it. */
void cross_call(unsigned cpu, enum cross_call what);

/* Does what another processor asked of this one. */
void serve_cross_calls(void);

/* Makes a processor pass through its scheduler. */
void kick_processor(unsigned cpu);

/* Makes a processor enter the hypervisor: to look at its timers and its domain's events. */
void poke_processor(unsigned cpu);

/* Finds the processors in the MP tables and starts the others, `limit` in all at most. */
void smp_init(unsigned limit);

/*
 * The local APIC of this processor: on, its timer one-shot, the old controllers masked; its number;
 * the end of an interrupt's service; a command (APIC_COMMAND_*, with a vector) to the processor of
 * that number.
 */
void apic_init(void);
unsigned apic_id(void);
void apic_end_of_interrupt(void);
void apic_send(unsigned apic, uint32_t command);

/* One interrupt at this many APIC ticks from now; 0 stops the timer. */
void apic_timer_set(uint32_t ticks);
uint32_t apic_timer_left(void);

#define APIC_COMMAND_FIXED   0x00004000u
#define APIC_COMMAND_INIT    0x00004500u
#define APIC_COMMAND_STARTUP 0x00004600u

#endif
