/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event.h - what is to happen when, in cycles
 *
 * An event is embedded in the device that owns it. Events come out ordered by time; those of the
 * same cycle come out in the order in which they were put in, so that a run never depends on the
 * shape of the heap.
 */
#ifndef XENOLITH_SIM_EVENT_H
#define XENOLITH_SIM_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#define EVENT_NEVER UINT64_MAX

struct event {
    uint64_t when;  /* cycles since reset */
    uint64_t order; /* number of the insertion, decides ties */
    unsigned place; /* 1 + index in the heap, 0 when not queued */
    void (*fire)(void *owner, uint64_t when);
    void *owner;
};

struct event_queue {
    struct event **heap;
    unsigned count, room;
    uint64_t inserted;
    /* Told when a new event comes before all others: a processor under way must stop for it. */
    void (*sooner)(void *who, uint64_t when);
    void *who;
};

/* Puts `event` in, or moves it if it is queued. The queue grows as it must. */
void event_schedule(struct event_queue *queue, struct event *event, uint64_t when);

/* Puts `event`, which is not queued, in with the time and the order that it has: one that was saved
 * comes out as it would have. */
void event_put_back(struct event_queue *queue, struct event *event);

/* Takes `event` out; nothing if it is not queued. */
void event_cancel(struct event_queue *queue, struct event *event);

static inline bool event_pending(const struct event *event)
{
    return event->place != 0;
}

/* The time of the earliest event, EVENT_NEVER if there is none. */
static inline uint64_t event_next(const struct event_queue *queue)
{
    return queue->count ? queue->heap[0]->when : EVENT_NEVER;
}

/* Frees what the queue took; events stay their owners'. */
void event_queue_close(struct event_queue *queue);

/* Fires, in order, every event whose time is at or before `now`. */
void event_fire_due(struct event_queue *queue, uint64_t now);

#endif
