/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * queue.c - records wait until those that began before them are complete
 *
 * A ring of them. When it is full and the oldest has not ended, that one is given away unfinished
 * and goes on in memory of its own, until its end gives it away again.
 */
#include "sim/trace/trace.h"

#include <stdlib.h>

#include "sim/trace/calls.h"

enum { ROOM = 4096 };

struct trace_queue {
    struct trace_record record[ROOM];
    uint64_t first, next; /* numbers of records since the start */
};

bool queue_open(struct trace *trace)
{
    trace->queue = calloc(1, sizeof(*trace->queue));
    return trace->queue != NULL;
}

void queue_close(struct trace *trace)
{
    free(trace->queue);
    trace->queue = NULL;
}

/* The oldest goes on elsewhere. */
static void move_out(struct trace *trace, struct trace_record *record)
{
    if (calls_move(trace, record))
        return;
    for (unsigned i = 0; i < trace->machine->config.processors; i++)
        if (trace->stay[i] == record) {
            trace->stay_moved[i] = *record;
            trace->stay_moved[i].resumed = true;
            trace->stay[i] = &trace->stay_moved[i];
            return;
        }
    trace->lost = true;
}

struct trace_record *queue_add(struct trace *trace)
{
    struct trace_queue *queue = trace->queue;
    struct trace_record *record;

    if (queue->next - queue->first == ROOM) {
        struct trace_record *oldest = &queue->record[queue->first % ROOM];

        if (!oldest->ended)
            move_out(trace, oldest);
        oldest->moved = !oldest->ended;
        trace->form->write(trace, oldest);
        queue->first++;
        queue_give(trace, false);
    }
    record = &queue->record[queue->next++ % ROOM];
    *record = (struct trace_record){.hole = TRACE_NO_HOLE};
    return record;
}

void queue_give(struct trace *trace, bool all)
{
    struct trace_queue *queue = trace->queue;

    while (queue->first < queue->next && (all || queue->record[queue->first % ROOM].ended))
        trace->form->write(trace, &queue->record[queue->first++ % ROOM]);
}
