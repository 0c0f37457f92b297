/* SPDX-License-Identifier: GPL-2.0-only */
/* request.h - what `xenolith run` was asked for, from its options to images and a measurement */
#ifndef XENOLITH_SIM_REQUEST_H
#define XENOLITH_SIM_REQUEST_H

#include "sim/cli/disks.h"
#include "sim/cli/network.h"
#include "sim/cli/outputs.h"
#include "sim/run/kinds.h"
#include "sim/run/progress.h"

struct request {
    struct setup setup;
    struct boot_images images;
    struct result_request result;
    char hv[4096], kernel[4096], ramdisk[4096];
    char hv_arguments[128], kernel_arguments[1024];
    uint64_t warmup_ns;
    uint64_t round_slice_ns; /* of the copies' scheduler */
    bool xen;
    struct kinds kinds;
    struct result_group group[KINDS_MAX]; /* of kinds that have names */
    bool own, repeat;                     /* own: --program or --domain was given */
    uint64_t start_s;
    uint64_t timer_events_ns; /* 0: none but those that domains ask for */
    uint64_t placement;       /* seed of the order of page frames */
    struct progress progress;
    struct state_request state;
    struct disk_files disks;
    struct network_files network;
    uint64_t memory;     /* bytes of each domain whose kind does not say */
    uint64_t more_bytes; /* that root images with the program take beside */
};

/* Reads the images, puts a --program into them and writes the kernels' command lines (images.c).
 * False with one sentence in `why` (SETUP_WHY_BYTES). */
bool request_images(struct request *request, const struct options *options, char *why);
/* Whether the machine's memory holds all copies; else false with one sentence in `why`. */
bool request_fits(const struct request *request, char *why);

/* Runs the booted machine, prints the summary and writes the result (measure.c); exit status. */
int request_measure(struct request *request, struct machine *machine, struct outputs *outputs);

#endif
