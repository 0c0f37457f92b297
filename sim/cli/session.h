/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * session.h - one program in the machine as its user sees it: output, messages, exit status
 *
 * Reads the serial console, on which init (workloads/dom0/init/report.h) marks lines of its own
 * among what the hypervisor, the kernels and other domains print. The program's bytes go to `out`
 * and `err` exactly as it wrote them, everything else to `log`. A line of a domain other than
 * Domain 0 has the hypervisor's prefix "(dN) ", and "(dN)+" where a line goes on that the
 * hypervisor has cut.
 *
 * With `guest_line`, domain 1 is the user's own kernel: what it says by console_io goes there,
 * whatever it says. Marks are then Domain 0's alone. Why the hypervisor ended it, if it did, goes
 * to `err`.
 */
#ifndef XENOLITH_SIM_SESSION_H
#define XENOLITH_SIM_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SESSION_LINE       1024
#define SESSION_GUEST_LINE 4096

struct session {
    FILE *out, *err, *log;
    bool terminal; /* the console is the user's terminal: it is passed on as it comes */
    bool ended;
    unsigned status;           /* once ended */
    void (*told)(void *owner); /* once, when it has ended; may be NULL */
    void *owner;
    void (*input)(void *owner); /* what is typed from now on is read; may be NULL */
    void (*guest_line)(void *owner, const char *text, size_t length); /* whole; may be NULL */

    char part[SESSION_GUEST_LINE]; /* of a guest's line that goes on */
    size_t part_used;
    char line[SESSION_LINE];
    size_t used;
    size_t matched; /* terminal: bytes of the mark so far, held back */
};

/* A byte that the serial port has sent. */
void session_byte(struct session *session, uint8_t byte);

/* Nothing more comes: a guest's line that went on is complete. */
void session_end(struct session *session);

/* A stream that does so for every byte written to it, unbuffered; NULL if there is no memory. */
FILE *session_stream(struct session *session);

#endif
