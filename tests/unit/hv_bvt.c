/* SPDX-License-Identifier: GPL-2.0-only */
/* hv_bvt.c - the order of BVT against worked examples */
#include <criterion/criterion.h>

#include "hv/include/bvt.h"

static struct bvt_queue queue;
static struct bvt_entity a, b, c;
static nanoseconds clock_now;

static void start(void)
{
    bvt_queue_init(&queue);
    bvt_entity_init(&queue, &a);
    bvt_entity_init(&queue, &b);
    bvt_entity_init(&queue, &c);
    clock_now = SECONDS(1);
}

TestSuite(hv_bvt, .init = start);

static char name_of(const struct bvt_entity *e)
{
    return e == &a ? 'a' : e == &b ? 'b' : e == &c ? 'c' : '-';
}

/* Lets the queue run for so many slices, each to its end; writes who ran. */
static void run(char *order, unsigned slices)
{
    struct bvt_entity *current = NULL;
    nanoseconds slice = 0;

    for (unsigned i = 0; i < slices; i++) {
        current = bvt_pick(&queue, current, BVT_DEFAULT_CTX_ALLOW, clock_now, &slice);
        order[i] = name_of(current);
        clock_now += slice;
        if (current)
            bvt_charge(current, clock_now);
    }
    order[slices] = '\0';
}

Test(hv_bvt, equals_take_turns)
{
    char order[8];

    bvt_wake(&queue, &a, clock_now);
    bvt_wake(&queue, &b, clock_now);
    bvt_wake(&queue, &c, clock_now);
    run(order, 7); /* who woke last is at the head */
    cr_assert_str_eq(order, "cbacbac");
}

/*
 * c advances twice as fast: half the processor of the others. A slice is 50 MCUs: 500 of virtual
 * time for a and b, 1000 for c.
 *     a:   0   0   0 500 500 1000 | 1000 ...
 *     b:   0   0 500 500 1000 1000
 *     c:   0 1000 ...                      all at 1000 after five slices; then from the head again
 */
Test(hv_bvt, weights_divide_the_processor)
{
    char order[16];

    c.mcu_advance = 20;
    bvt_wake(&queue, &a, clock_now);
    bvt_wake(&queue, &b, clock_now);
    bvt_wake(&queue, &c, clock_now);
    run(order, 10);
    cr_assert_str_eq(order, "cbabacbaba");
    cr_assert_eq(a.avt, 2000);
    cr_assert_eq(b.avt, 2000);
    cr_assert_eq(c.avt, 2000);
}

/* a, b, c with these weights have the processor for so many slices of the last 400. */
static void shares(const unsigned weight[3])
{
    struct bvt_entity *entity[3] = {&a, &b, &c};
    unsigned all = weight[0] + weight[1] + weight[2], ran[3] = {0};
    static char order[401];

    for (unsigned i = 0; i < 3; i++) {
        uint32_t advance = (100u << 16) / weight[i];

        bvt_weigh(&queue, entity[i], advance >> 16, (uint16_t)advance);
    }
    run(order, 400);
    for (unsigned i = 0; i < 400; i++)
        ran[order[i] - 'a']++;
    for (unsigned i = 0; i < 3; i++) {
        int wanted = (int)(400 * weight[i] / all), difference = (int)ran[i] - wanted;

        cr_assert(difference >= -4 && difference <= 4,
                  "weight %u of %u had %u slices of 400, not %d", weight[i], all, ran[i], wanted);
    }
}

/* Any weights, and others while it runs: nobody pays for what another weight would have cost. */
Test(hv_bvt, weights_from_1_to_1000)
{
    static const unsigned weights[][3] = {{10, 10, 10},   {10, 20, 40}, {30, 60, 120},
                                          {1, 1, 1000},   {7, 11, 13},  {1000, 10, 1},
                                          {999, 1000, 1}, {10, 10, 10}};

    bvt_wake(&queue, &a, clock_now);
    bvt_wake(&queue, &b, clock_now);
    bvt_wake(&queue, &c, clock_now);
    for (unsigned i = 0; i < sizeof(weights) / sizeof(weights[0]); i++)
        shares(weights[i]);
}

Test(hv_bvt, slices)
{
    nanoseconds slice = 0;

    cr_assert_null(bvt_pick(&queue, NULL, MILLISECONDS(5), clock_now, &slice));
    bvt_wake(&queue, &a, clock_now);
    bvt_pick(&queue, NULL, MILLISECONDS(5), clock_now, &slice);
    cr_assert_eq(slice, MILLISECONDS(50), "alone: ten allowances");
    bvt_wake(&queue, &b, clock_now);
    bvt_pick(&queue, &a, MILLISECONDS(5), clock_now, &slice);
    cr_assert_eq(slice, MILLISECONDS(5));
}

Test(hv_bvt, begun_units_are_charged_whole)
{
    a.started = clock_now;
    bvt_charge(&a, clock_now + 1);
    cr_assert_eq(a.avt, 10);
    bvt_charge(&a, clock_now + 1 + MICROSECONDS(100));
    cr_assert_eq(a.avt, 20);
    bvt_charge(&a, clock_now + 2 + MICROSECONDS(200));
    cr_assert_eq(a.avt, 40);
}

/* Sleeping earns nothing: b comes back at the scheduler's virtual time, ahead of its equals. */
/* Time that others lost for it counts as its own, to the nanosecond, and whether it runs or not. */
Test(hv_bvt, others_time_is_billed)
{
    char order[8];

    bvt_wake(&queue, &a, clock_now);
    bvt_wake(&queue, &b, clock_now);
    for (unsigned i = 0; i < 20; i++)
        bvt_bill(&a, BVT_DEFAULT_CTX_ALLOW / 10); /* two slices in all */
    cr_expect_eq(a.avt, 2 * BVT_DEFAULT_CTX_ALLOW / BVT_MCU * BVT_DEFAULT_ADVANCE);
    cr_expect_eq(a.evt, a.avt);
    run(order, 4);
    cr_expect_str_eq(order, "bbab");
    bvt_bill(&c, BVT_MCU - 1);
    cr_expect_eq(c.avt, 0);
    bvt_bill(&c, 1);
    cr_expect_eq(c.avt, BVT_DEFAULT_ADVANCE);
}

Test(hv_bvt, wakes_at_svt_at_the_head)
{
    char order[8];

    bvt_wake(&queue, &a, clock_now);
    bvt_wake(&queue, &c, clock_now);
    run(order, 4);
    cr_assert_str_eq(order, "caca");
    cr_assert_eq(a.avt, 1000);
    cr_assert_eq(queue.svt, 500, "the least avt when it last picked");
    bvt_wake(&queue, &b, clock_now);
    cr_assert_eq(b.avt, 500);
    run(order, 4);
    cr_assert_str_eq(order, "bacb");
}

Test(hv_bvt, a_sleeper_does_not_run)
{
    char order[4];

    bvt_wake(&queue, &a, clock_now);
    bvt_wake(&queue, &b, clock_now);
    bvt_sleep(&queue, &b);
    bvt_sleep(&queue, &b);
    cr_assert_eq(queue.runnable, 1);
    run(order, 2);
    cr_assert_str_eq(order, "aa");
}

Test(hv_bvt, a_wake_up_waits_for_the_allowance)
{
    nanoseconds allow = MILLISECONDS(5), far = clock_now + MILLISECONDS(50);

    a.started = clock_now;
    cr_assert_eq(bvt_preempt_at(&a, allow, far, clock_now + MILLISECONDS(1)),
                 clock_now + MILLISECONDS(5), "pulled in");
    cr_assert_eq(bvt_preempt_at(&a, allow, far, clock_now + MILLISECONDS(6)),
                 clock_now + MILLISECONDS(6), "has had it: at once");
    cr_assert_eq(bvt_preempt_at(&a, allow, clock_now + allow, clock_now + MILLISECONDS(1)),
                 clock_now + allow, "its own end comes no later");
}

/* Borrowing 600: b runs while its avt is within 600 of a's, then its loan is used up. */
Test(hv_bvt, warp_borrows_from_the_future)
{
    char order[8];

    b.warp = 600;
    bvt_wake(&queue, &b, clock_now);
    bvt_wake(&queue, &a, clock_now);
    cr_assert(b.warpback);
    run(order, 5);
    cr_assert_str_eq(order, "abbba");
}

Test(hv_bvt, a_warp_ends_after_its_limit)
{
    b.warp = 100000;
    b.warpl = MILLISECONDS(10);
    bvt_wake(&queue, &b, clock_now);
    b.started = clock_now;
    bvt_charge(&b, clock_now + MILLISECONDS(5));
    cr_assert_eq(b.evt, 0);
    bvt_charge(&b, clock_now + MILLISECONDS(10));
    cr_assert_eq(b.evt, b.avt);
    cr_assert_not(b.warpback);
}
