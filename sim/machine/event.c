/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/machine/event.h"

#include <stdio.h>
#include <stdlib.h>

static bool before(const struct event *a, const struct event *b)
{
    return a->when != b->when ? a->when < b->when : a->order < b->order;
}

static void put(struct event_queue *queue, unsigned index, struct event *event)
{
    queue->heap[index] = event;
    event->place = index + 1;
}

static void sift_up(struct event_queue *queue, unsigned index)
{
    struct event *event = queue->heap[index];

    while (index > 0 && before(event, queue->heap[(index - 1) / 2])) {
        put(queue, index, queue->heap[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
    put(queue, index, event);
}

static void sift_down(struct event_queue *queue, unsigned index)
{
    struct event *event = queue->heap[index];

    for (;;) {
        unsigned child = 2 * index + 1;

        if (child >= queue->count)
            break;
        if (child + 1 < queue->count && before(queue->heap[child + 1], queue->heap[child]))
            child++;
        if (!before(queue->heap[child], event))
            break;
        put(queue, index, queue->heap[child]);
        index = child;
    }
    put(queue, index, event);
}

void event_cancel(struct event_queue *queue, struct event *event)
{
    unsigned index = event->place - 1;
    struct event *last;

    if (!event_pending(event))
        return;
    event->place = 0;
    last = queue->heap[--queue->count];
    if (last == event)
        return;
    put(queue, index, last);
    sift_up(queue, index);
    sift_down(queue, last->place - 1);
}

static void make_room(struct event_queue *queue)
{
    unsigned room = queue->room ? 2 * queue->room : 32;
    struct event **grown;

    if (queue->count < queue->room)
        return;
    grown = realloc(queue->heap, room * sizeof(*grown));
    if (!grown) {
        fprintf(stderr, "xenolith: no memory for %u events\n", room);
        abort();
    }
    queue->heap = grown;
    queue->room = room;
}

void event_queue_close(struct event_queue *queue)
{
    free(queue->heap);
    *queue = (struct event_queue){0};
}

void event_put_back(struct event_queue *queue, struct event *event)
{
    make_room(queue);
    put(queue, queue->count, event);
    queue->count++;
    sift_up(queue, event->place - 1);
}

void event_schedule(struct event_queue *queue, struct event *event, uint64_t when)
{
    event_cancel(queue, event);
    event->when = when;
    event->order = queue->inserted++;
    event_put_back(queue, event);
    if (queue->heap[0] == event && queue->sooner)
        queue->sooner(queue->who, when);
}

void event_fire_due(struct event_queue *queue, uint64_t now)
{
    while (queue->count && queue->heap[0]->when <= now) {
        struct event *event = queue->heap[0];

        event_cancel(queue, event);
        event->fire(event->owner, event->when);
    }
}
