/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/inspect/timeline.h"

#include <stdlib.h>

static enum timeline_ring class_of(unsigned ring)
{
    return ring == 0 ? TIMELINE_RING0 : ring == 3 ? TIMELINE_RING3 : TIMELINE_RING1;
}

bool timeline_open(struct timeline *timeline)
{
    timeline->width = TIMELINE_WIDTH;
    timeline->used = 0;
    timeline->lane = calloc((size_t)ANNOUNCE_CONTEXT_MAX + 1, sizeof(struct lane *));
    return timeline->lane != NULL;
}

void timeline_close(struct timeline *timeline)
{
    for (size_t i = 0; timeline->lane && i <= ANNOUNCE_CONTEXT_MAX; i++)
        free(timeline->lane[i]);
    free(timeline->lane);
    timeline->lane = NULL;
}

/* Each two bins become one. */
static void widen(struct timeline *timeline)
{
    unsigned half = TIMELINE_BINS / 2;

    for (size_t i = 0; i <= ANNOUNCE_CONTEXT_MAX; i++)
        for (unsigned bin = 0; timeline->lane[i] && bin < TIMELINE_BINS; bin++)
            for (unsigned ring = 0; ring < TIMELINE_RINGS; ring++) {
                uint64_t(*cycles)[TIMELINE_RINGS] = timeline->lane[i]->cycles;

                cycles[bin][ring] =
                    bin < half ? cycles[2 * bin][ring] + cycles[2 * bin + 1][ring] : 0;
            }
    for (unsigned bin = 0; bin < half; bin++)
        timeline->instructions[bin] = timeline->instructions[2 * bin];
    timeline->width *= 2;
    timeline->used = (timeline->used + 1) / 2;
}

static unsigned bin_of(struct timeline *timeline, uint64_t now)
{
    while (now / timeline->width >= TIMELINE_BINS)
        widen(timeline);
    return (unsigned)(now / timeline->width);
}

static struct lane *lane_of(struct timeline *timeline, uint32_t context)
{
    if (context > ANNOUNCE_CONTEXT_MAX)
        return NULL;
    if (!timeline->lane[context])
        timeline->lane[context] = calloc(1, sizeof(struct lane));
    return timeline->lane[context];
}

void timeline_note(struct timeline *timeline, unsigned cpu, uint64_t now, unsigned ring,
                   uint32_t context)
{
    struct lane *lane = lane_of(timeline, timeline->cpu[cpu].context);
    enum timeline_ring was = timeline->cpu[cpu].ring;
    uint64_t from = timeline->cpu[cpu].since;

    bin_of(timeline, now);
    while (from < now) {
        uint64_t end = (from / timeline->width + 1) * timeline->width;

        end = end < now ? end : now;
        if (lane)
            lane->cycles[from / timeline->width][was] += end - from;
        from = end;
    }
    timeline->cpu[cpu].since = now;
    timeline->cpu[cpu].context = context;
    timeline->cpu[cpu].ring = class_of(ring);
}

void timeline_mark(struct timeline *timeline, uint64_t now, uint64_t instructions)
{
    for (unsigned bin = bin_of(timeline, now); timeline->used <= bin; timeline->used++)
        timeline->instructions[timeline->used] = instructions;
}
