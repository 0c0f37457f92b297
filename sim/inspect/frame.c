/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * frame.c - runs that end relative to where they began: over a call, out of it, to the next line
 *
 * A frame is a processor, whose code it runs, a ring, and ESP. What was called has returned when
 * the code behind the call is to run with no deeper a stack. A function returns by the first `ret`
 * or `iret` of the same frame at no deeper a stack; the stop is behind it, whatever the ring. A
 * line ends where code of another begins, of the same processor, ring and domain.
 */
#include "sim/inspect/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void frame_begin(struct inspect *inspect)
{
    struct inspect_frame *frame = &inspect->frame;
    struct cpu_registers r;

    cpu_registers(inspect->machine->cpu[inspect->cpu], &r);
    *frame = (struct inspect_frame){.cpu = inspect->cpu,
                                    .context = inspect->context[inspect->cpu],
                                    .stack = r.base[2] + r.gpr[4],
                                    .ring = r.ring};
    if (inspect->level == INSPECT_COUNTER)
        counted_begin(inspect);
    if (inspect->level == INSPECT_LINE &&
        !symbols_line(&inspect->symbols, r.ring, r.base[1] + r.eip, &frame->source))
        frame->source = (struct source){.file = NULL};
}

static bool is_same(const struct inspect *inspect, unsigned cpu, unsigned ring)
{
    const struct inspect_frame *frame = &inspect->frame;

    return cpu == frame->cpu && ring == frame->ring && inspect->context[cpu] == frame->context;
}

bool frame_is_back(const struct inspect *inspect, unsigned cpu, const struct cpu_registers *r)
{
    return is_same(inspect, cpu, r->ring) && r->base[2] + r->gpr[4] >= inspect->frame.stack;
}

/* ret, ret N, retf, retf N, iret */
static bool is_return(const struct inspect *inspect, uint32_t pc)
{
    uint8_t code;

    return inspect_read(inspect, pc, &code, 1) && memchr("\xc3\xc2\xcb\xca\xcf", code, 5) != NULL;
}

static bool is_out(struct inspect *inspect, unsigned cpu, const struct cpu_place *place)
{
    struct inspect_frame *frame = &inspect->frame;

    if (frame->returns && cpu == frame->cpu && place->pc != frame->pc)
        return true;
    if (!is_same(inspect, cpu, place->ring))
        return false;
    frame->returns = place->stack >= frame->stack && is_return(inspect, place->pc);
    frame->pc = place->pc;
    return false;
}

static bool is_line(struct inspect *inspect, unsigned cpu, const struct cpu_place *place)
{
    struct source *was = &inspect->frame.source, is;

    if (!is_same(inspect, cpu, place->ring) || (place->pc >= was->low && place->pc < was->high) ||
        !symbols_line(&inspect->symbols, place->ring, place->pc, &is))
        return false;
    if (!was->file || is.line != was->line || strcmp(is.file, was->file) != 0)
        return true;
    *was = is; /* more code of the same */
    return false;
}

static bool look(void *owner, unsigned cpu, const struct cpu_place *place)
{
    struct inspect *inspect = owner;

    if (inspect->level == INSPECT_COUNTER)
        return counted_look(inspect, cpu);
    return inspect->level == INSPECT_OUT ? is_out(inspect, cpu, place)
                                         : is_line(inspect, cpu, place);
}

void frame_look(const struct inspect *inspect, bool set)
{
    bool needed = set && (inspect->level == INSPECT_OUT || inspect->level == INSPECT_LINE ||
                          inspect->level == INSPECT_COUNTER);
    const struct machine *machine = inspect->machine;

    for (unsigned i = 0; i < machine->config.processors; i++)
        cpu_look(machine->cpu[i], needed ? look : NULL, (void *)(uintptr_t)inspect);
}

void frame_say(const struct inspect *inspect, char *text, size_t bytes)
{
    struct cpu_registers r;
    struct source source;

    cpu_registers(inspect->machine->cpu[inspect->cpu], &r);
    if (inspect->level == INSPECT_OVER)
        snprintf(text, bytes, "the call has returned:");
    else if (inspect->level == INSPECT_OUT)
        snprintf(text, bytes, "it has returned:");
    else if (inspect->level == INSPECT_COUNTER)
        snprintf(text, bytes, "%s is %" PRIu64 ":", event_names[inspect->number],
                 inspect->counted.total);
    else if (symbols_line(&inspect->symbols, r.ring, r.base[1] + r.eip, &source))
        snprintf(text, bytes, "%s:%d:", source.file, source.line);
}
