/* SPDX-License-Identifier: GPL-2.0-only */
/* view_timeline.c - the timeline as text: lanes of characters for people, numbers for faces */
#include "sim/inspect/inspect.h"

#include <inttypes.h>
#include <stdio.h>

enum { COLUMNS = 64 };

/* The ring that had most of a lane's bins from `first` to `end`; '.': nobody had any of them. */
static char ring_of(const struct lane *lane, unsigned first, unsigned end)
{
    static const char name[TIMELINE_RINGS] = {'0', '1', '3'};
    uint64_t sum[TIMELINE_RINGS] = {0};
    unsigned most = 0;

    for (unsigned bin = first; bin < end; bin++)
        for (unsigned ring = 0; ring < TIMELINE_RINGS; ring++)
            sum[ring] += lane->cycles[bin][ring];
    for (unsigned ring = 1; ring < TIMELINE_RINGS; ring++)
        if (sum[ring] > sum[most])
            most = ring;
    return sum[most] ? name[most] : '.';
}

void view_timeline(const struct inspect *inspect, FILE *out)
{
    const struct timeline *t = &inspect->timeline;
    unsigned a_column = (t->used + COLUMNS - 1) / COLUMNS;
    char who[64];

    fprintf(out, "a column is %" PRIu64 " cycles, the last begins at cycle %" PRIu64 "\n",
            a_column * t->width, t->used ? (t->used - 1) / a_column * a_column * t->width : 0);
    for (uint32_t id = 0; id <= ANNOUNCE_CONTEXT_MAX; id++) {
        if (!t->lane[id])
            continue;
        inspect_context(inspect, id, who, sizeof(who));
        fprintf(out, "%-14s ", who);
        for (unsigned first = 0; first < t->used; first += a_column)
            fputc(ring_of(t->lane[id], first,
                          first + a_column < t->used ? first + a_column : t->used),
                  out);
        fputc('\n', out);
    }
}

/*
 * "width W bins N clock C", then for each bin from `first` on a line "bin B INSTRUCTIONS", then for
 * each lane "lane ID NAME" and its bins that have any cycles as "B RING0 RING1 RING3".
 */
void view_timeline_data(const struct inspect *inspect, unsigned first, FILE *out)
{
    const struct timeline *t = &inspect->timeline;
    char who[64];

    fprintf(out, "width %" PRIu64 " bins %u clock %" PRIu64 "\n", t->width, t->used,
            inspect->clock);
    for (unsigned bin = first; bin < t->used; bin++)
        fprintf(out, "bin %u %" PRIu64 "\n", bin, t->instructions[bin]);
    for (uint32_t id = 0; id <= ANNOUNCE_CONTEXT_MAX; id++) {
        if (!t->lane[id])
            continue;
        inspect_context(inspect, id, who, sizeof(who));
        fprintf(out, "lane %" PRIu32 " %s\n", id, who);
        for (unsigned bin = first; bin < t->used; bin++) {
            const uint64_t *cycles = t->lane[id]->cycles[bin];

            if (cycles[0] | cycles[1] | cycles[2])
                fprintf(out, "%u %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", bin, cycles[0], cycles[1],
                        cycles[2]);
        }
    }
}
