/* SPDX-License-Identifier: GPL-2.0-only */
/* sim_fake_machine.h - a machine over processors that execute nothing (sim_fake_cpu.h) */
#ifndef XENOLITH_TESTS_SIM_FAKE_MACHINE_H
#define XENOLITH_TESTS_SIM_FAKE_MACHINE_H

#include "sim/machine/machine.h"
#include "tests/unit/sim_fake_cpu.h"

#define QUANTUM 1000

/* Of the machine opened last: one cycle is one nanosecond. */
extern struct machine_costs fake_costs;

/* Opens one, or fails the test; its owner closes it. */
struct machine *machine_new(unsigned processors);

#endif
