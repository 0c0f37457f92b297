/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/trace/calls.h"

#include <stdlib.h>

#include "sim/watch/guest.h"

#define NO_STACK 0

static struct trace_call **bucket(struct trace *trace, uint32_t context)
{
    return &trace->calls[context % TRACE_BUCKETS];
}

/* Takes `*at` out of its list and lets its record go. */
static void finish(struct trace *trace, struct trace_call **at)
{
    struct trace_call *call = *at;

    call->record->end = trace_now(trace);
    call->record->ended = true;
    if (call->moved)
        trace->form->write(trace, call->record);
    *at = call->next;
    free(call->moved);
    free(call);
    queue_give(trace, false);
}

void calls_begin(struct trace *trace, struct trace_record *record, uint32_t stack)
{
    struct trace_call *call = calloc(1, sizeof(*call));
    struct trace_call **at = bucket(trace, record->context);

    if (!call) {
        record->ended = true;
        record->end = record->begin;
        trace->lost = true;
        return;
    }
    while (*at && record->kind == TRACE_SYSCALL)
        if ((*at)->record->kind == TRACE_SYSCALL && (*at)->record->context == record->context &&
            (*at)->stack == stack)
            finish(trace, at);
        else
            at = &(*at)->next;
    *call = (struct trace_call){
        .next = *bucket(trace, record->context), .record = record, .stack = stack};
    *bucket(trace, record->context) = call;
}

bool calls_move(struct trace *trace, const struct trace_record *record)
{
    for (struct trace_call *call = *bucket(trace, record->context); call; call = call->next)
        if (call->record == record && (call->moved = malloc(sizeof(*call->moved)))) {
            *call->moved = *record;
            call->moved->resumed = true;
            call->record = call->moved;
            return true;
        }
    return false;
}

static void take_result(struct trace *trace, unsigned cpu, struct trace_record *record,
                        const struct cpu_registers *r)
{
    if (record->kind == TRACE_SYSCALL && r->eip != record->eip)
        return; /* a signal's handler, or another program */
    record->returned = record->returns;
    record->result = r->gpr[0];
    if (record->hole != TRACE_NO_HOLE)
        trace_fill_hole(trace, cpu, record);
}

/* Whether the crossing ends a call of the context that makes it. */
static bool returns_to(const struct trace_call *call, const struct cpu_crossing *c, uint32_t stack)
{
    const struct trace_record *record = call->record;

    if (record->kind == TRACE_DISK || record->from > c->to)
        return false;
    return record->from < 3 || call->stack == stack;
}

void calls_return(struct trace *trace, unsigned cpu, const struct cpu_crossing *crossing)
{
    uint32_t context = trace->context[cpu], stack = NO_STACK;
    struct trace_call **at = bucket(trace, context);
    struct cpu_registers r;
    bool inner = crossing->from == crossing->to; /* the last one alone */

    if (!*at)
        return;
    cpu_registers(trace->machine->cpu[cpu], &r);
    if (crossing->to == 3)
        stack = guest_kernel_stack(trace->machine, cpu, &r);
    while (*at) {
        struct trace_record *record = (*at)->record;

        if (record->context != context || !returns_to(*at, crossing, stack) ||
            (inner && (record->cpu != cpu || record->from != crossing->from))) {
            at = &(*at)->next;
            continue;
        }
        take_result(trace, cpu, record, &r);
        finish(trace, at);
        if (inner)
            return;
    }
}

void calls_switch(struct trace *trace, unsigned cpu)
{
    struct trace_call **at = bucket(trace, trace->context[cpu]);

    while (*at) {
        const struct trace_record *record = (*at)->record;

        if (record->context == trace->context[cpu] && record->kind != TRACE_DISK &&
            record->from == 0 && record->cpu == cpu)
            finish(trace, at);
        else
            at = &(*at)->next;
    }
}

void calls_context_ended(struct trace *trace, uint32_t context)
{
    struct trace_call **at = bucket(trace, context);

    while (*at)
        if ((*at)->record->context == context && (*at)->record->kind != TRACE_DISK)
            finish(trace, at);
        else
            at = &(*at)->next;
}

void calls_disk(struct trace *trace, unsigned disk, bool failed)
{
    for (unsigned i = 0; i < TRACE_BUCKETS; i++)
        for (struct trace_call **at = &trace->calls[i]; *at; at = &(*at)->next)
            if ((*at)->record->kind == TRACE_DISK && (*at)->stack == disk) {
                (*at)->record->returned = true;
                (*at)->record->result = failed;
                finish(trace, at);
                return;
            }
}

void calls_close(struct trace *trace)
{
    for (unsigned i = 0; i < TRACE_BUCKETS; i++)
        while (trace->calls[i]) {
            struct trace_call *call = trace->calls[i];

            trace->calls[i] = call->next;
            if (call->moved)
                trace->form->write(trace, call->moved);
            free(call->moved);
            free(call);
        }
}
