/* SPDX-License-Identifier: GPL-2.0-only */
/* network.h - what the command line says of the network, from its files' opening to their end */
#ifndef XENOLITH_SIM_CLI_NETWORK_H
#define XENOLITH_SIM_CLI_NETWORK_H

#include "sim/cli/setup.h"
#include "sim/load/file.h"

struct network_files {
    const char *capture_path;
    FILE *capture; /* NULL: none */
    const char *log_path;
    FILE *log;                       /* of frames from outside, written or replayed; NULL: none */
    struct file wanted[CLIENTS_MAX]; /* what clients compare with */
};

/* Opens them and tells the machine's configuration. False with one sentence in `why`. */
bool network_files_open(struct network_files *files, struct machine_config *config,
                        const struct options *options, char *why);

/* What a kernel of ours is told of its address, by its command line; "" without a network. */
const char *network_words(const struct options *options);

/* Closes them. False, having said why: the capture is not whole. */
bool network_files_end(struct network_files *files);

/* Whether the user of a program in the machine wants to know: there were clients, or trouble. */
bool network_files_matter(const struct machine *machine);

/* A line on what the card did; nothing without one. */
void network_files_report(const struct machine *machine, FILE *out, const char *prefix);

#endif
