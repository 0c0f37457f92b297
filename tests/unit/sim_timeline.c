/* SPDX-License-Identifier: GPL-2.0-only */
/* The timeline: cycles are in their bins, none is lost when bins become wider. */
#include <criterion/criterion.h>

#include "sim/inspect/timeline.h"

static struct timeline timeline;

static void begin(void)
{
    timeline = (struct timeline){0};
    cr_assert(timeline_open(&timeline));
}

static void end(void)
{
    timeline_close(&timeline);
}

TestSuite(sim_timeline, .init = begin, .fini = end);

static uint64_t sum(uint32_t context, enum timeline_ring ring)
{
    uint64_t all = 0;

    for (unsigned bin = 0; timeline.lane[context] && bin < TIMELINE_BINS; bin++)
        all += timeline.lane[context]->cycles[bin][ring];
    return all;
}

Test(sim_timeline, a_stretch_is_spread_over_its_bins)
{
    timeline_note(&timeline, 0, 100, 1, 7);
    timeline_note(&timeline, 0, 2 * TIMELINE_WIDTH + 50, 3, 7);
    cr_expect_eq(timeline.lane[0]->cycles[0][TIMELINE_RING0], 100);
    cr_expect_eq(timeline.lane[7]->cycles[0][TIMELINE_RING1], TIMELINE_WIDTH - 100);
    cr_expect_eq(timeline.lane[7]->cycles[1][TIMELINE_RING1], TIMELINE_WIDTH);
    cr_expect_eq(timeline.lane[7]->cycles[2][TIMELINE_RING1], 50);
    cr_expect_eq(sum(7, TIMELINE_RING3), 0);
}

Test(sim_timeline, wider_bins_lose_nothing)
{
    uint64_t now = 0, had[TIMELINE_RINGS] = {0};
    uint32_t seed = 1;
    unsigned ring = 0;

    timeline_note(&timeline, 0, 0, 0, 3);
    for (unsigned i = 0; i < 20000; i++) {
        static const unsigned rings[] = {0, 1, 3};
        uint32_t step;

        seed = seed * 1664525 + 1013904223;
        step = seed >> 12;
        had[ring] += step;
        now += step;
        ring = (seed >> 4) % 3;
        timeline_note(&timeline, 0, now, rings[ring], 3);
        timeline_mark(&timeline, now, i);
    }
    cr_expect_gt(timeline.width, TIMELINE_WIDTH);
    cr_expect_leq(now / timeline.width, TIMELINE_BINS - 1);
    for (unsigned i = 0; i < TIMELINE_RINGS; i++)
        cr_expect_eq(sum(3, i), had[i], "ring class %u", i);
    for (unsigned bin = 1; bin < timeline.used; bin++)
        cr_expect_geq(timeline.instructions[bin], timeline.instructions[bin - 1]);
}

Test(sim_timeline, processors_share_a_lane)
{
    timeline_note(&timeline, 0, 0, 3, 5);
    timeline_note(&timeline, 1, 0, 0, 5);
    timeline_note(&timeline, 0, 1000, 0, 5);
    timeline_note(&timeline, 1, 1000, 0, 5);
    cr_expect_eq(sum(5, TIMELINE_RING3), 1000);
    cr_expect_eq(sum(5, TIMELINE_RING0), 1000);
}
