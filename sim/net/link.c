/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/net/link.h"

#include <stdlib.h>
#include <string.h>

#define AROUND_BYTES 24u /* preamble 8, frame check 4, gap 12 */
#define PADDED_BYTES 60u
#define LATE_FRAMES  16u /* a late one arrives behind at most so many of the longest */
#define MILLION      1000000u

uint64_t link_occupied(const struct link *link, uint32_t bytes)
{
    uint64_t whole = (bytes < PADDED_BYTES ? PADDED_BYTES : bytes) + AROUND_BYTES;

    return scale_up(whole * 8, link->hz, link->rate);
}

uint64_t link_free_at(const struct link_end *end)
{
    return end->free_at;
}

static void arrived(void *owner, uint64_t when)
{
    struct link_end *from = owner;
    struct link_frame *frame = from->first;
    struct link_end *to = from->other;

    from->first = frame->next;
    if (from->first)
        event_schedule(from->link->events, &from->arrival, from->first->arrives);
    if (from->link->tap)
        from->link->tap(from->link->tap_owner, frame->data, frame->bytes, when);
    if (from->link->passed)
        from->link->passed(from->link->passed_owner, frame->bytes);
    if (to->receive)
        to->receive(to->owner, frame->data, frame->bytes, when);
    free(frame);
}

void link_open(struct link *link)
{
    for (unsigned i = 0; i < 2; i++) {
        struct link_end *end = &link->end[i];

        end->link = link;
        end->other = &link->end[1 - i];
        end->arrival = (struct event){.fire = arrived, .owner = end};
    }
}

void link_close(struct link *link)
{
    for (unsigned i = 0; i < 2; i++) {
        struct link_end *end = &link->end[i];

        while (end->first) {
            struct link_frame *frame = end->first;

            end->first = frame->next;
            free(frame);
        }
    }
}

/* Knuth's 64-bit generator (TAOCP 2, 3.3.4); the high bits are the good ones. */
static uint32_t chance(struct link *link, uint32_t below)
{
    link->faults.seed = link->faults.seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)((link->faults.seed >> 32) * below >> 32);
}

/* Into the queue by its time of arrival, behind those of the same time. */
static void enqueue(struct link_end *end, struct link_frame *frame)
{
    struct link_frame **link = &end->first;

    if (end->first && end->last->arrives <= frame->arrives)
        link = &end->last->next;
    while (*link && (*link)->arrives <= frame->arrives)
        link = &(*link)->next;
    frame->next = *link;
    *link = frame;
    if (!frame->next)
        end->last = frame;
    if (end->first == frame)
        event_schedule(end->link->events, &end->arrival, frame->arrives);
}

struct link_frame *link_append(struct link_end *end, uint64_t arrives, uint32_t bytes)
{
    struct link_frame *frame = NULL;

    if (bytes >= LINK_FRAME_MIN && bytes <= LINK_FRAME_MAX &&
        (!end->first || end->last->arrives <= arrives))
        frame = malloc(sizeof(*frame) + bytes);
    if (!frame)
        return NULL;
    *frame = (struct link_frame){.arrives = arrives, .bytes = bytes};
    if (end->first)
        end->last->next = frame;
    else
        end->first = frame;
    end->last = frame;
    return frame;
}

void link_send(struct link_end *end, const uint8_t *data, uint32_t bytes, uint64_t now)
{
    struct link *link = end->link;
    struct link_frame *frame;

    if (bytes < LINK_FRAME_MIN || bytes > LINK_FRAME_MAX ||
        !(frame = malloc(sizeof(*frame) + bytes))) {
        end->lost++;
        return;
    }
    end->free_at = (end->free_at > now ? end->free_at : now) + link_occupied(link, bytes);
    *frame = (struct link_frame){.arrives = end->free_at + link->latency, .bytes = bytes};
    memcpy(frame->data, data, bytes);
    end->frames++;
    end->bytes += bytes;
    if (link->faults.lost && chance(link, MILLION) < link->faults.lost) {
        end->faulty_lost++;
        free(frame);
        return;
    }
    if (link->faults.late && chance(link, MILLION) < link->faults.late) {
        end->faulty_late++;
        frame->arrives += chance(link, LATE_FRAMES) * link_occupied(link, 1514) + 1;
    }
    enqueue(end, frame);
}
