/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stub.h - what gdb asks, answered from a machine that stands still
 *
 * A thread is a processor, numbered from one. Addresses are linear, and memory is what the thread's
 * processor sees with the page tables that it uses now. Nothing here knows of sockets: server.c
 * does.
 */
#ifndef XENOLITH_SIM_GDB_STUB_H
#define XENOLITH_SIM_GDB_STUB_H

#include "sim/gdb/packet.h"
#include "sim/inspect/inspect.h"

#include <stdio.h>

#define STUB_ANY UINT32_MAX

struct stub {
    struct inspect *inspect;
    unsigned thread; /* that is asked about: number of the processor */
    uint32_t only;   /* breakpoints stop in this domain alone, or in any (STUB_ANY) */
    bool ended;      /* the machine will not run again */
};

enum stub_verdict {
    STUB_ANSWERS,
    STUB_RUNS,     /* no answer before it stops: stub_run() until that is true */
    STUB_QUIET,    /* answers, and from then on nothing is acknowledged */
    STUB_DETACHES, /* answers; the run goes on without gdb */
    STUB_ENDS      /* no answer; the run is over */
};

void stub_open(struct stub *stub, struct inspect *inspect);

/* The answer to a packet's body, which may be anything, goes to `answer`. */
enum stub_verdict stub_obey(struct stub *stub, const char *packet, size_t length, FILE *answer);

/* Runs for a while. True: it has stopped, and why is in `answer`. */
bool stub_run(struct stub *stub, FILE *answer);

/* The user wants a stop where it is now. */
void stub_interrupt(const struct stub *stub, FILE *answer);

/* ---- target.c: registers --------------------------------------------------------------------- */

/* target.xml: which registers there are (gdb's manual, appendix G). */
extern const char stub_target[];

#define STUB_REGISTERS 39

/* Registers of a processor as digits in the order of the target; one, or all. */
void stub_put_register(const struct inspect *inspect, unsigned cpu, unsigned number, FILE *out);
/* Sets one from digits. False: it cannot be, or not to this. */
bool stub_set_register(const struct inspect *inspect, unsigned cpu, unsigned number,
                       const char *digits);

/* ---- monitor.c ------------------------------------------------------------------------------- */

/* Obeys a word of the user's behind `monitor`; the answer is text. */
void stub_monitor(struct stub *stub, const char *line, FILE *out);

#endif
