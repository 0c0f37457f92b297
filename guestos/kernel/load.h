/* SPDX-License-Identifier: GPL-2.0-only */
/* load.h - how busy the machine has been: what /proc/stat, /proc/loadavg and sysinfo() tell */
#ifndef GUESTOS_LOAD_H
#define GUESTOS_LOAD_H

#include "guestos/kernel/types.h"

struct processor_time { /* ticks since boot */
    uint64_t user, kernel, idle;
    uint64_t stolen; /* others ran on the machine's processor instead */
};

/* What a processor has spent so far; of ended processes too. */
struct processor_time processor_time(unsigned processor);

/*
 * Averages of the number of runnable threads over 1, 5 and 15 minutes, in 65536ths, as sysinfo(2)
 * has them.
 */
enum { LOADS = 3 };
void load_averages(uint32_t average[LOADS]);

/*
 * Of ticks that have passed on a processor, those in which the hypervisor ran others: nobody is
 * charged for them here. `stolen_ns`: arch_stolen(). Adds them to `time`; the ticks that remain.
 */
uint32_t load_stolen(uint64_t stolen_ns, uint32_t ticks, struct processor_time *time);

/*
 * Takes the samples that are due. `active`: how many threads have been runnable since the last
 * call.
 */
void load_sample(uint64_t now, uint32_t active);

#endif
