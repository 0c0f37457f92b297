/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * typed.c - what is typed, on its way from a descriptor to the UART
 *
 * A terminal is read as soon as there is something, and what the UART has no room for waits here:
 * so the escape is seen even if nobody in the machine reads. Other input is read when the UART
 * takes it. The event comes around whether there is input or not: processors take the same turns
 * with a terminal and without.
 */
#include "sim/machine/machine.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define INPUT_HZ 1000 /* how often console_in is looked at, in simulated time */

/* A byte of console_in, behind those that wait. */
static void take_typed(struct machine *machine, uint8_t byte)
{
    struct typed *typed = &machine->typed;
    bool escape = machine->config.console_escape && byte == machine->config.console_escape;

    typed->byte[typed->count++] = byte;
    typed->taken++;
    if (escape && typed->escaped) {
        machine->left = true;
        machine_stop(machine);
    }
    typed->escaped = escape && !typed->escaped;
    typed->line_ended = byte == '\n' || byte == '\r';
}

static void read_typed(struct machine *machine, unsigned room)
{
    struct pollfd ready = {.fd = machine->config.console_in, .events = POLLIN};
    struct typed *typed = &machine->typed;
    uint8_t bytes[256];
    size_t most = sizeof(typed->byte) - typed->count;
    ssize_t count;

    if (!machine->config.console_escape)
        most = typed->count < room ? room - typed->count : 0;
    if (ready.fd < 0 || !most || poll(&ready, 1, 0) <= 0)
        return;
    if (most > sizeof(bytes))
        most = sizeof(bytes);
    /* A file has no place that others move: processes that were forked from one another read it. */
    count = pread(ready.fd, bytes, most, (off_t)typed->taken);
    if (count < 0 && errno == ESPIPE)
        count = read(ready.fd, bytes, most);
    for (ssize_t i = 0; i < count; i++)
        take_typed(machine, bytes[i]);
    if (count <= 0) { /* the end: nothing will come any more */
        machine->config.console_in = -1;
        typed->ended = machine->config.console_end != 0;
        if (typed->ended && !typed->line_ended)
            typed->byte[typed->count++] = '\r';
    }
}

void typed_look(void *owner, uint64_t when)
{
    struct machine *machine = owner;
    struct typed *typed = &machine->typed;
    unsigned room = machine->config.console_hold ? 0 : uart_room(&machine->uart), given;

    read_typed(machine, room);
    given = typed->count < room ? typed->count : room;
    for (unsigned i = 0; i < given; i++)
        uart_receive(&machine->uart, typed->byte[i]);
    typed->count -= given;
    memmove(typed->byte, typed->byte + given, typed->count);
    if (typed->ended && !typed->count && given < room && when >= typed->end_at) {
        uart_receive(&machine->uart, machine->config.console_end);
        typed->end_at = when + machine->config.costs->clock_hz;
    }
    event_schedule(&machine->events, &machine->input,
                   when + machine->config.costs->clock_hz / INPUT_HZ);
}
