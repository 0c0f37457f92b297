/* SPDX-License-Identifier: GPL-2.0-only */
/* typed.h - what is typed, on its way from a descriptor to the UART */
#ifndef XENOLITH_SIM_TYPED_H
#define XENOLITH_SIM_TYPED_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What was typed waits here while the UART has no room, so that an escape is seen even if nobody in
 * the machine reads.
 */
struct typed {
    uint8_t byte[4096];
    unsigned count;
    bool escaped, ended; /* the last one was console_escape; nothing comes any more */
    bool line_ended;     /* the last one was a line's end; else one is added before console_end */
    uint64_t end_at;     /* when console_end is sent next */
    uint64_t taken;      /* bytes of the descriptor, ever */
};

/* The event's function, of a struct machine: reads, hands over, and comes again. */
void typed_look(void *machine, uint64_t when);

#endif
