/* SPDX-License-Identifier: GPL-2.0-only */
/* The queue of events: order, moves, ends. */
#include "sim/machine/event.h"

#include <criterion/criterion.h>
#include <string.h>

static char fired[16];

static void note_event(void *owner, uint64_t when)
{
    (void)when;
    strcat(fired, owner);
}

Test(sim_events, in_order_of_time_then_of_insertion)
{
    struct event_queue queue = {0};
    struct event a = {.fire = note_event, .owner = "a"}, b = {.fire = note_event, .owner = "b"},
                 c = {.fire = note_event, .owner = "c"}, d = {.fire = note_event, .owner = "d"};

    fired[0] = 0;
    event_schedule(&queue, &d, 30);
    event_schedule(&queue, &a, 10);
    event_schedule(&queue, &c, 20);
    event_schedule(&queue, &b, 20); /* same cycle as c, later put in */
    cr_assert_eq(event_next(&queue), 10);
    event_fire_due(&queue, 25);
    cr_assert_str_eq(fired, "acb");
    event_fire_due(&queue, 30);
    cr_assert_str_eq(fired, "acbd");
    cr_assert_eq(event_next(&queue), EVENT_NEVER);
    event_queue_close(&queue);
}

Test(sim_events, moved_and_cancelled)
{
    struct event_queue queue = {0};
    struct event e[20];

    fired[0] = 0;
    for (int i = 0; i < 20; i++) {
        e[i] = (struct event){.fire = note_event, .owner = ""};
        event_schedule(&queue, &e[i], (uint64_t)(i * 7 % 20));
    }
    for (int i = 0; i < 20; i += 2)
        event_cancel(&queue, &e[i]);
    event_schedule(&queue, &e[1], 100);
    for (uint64_t last = 0; event_next(&queue) != EVENT_NEVER;) {
        cr_assert_geq(event_next(&queue), last);
        last = event_next(&queue);
        event_fire_due(&queue, last);
        cr_assert_not(event_pending(&e[0]));
    }
    event_queue_close(&queue);
}
