/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sim_fake_cpu.h - a processor that executes nothing
 *
 * Stands in for cpu/ in the tests of sim/: its clock moves as the test says and every call is
 * written into a journal, so that a test can ask in which order the machine did things.
 */
#ifndef XENOLITH_TESTS_SIM_FAKE_CPU_H
#define XENOLITH_TESTS_SIM_FAKE_CPU_H

#include "cpu/cpu.h"

struct cpu {
    struct cpu_engine *engine;
    unsigned index;
    uint64_t clock, deadline;
    bool interrupt, halted, waits;
    struct cpu_tally *tally;
    struct cpu_registers registers;
    uint64_t delivered[4][256];
    uint64_t masked, masked_now; /* the longest of those that ended; under way */
    /* What one cpu_run() does; without it the clock goes straight to the deadline. */
    enum cpu_stop (*script)(struct cpu *cpu);
};

struct cpu_engine {
    struct cpu_config config;
    struct cpu cpu[CPU_MAX];
};

/* Lines "run 0 100 200", "skip 1 300": processor, clock before, clock after. */
extern char fake_journal[4096];
void fake_journal_clear(void);

/* The engine of the machine opened last. */
extern struct cpu_engine *fake_engine;

/* Charges cycles to the tally of `ring` and moves the clock. */
void fake_spend(struct cpu *cpu, unsigned ring, uint64_t cycles);

#endif
