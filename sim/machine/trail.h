/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trail.h - what happened last: a ring of the latest crossings of all processors
 *
 * Kept always, since nobody knows before which run it will be needed in; a crossing costs one copy
 * of a few words.
 */
#ifndef XENOLITH_SIM_TRAIL_H
#define XENOLITH_SIM_TRAIL_H

#include "cpu/cpu.h"

#define TRAIL_EVENTS 100

struct trail {
    struct trail_event {
        uint64_t clock;
        uint32_t context; /* that was announced on the processor */
        uint8_t cpu;
        struct cpu_crossing crossing;
    } event[TRAIL_EVENTS];
    uint64_t count; /* of all, ever */
    uint32_t context[CPU_MAX];
};

struct machine;

/*
 * To stderr: names of the return addresses on a stack, by the symbols of the kernel's file, and the
 * last events, oldest first. `what` says who gave up; eip and esp are where.
 */
void trail_post_mortem(const struct machine *machine, unsigned cpu, const char *what, uint32_t eip,
                       uint32_t esp);

/* To stderr: the last events alone. */
void trail_print(const struct machine *machine);

#endif
