/* SPDX-License-Identifier: GPL-2.0-only */
/* disks.h - the disk images that the command line names, from their opening to what is left */
#ifndef XENOLITH_SIM_CLI_DISKS_H
#define XENOLITH_SIM_CLI_DISKS_H

#include "sim/cli/setup.h"

struct disk_files {
    struct image image[DISKS_MAX];
    unsigned count;
    bool save; /* --disk-write or --disk-cut */
    bool cut;  /* --disk-cut: as a power cut at the end of the run leaves them */
};

/* Opens them and names them to the machine. False with one sentence in `why`. */
bool disk_files_open(struct disk_files *files, struct machine_config *config,
                     const struct options *options, char *why);

/* After a run: false, having said why, if a file changed meanwhile, or could not be written. The
 * files are written only if `good`, that is, if the run ended as it should, or for --disk-cut. */
bool disk_files_end(struct disk_files *files, const struct machine *machine, bool good);

void disk_files_close(struct disk_files *files);

/* A line each for PCI functions and for what the disks did; nothing without disks. */
void disk_files_report(const struct machine *machine, FILE *out, const char *prefix);

#endif
