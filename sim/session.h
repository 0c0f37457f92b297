/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * session.h - one program in the machine as its user sees it: output, messages, exit status
 *
 * Reads the serial console, on which init (workloads/init/report.h) marks lines of its own among what
 * the hypervisor, the kernels and other domains print. The program's bytes go to `out` and `err`
 * exactly as it wrote them, everything else to `log`. A line of a domain other than Domain 0 has the
 * hypervisor's prefix "(dN) ".
 */
#ifndef XENOLITH_SIM_SESSION_H
#define XENOLITH_SIM_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SESSION_LINE 1024

struct session {
    FILE *out, *err, *log;
    bool terminal; /* the console is the user's terminal: it is passed on as it comes */
    bool ended;
    unsigned status;           /* once ended */
    void (*told)(void *owner); /* once, when it has ended; may be NULL */
    void *owner;

    char line[SESSION_LINE];
    size_t used;
    size_t matched; /* terminal: bytes of the mark so far, held back */
};

/* A byte that the serial port has sent. */
void session_byte(struct session *session, uint8_t byte);

/* A stream that does so for every byte written to it, unbuffered; NULL if there is no memory. */
FILE *session_stream(struct session *session);

#endif
