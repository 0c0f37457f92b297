/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * write_xentrace.c - the records of the hypervisor's own trace, as xenalyze reads them
 *
 * Xen's format (xen/trace.h) knows switches, hypercalls, page faults, other exceptions and
 * interrupts; the rest of a trace has no record there. Records of a processor stand together in
 * windows, each behind a record that names the processor. Domains have 16 bits; idling is
 * domain 32767 with a virtual processor for each real one.
 */
#include "sim/trace/trace.h"

#include <stdlib.h>
#include <string.h>
#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/sched.h>
#include <xen/trace.h>

enum { WINDOW = 1 << 16, WORDS = 7 };
enum { RUNNING, RUNNABLE, BLOCKED }; /* xen/vcpu.h: RUNSTATE_* */
#define IDLE_DOMAIN 0x7fffu          /* xen.h: DOMID_IDLE */

struct window {
    uint8_t byte[WINDOW];
    size_t used;
};

struct xentrace {
    bool waits[ANNOUNCE_CONTEXT_MAX + 1]; /* the last that it did was to block */
    struct window window[CPU_MAX];
};

/* One header word, then the time, then data. */
static size_t build(uint8_t *to, uint32_t event, const uint64_t *cycles, const uint32_t *word,
                    unsigned words)
{
    uint32_t all[3 + WORDS];
    size_t used = 0;

    all[used++] = (event & 0x0fffffff) | words << 28 | (cycles ? 1u << 31 : 0);
    if (cycles) {
        all[used++] = (uint32_t)*cycles;
        all[used++] = (uint32_t)(*cycles >> 32);
    }
    for (unsigned i = 0; i < words; i++)
        all[used++] = word[i];
    memcpy(to, all, used * sizeof(*all));
    return used * sizeof(*all);
}

static void give(struct trace *trace)
{
    struct xentrace *state = trace->state;

    for (unsigned i = 0; i < trace->machine->config.processors; i++) {
        struct window *window = &state->window[i];
        uint8_t head[64];
        size_t bytes = build(head, TRC_TRACE_CPU_CHANGE, NULL,
                             (const uint32_t[]){i, (uint32_t)window->used}, 2);

        fwrite(head, 1, bytes, trace->out);
        fwrite(window->byte, 1, window->used, trace->out);
        window->used = 0;
    }
}

static void put(struct trace *trace, const struct trace_record *record, uint32_t event,
                const uint32_t *word, unsigned words)
{
    struct xentrace *state = trace->state;
    struct window *window = &state->window[record->cpu];

    if (window->used > WINDOW - 64)
        give(trace);
    window->used += build(window->byte + window->used, event, &record->begin, word, words);
}

/* Domain in the high half, virtual processor in the low one. */
static uint32_t virtual_processor(uint32_t context, unsigned cpu)
{
    return context >= ANNOUNCE_CONTEXT_BOOT ? IDLE_DOMAIN << 16 | cpu : context << 16;
}

static void put_runstate(struct trace *trace, const struct trace_record *record, uint32_t who,
                         unsigned from, unsigned to)
{
    put(trace, record, TRC_SCHED_RUNSTATE_CHANGE | from << 8 | to << 4, &who, 1);
}

static void put_switch(struct trace *trace, const struct trace_record *record)
{
    uint32_t before = virtual_processor(record->before, record->cpu);
    uint32_t now = virtual_processor(record->context, record->cpu);
    struct xentrace *state = trace->state;

    if (before == now) /* from boot to idle */
        return;
    put(trace, record, TRC_SCHED_SWITCH,
        (const uint32_t[]){before >> 16, before & 0xffff, now >> 16, now & 0xffff}, 4);
    put_runstate(trace, record, before, RUNNING, state->waits[record->before] ? BLOCKED : RUNNABLE);
    if (state->waits[record->context]) /* when it was woken is not known */
        put_runstate(trace, record, now, BLOCKED, RUNNABLE);
    put_runstate(trace, record, now, RUNNABLE, RUNNING);
    state->waits[record->context] = false;
}

static void put_hypercall(struct trace *trace, const struct trace_record *record)
{
    uint32_t word[WORDS] = {record->number & 0xfffff};
    struct xentrace *state = trace->state;
    unsigned words = 1;

    for (unsigned i = 0; i < 3; i++) {
        word[0] |= TRC_PV_HYPERCALL_V2_ARG_32(i);
        word[words++] = record->argument[i];
    }
    put(trace, record, TRC_PV_HYPERCALL_V2, word, words);
    state->waits[record->context] =
        record->number == __HYPERVISOR_sched_op &&
        (record->argument[0] == SCHEDOP_block || record->argument[0] == SCHEDOP_poll);
}

static void put_fault(struct trace *trace, const struct trace_record *record)
{
    bool has_error = record->error != 0;

    if (record->from == 0) /* the hypervisor's own */
        return;
    if (record->vector == 14)
        put(trace, record, TRC_PV_PAGE_FAULT,
            (const uint32_t[]){record->eip, record->address, record->error}, 3);
    else
        put(trace, record, TRC_PV_TRAP,
            (const uint32_t[]){record->eip, record->vector | (uint32_t)has_error << 15 |
                                                (record->error & 0xffff) << 16},
            2);
}

static void write_xentrace(struct trace *trace, const struct trace_record *record)
{
    if (record->resumed)
        return;
    switch (record->kind) {
    case TRACE_START:
        put_runstate(trace, record, virtual_processor(record->context, record->cpu), RUNNABLE,
                     RUNNING);
        break;
    case TRACE_SWITCH:
        put_switch(trace, record);
        break;
    case TRACE_HYPERCALL:
        put_hypercall(trace, record);
        break;
    case TRACE_FAULT:
        put_fault(trace, record);
        break;
    case TRACE_INTERRUPT:
        put(trace, record, TRC_HW_IRQ_HANDLED,
            (const uint32_t[]){record->vector, (uint32_t)record->begin,
                               (uint32_t)(record->ended ? record->end : record->begin)},
            3);
        break;
    default:
        break;
    }
}

static bool open_xentrace(struct trace *trace)
{
    trace->state = calloc(1, sizeof(struct xentrace));
    return trace->state != NULL;
}

static void close_xentrace(struct trace *trace)
{
    give(trace);
    free(trace->state);
}

const struct trace_form trace_xentrace = {"xentrace", false, open_xentrace, write_xentrace,
                                          close_xentrace};
