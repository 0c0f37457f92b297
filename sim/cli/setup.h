/* SPDX-License-Identifier: GPL-2.0-only */
/* setup.h - from options to a machine: what `boot` and `run` have in common */
#ifndef XENOLITH_SIM_SETUP_H
#define XENOLITH_SIM_SETUP_H

#include "sim/machine/machine.h"
#include "sim/cli/options.h"

#define SETUP_WHY_BYTES 1024

struct setup {
    struct machine_costs costs;
    struct machine_config machine;
    uint64_t for_ns; /* 0: not given */
    char machine_file[4096];
    char *machine_text; /* what stands in it; kept until the program ends */
};

/* What a command does where an option is not given. */
struct setup_defaults {
    unsigned processors;
    enum cpu_timing timing;
};

/* False with one sentence in `why` (SETUP_WHY_BYTES). */
bool setup_machine(struct setup *setup, const struct options *options,
                   const struct setup_defaults *defaults, char *why);

/* The name of a timing mode as on the command line. */
const char *timing_name(enum cpu_timing timing);

/* Cycles of the machine in `nanoseconds`. */
uint64_t setup_cycles(const struct setup *setup, uint64_t nanoseconds);

/* The least whole number of scheduling rounds, each copy having a slice, that is not shorter than
 * `least`; all times in nanoseconds. */
uint64_t whole_rounds(uint64_t least, uint64_t slice, uint64_t copies, uint64_t processors);

/* Seconds of the host, for reports of speed only. */
double host_time(void);

/* "xenolith: " and the sentence to stderr. */
__attribute__((format(printf, 1, 2))) void say(const char *format, ...);

#endif
