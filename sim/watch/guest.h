/* SPDX-License-Identifier: GPL-2.0-only */
/* guest.h - what watchers read from a guest, which may have put anything there */
#ifndef XENOLITH_SIM_WATCH_GUEST_H
#define XENOLITH_SIM_WATCH_GUEST_H

#include "sim/machine/machine.h"

/* Memory at a linear address of a processor. False: not all of it is there. */
bool guest_read(const struct machine *machine, unsigned cpu, uint32_t linear, void *to,
                size_t bytes);

/* A string at a linear address, at most bytes - 1 of it. False: it is not there. *whole: it ends
 * within them. */
bool guest_string(const struct machine *machine, unsigned cpu, uint32_t linear, char *text,
                  size_t bytes, bool *whole);

/*
 * The stack that the processor takes when it enters a kernel from ring 3: ESP1 of the task state
 * segment where the kernel is in ring 1, else ESP0 (SDM vol. 3, 8.2.1). It names the thread that
 * runs. 0: there is no TSS.
 */
uint32_t guest_kernel_stack(const struct machine *machine, unsigned cpu,
                            const struct cpu_registers *r);

#endif
