/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * step.h - who steps a machine: a script, gdb, or somebody at a terminal or a window
 *
 * gdb is served by the process that has the machine. The others are faces (sim/inspect/engine.h):
 * a script is read by the process that began, terminal and window are xenolith-view, which it
 * becomes.
 */
#ifndef XENOLITH_SIM_STEP_H
#define XENOLITH_SIM_STEP_H

#include "sim/cli/setup.h"
#include "sim/inspect/inspect.h"

struct stepper {
    FILE *script;
    int gdb;          /* descriptor on which it is waited for, or -1 */
    const char *view; /* "terminal", "window", or NULL */
    /* Of the window: a picture's file, a time, a script's file, or "". */
    const char *screenshot, *at, *before;
    bool light;
};

/* By the options; `face` if they name neither a script nor gdb. False with one sentence in `why`,
 * of SETUP_WHY_BYTES. */
bool step_open(struct stepper *stepper, const struct options *options, const char *face, char *why);
void step_close(struct stepper *stepper);

/*
 * Steps. In the process that has the machine when all is said, true: it goes on as after any run.
 * In a face's, false, when all is over, with the exit status.
 */
bool step_machine(const struct stepper *stepper, struct account *account,
                  const struct boot_images *images, int *status);

#endif
