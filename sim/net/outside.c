/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/net/outside.h"

#include <string.h>
#include <sys/socket.h>

#define HEAD_BYTES 12u

static void put(uint8_t *to, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t get(const uint8_t *from, unsigned bytes)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < bytes; i++)
        value |= (uint64_t)from[i] << 8 * i;
    return value;
}

/* ---- a process ------------------------------------------------------------------------------- */

static void note(struct outside *outside, const uint8_t *frame, uint32_t bytes, uint64_t now)
{
    uint8_t head[HEAD_BYTES];

    if (!outside->log || outside->broken)
        return;
    put(head, now, 8);
    put(head + 8, bytes, 4);
    outside->broken = fwrite(head, 1, sizeof(head), outside->log) != sizeof(head) ||
                      fwrite(frame, 1, bytes, outside->log) != bytes;
}

static void look(void *owner, uint64_t when)
{
    struct outside *outside = owner;
    uint8_t frame[LINK_FRAME_MAX];
    ssize_t n;

    while ((n = recv(outside->socket, frame, sizeof(frame), MSG_DONTWAIT)) > 0) {
        if (n < (ssize_t)LINK_FRAME_MIN)
            continue;
        outside->in++;
        note(outside, frame, (uint32_t)n, when);
        link_send(outside->wire, frame, (uint32_t)n, when);
    }
    event_schedule(outside->wire->link->events, &outside->look,
                   when + outside->wire->link->hz / OUTSIDE_HZ);
}

static void arrived(void *owner, const uint8_t *frame, uint32_t bytes, uint64_t now)
{
    struct outside *outside = owner;

    (void)now;
    outside->out++;
    if (outside->socket >= 0 &&
        send(outside->socket, frame, bytes, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)bytes)
        outside->lost++;
}

/* ---- a log ----------------------------------------------------------------------------------- */

/* The next frame's time; false: there is none, or what follows is no frame. */
static bool read_next(struct outside *outside, uint64_t *when)
{
    uint8_t head[HEAD_BYTES];
    size_t n = fread(head, 1, sizeof(head), outside->log);

    if (!n)
        return false;
    *when = get(head, 8);
    outside->next_bytes = (uint32_t)get(head + 8, 4);
    outside->broken =
        n != sizeof(head) || outside->next_bytes < LINK_FRAME_MIN ||
        outside->next_bytes > LINK_FRAME_MAX ||
        fread(outside->next, 1, outside->next_bytes, outside->log) != outside->next_bytes;
    return !outside->broken;
}

static void replay(void *owner, uint64_t when)
{
    struct outside *outside = owner;
    uint64_t next;

    outside->in++;
    link_send(outside->wire, outside->next, outside->next_bytes, when);
    if (read_next(outside, &next))
        event_schedule(outside->wire->link->events, &outside->look, next > when ? next : when);
}

void outside_open(struct outside *outside)
{
    struct event_queue *events = outside->wire->link->events;
    char magic[sizeof(OUTSIDE_MAGIC) - 1];
    uint64_t first;

    outside->wire->receive = arrived;
    outside->wire->owner = outside;
    outside->look = (struct event){.fire = outside->socket >= 0 ? look : replay, .owner = outside};
    if (outside->socket >= 0) {
        if (outside->log)
            outside->broken =
                fwrite(OUTSIDE_MAGIC, 1, sizeof(magic), outside->log) != sizeof(magic);
        event_schedule(events, &outside->look, outside->wire->link->hz / OUTSIDE_HZ);
        return;
    }
    outside->broken = fread(magic, 1, sizeof(magic), outside->log) != sizeof(magic) ||
                      memcmp(magic, OUTSIDE_MAGIC, sizeof(magic)) != 0;
    if (!outside->broken && read_next(outside, &first))
        event_schedule(events, &outside->look, first);
}
