/* SPDX-License-Identifier: GPL-2.0-only */
/* completion.h - what completes command lines in a user's shell, from the table of options */
#ifndef XENOLITH_SIM_COMPLETION_H
#define XENOLITH_SIM_COMPLETION_H

#include "sim/cli/options.h"

#include <stdio.h>

/* A command's name and its summary. */
struct completion {
    const char *name, *summary;
};

/* Scripts for bash (bash-completion's folder) and zsh (a folder of fpath, as _xenolith). `commands`
 * has COMMAND_COUNT rows in the order of enum command. */
void completion_bash(const struct completion *commands, FILE *out);
void completion_zsh(const struct completion *commands, FILE *out);

#endif
