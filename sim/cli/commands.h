/* SPDX-License-Identifier: GPL-2.0-only */
/* commands.h - what `xenolith COMMAND` calls; each returns the program's exit status */
#ifndef XENOLITH_SIM_COMMANDS_H
#define XENOLITH_SIM_COMMANDS_H

#include "sim/cli/options.h"

/* Exit statuses: a run that did not end as it should; bad input, nothing was run. */
#define EXIT_RUN_FAILED 1
#define EXIT_BAD_INPUT  2
#define EXIT_NO_STATUS                                                                             \
    125 /* of shell, whose command has the others: the machine did not come so far */

typedef int command_function(const struct options *options);

int command_boot(const struct options *options);
int command_step(const struct options *options);
int command_view(const struct options *options);
int command_run(const struct options *options);
int command_shell(const struct options *options);
int command_guest(const struct options *options);
int command_lab(const struct options *options);
int command_explain(const struct options *options);
int command_coverage(const struct options *options);
int command_compare(const struct options *options);
int command_db(const struct options *options);
int command_gate(const struct options *options);
int command_bisect(const struct options *options);
int command_bundle(const struct options *options);
int command_replay(const struct options *options);

/* Prints the version, the revision and the libraries, a line each. */
void command_version(FILE *out);

/* Those that watch another command, which they call. */
int command_trace(const struct options *options, command_function *command);
int command_profile(const struct options *options, command_function *command);

#endif
