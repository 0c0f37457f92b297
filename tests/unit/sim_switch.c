/* SPDX-License-Identifier: GPL-2.0-only */
/* The learning switch: where frames go, what is forgotten, what a full queue loses. */
#include "sim/net/switch.h"
#include "tests/unit/sim_device_world.h"

#include <criterion/criterion.h>
#include <string.h>

#define RATE  UINT64_C(1000000000)
#define PORTS 3
#define FRAME 1000u

static struct net_switch sw;
static struct link wire[PORTS];
static unsigned got[PORTS];
static uint64_t now;

static void take(void *owner, const uint8_t *frame, uint32_t bytes, uint64_t when)
{
    (void)frame, (void)when;
    cr_assert_eq(bytes, FRAME);
    ++*(unsigned *)owner;
}

static void set_up(void)
{
    memset(&sw, 0, sizeof(sw));
    memset(got, 0, sizeof(got));
    sw.queue = 256 << 10;
    now = 0;
    for (unsigned i = 0; i < PORTS; i++) {
        wire[i] = (struct link){.events = &events, .hz = HZ, .rate = RATE};
        link_open(&wire[i]);
        net_switch_add(&sw, &wire[i].end[0]);
        wire[i].end[1].receive = take;
        wire[i].end[1].owner = &got[i];
    }
}

static void tear_down(void)
{
    for (unsigned i = 0; i < PORTS; i++)
        link_close(&wire[i]);
    event_queue_close(&events);
    events = (struct event_queue){0};
}

TestSuite(net_switch, .init = set_up, .fini = tear_down);

/* The machine at `port`, whose address ends by it, sends to the one with `to`. */
static void send(unsigned port, uint8_t to)
{
    uint8_t frame[FRAME] = {2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, (uint8_t)port};

    if (to == 0xff)
        memset(frame, 0xff, 6);
    link_send(&wire[port].end[1], frame, FRAME, now);
}

static void pass(uint64_t ns)
{
    now += ns;
    event_fire_due(&events, now);
}

Test(net_switch, unknown_addresses_are_flooded_known_ones_not)
{
    send(0, 2);
    pass(100000);
    cr_assert(got[0] == 0 && got[1] == 1 && got[2] == 1);
    send(2, 0);
    pass(100000);
    cr_assert(got[0] == 1 && got[1] == 1 && got[2] == 1);
    send(0, 0xff);
    pass(100000);
    cr_assert(got[0] == 1 && got[1] == 2 && got[2] == 2);
    cr_assert(sw.port[0].forwarded == 1 && sw.port[1].flooded == 2 && sw.port[2].flooded == 2);
}

Test(net_switch, a_frame_for_its_own_port_goes_nowhere)
{
    send(1, 9);
    pass(100000);
    send(1, 1);
    pass(100000);
    cr_assert(got[0] == 1 && got[1] == 0 && got[2] == 1);
}

Test(net_switch, an_address_is_forgotten)
{
    send(1, 0xff);
    pass(100000);
    send(0, 1);
    pass(100000);
    cr_assert(got[1] == 1 && got[2] == 1);
    now += 301 * HZ;
    send(0, 1);
    pass(100000);
    cr_assert(got[1] == 2 && got[2] == 2, "forgotten: flooded");
}

Test(net_switch, what_a_full_queue_loses_is_counted)
{
    sw.queue = 10 * FRAME;
    wire[2].rate = RATE / 10;
    send(2, 0xff);
    pass(1000000);
    got[0] = got[1] = got[2] = 0;
    for (unsigned i = 0; i < 100; i++)
        send(0, 2);
    pass(100000000);
    cr_assert_eq(got[2] + sw.port[2].lost, 100);
    cr_assert(got[2] > 15 && got[2] < 25, "%u came", got[2]);
    cr_assert_eq(got[1], 0);
}

Test(net_switch, full_of_addresses_the_oldest_goes)
{
    uint8_t frame[FRAME] = {2, 0, 0, 0, 0, 0, 2, 1};

    for (unsigned i = 0; i < SWITCH_ADDRESSES + 5; i++) {
        frame[10] = (uint8_t)(i >> 8);
        frame[11] = (uint8_t)i;
        link_send(&wire[1].end[1], frame, FRAME, now);
        pass(100000);
    }
    cr_assert_eq(sw.addresses, SWITCH_ADDRESSES);
    got[1] = got[2] = 0;
    memcpy(frame, (const uint8_t[]){2, 1, 0, 0, 1, 4}, 6); /* the last */
    link_send(&wire[0].end[1], frame, FRAME, now);
    pass(100000);
    cr_assert(got[1] == 1 && got[2] == 0);
    memcpy(frame, (const uint8_t[]){2, 1, 0, 0, 0, 0}, 6); /* the first */
    link_send(&wire[0].end[1], frame, FRAME, now);
    pass(100000);
    cr_assert(got[1] == 2 && got[2] == 1);
}
