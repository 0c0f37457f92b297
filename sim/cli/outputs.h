/* SPDX-License-Identifier: GPL-2.0-only */
/* outputs.h - the files in which a command leaves its result, one a form that was asked for */
#ifndef XENOLITH_SIM_OUTPUTS_H
#define XENOLITH_SIM_OUTPUTS_H

#include "sim/account/result.h"

#define OUTPUTS 2

struct outputs {
    struct result_file file[OUTPUTS];
    const char *db; /* a data base that gets it too; NULL: none */
};

/* Opens a file for each form that `options` name, before the run, so that a name that cannot be
 * written costs no run. False with one sentence in `why` (SETUP_WHY_BYTES). */
bool outputs_open(struct outputs *outputs, const struct options *options, char *why);
/* Writes the result to each and gives it its name. False, after saying so, if one failed. */
bool outputs_write(struct outputs *outputs, const struct result *result);
/* Removes those that were not written. */
void outputs_drop(struct outputs *outputs);

#endif
