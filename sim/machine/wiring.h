/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wiring.h - between the machine's two halves: machine.c, which runs it, and wiring.c, which built
 * it
 */
#ifndef XENOLITH_SIM_WIRING_H
#define XENOLITH_SIM_WIRING_H

#include "sim/machine/machine.h"

/* Ends the run under way as soon as its processor's block is done; the first end stands. */
void machine_end_run(struct machine *machine, enum machine_end end, const char *sentence);

#endif
