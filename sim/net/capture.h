/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * capture.h - frames of a wire as a pcap file with nanoseconds
 *
 * The format is that of libpcap's savefile page: magic 0xa1b23c4d, link type 1 (Ethernet). Times
 * are the machine's date at its start and the simulated time since, so two runs write the same
 * bytes.
 */
#ifndef XENOLITH_SIM_CAPTURE_H
#define XENOLITH_SIM_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct capture {
    FILE *file;
    uint64_t hz;   /* cycles a second */
    int64_t start; /* seconds since 1970 at cycle 0 */
    uint64_t frames;
    uint64_t shown; /* so many are not written: an earlier run of the same machine has */
    bool failed;    /* something could not be written; nothing more is tried */
};

/* Writes the file's header. */
void capture_open(struct capture *capture);

/* As struct link's tap; `capture` is a struct capture. */
void capture_frame(void *capture, const uint8_t *frame, uint32_t bytes, uint64_t now);

#endif
