/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/net/link.h"

#include <stdlib.h>
#include <string.h>

#define AROUND_BYTES 24u /* preamble 8, frame check 4, gap 12 */
#define PADDED_BYTES 60u

struct link_frame {
    struct link_frame *next;
    uint64_t arrives;
    uint32_t bytes;
    uint8_t data[];
};

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
    if (end->first) {
        end->last->next = frame;
    } else {
        end->first = frame;
        event_schedule(link->events, &end->arrival, frame->arrives);
    }
    end->last = frame;
}
