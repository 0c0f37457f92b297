/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guest_console.h - one domain's console, which reaches us on two ways, as one text
 *
 * A domain may write to its console ring, whose bytes come as they are, and to the hypervisor by
 * console_io, whose text comes in whole lines and without what is not printable. Many kernels use
 * one of them; some write every line to both. So a line that comes on one way, and on the other has
 * come and not yet been matched, is shown once. Empty lines match only where nothing else is
 * waiting between them.
 *
 * To a terminal every line ends with CR LF, elsewhere with LF, whatever the domain writes.
 */
#ifndef XENOLITH_SIM_GUEST_CONSOLE_H
#define XENOLITH_SIM_GUEST_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define GUEST_LINES 64   /* lines of one way that wait for the other; older ones are forgotten */
#define GUEST_LINE  1024 /* characters of a line that are compared */

struct guest_line {
    char text[GUEST_LINE];
    size_t length;
};

struct guest_lines {
    struct guest_line line[GUEST_LINES];
    unsigned first, count;
};

struct guest_console {
    FILE *out;
    bool terminal;              /* out is one, and raw */
    struct guest_lines by_io;   /* shown, and not yet seen on the ring */
    struct guest_lines by_ring; /* shown, and not yet seen from console_io */
    struct guest_line now;      /* the ring's line so far, as console_io would give it */
    bool unlike;                /* it is none of by_io: its bytes are shown as they come */
    char held[4 * GUEST_LINE];  /* its bytes, while it may still be one of them */
    size_t held_bytes;
    bool return_held; /* a CR that may be the beginning of a line end */
    bool in_line;     /* what was shown last is not a line's end */
};

/* Bytes from the console's ring, as they come. */
void guest_console_ring(struct guest_console *console, const char *text, size_t bytes);

/* A line from console_io, without its end. */
void guest_console_line(struct guest_console *console, const char *text, size_t bytes);

/* Nothing more comes. */
void guest_console_end(struct guest_console *console);

#endif
