/* SPDX-License-Identifier: GPL-2.0-only */
/* lanes.c - see lanes.h */
#include "sim/view/lanes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Each two bins become one, as the engine's have. */
static void widen(struct lanes *lanes)
{
    for (unsigned bin = 0; bin < LANES_BINS; bin++) {
        bool kept = bin < LANES_BINS / 2;

        for (unsigned i = 0; i < lanes->count; i++)
            for (unsigned ring = 0; ring < LANES_RINGS; ring++) {
                uint64_t(*cycles)[LANES_RINGS] = lanes->lane[i]->cycles;

                cycles[bin][ring] = kept ? cycles[2 * bin][ring] + cycles[2 * bin + 1][ring] : 0;
            }
        if (kept)
            lanes->instructions[bin] = lanes->instructions[2 * bin];
    }
    lanes->width *= 2;
    lanes->known = (lanes->known + 1) / 2;
}

/* The lane of a context, made if it is new; NULL: no memory. */
static struct view_lane *lane_of(struct lanes *lanes, unsigned id, const char *name)
{
    struct view_lane **more, *lane;
    unsigned at = 0;

    while (at < lanes->count && lanes->lane[at]->id < id)
        at++;
    if (at < lanes->count && lanes->lane[at]->id == id)
        return lanes->lane[at];
    more = realloc(lanes->lane, (lanes->count + 1) * sizeof(struct view_lane *));
    if (more)
        lanes->lane = more;
    lane = more ? calloc(1, sizeof(*lane)) : NULL;
    if (!lane)
        return NULL;
    lane->id = id;
    snprintf(lane->name, sizeof(lane->name), "%s", name);
    memmove(lanes->lane + at + 1, lanes->lane + at,
            (lanes->count - at) * sizeof(struct view_lane *));
    lanes->count++;
    return lanes->lane[at] = lane;
}

/* A line of `timeline data`: "bin B N", "lane ID NAME", or "B RING0 RING1 RING3" of that lane.
 * Bins before `from` are known. */
static void take_line(struct lanes *lanes, const char *line, unsigned from, struct view_lane **lane)
{
    uint64_t number, ring[LANES_RINGS];
    char name[32];
    unsigned bin;

    if (sscanf(line, "lane %u %31[^\n]", &bin, name) == 2)
        *lane = lane_of(lanes, bin, name);
    else if (sscanf(line, "bin %u %" SCNu64, &bin, &number) == 2 && bin < LANES_BINS) {
        if (bin >= from)
            lanes->instructions[bin] = number;
    } else if (sscanf(line, "%u %" SCNu64 " %" SCNu64 " %" SCNu64, &bin, ring, ring + 1,
                      ring + 2) == 4 &&
               bin < LANES_BINS && bin >= from && *lane)
        memcpy((*lane)->cycles[bin], ring, sizeof(ring));
}

void lanes_update(struct lanes *lanes, struct face *face)
{
    unsigned from = lanes->known ? lanes->known - 1 : 0, used;
    struct view_lane *lane = NULL;
    uint64_t width, clock;
    char command[64];
    const char *text;

    snprintf(command, sizeof(command), "timeline data %u", from);
    text = face_text(face, command);
    if (sscanf(text, "width %" SCNu64 " bins %u clock %" SCNu64, &width, &used, &clock) != 3 ||
        used > LANES_BINS || width < lanes->width)
        return; /* it has gone back to where bins were narrower: all of that is known */
    lanes->width = lanes->width ? lanes->width : width;
    if (width > lanes->width) {
        while (lanes->width < width)
            widen(lanes);
        from = lanes->known ? lanes->known - 1 : 0;
        snprintf(command, sizeof(command), "timeline data %u", from);
        text = face_text(face, command);
    }
    for (const char *line = text; *line;
         line += line[strcspn(line, "\n")] ? strcspn(line, "\n") + 1 : strcspn(line, "\n"))
        take_line(lanes, line, from, &lane);
    lanes->known = used > lanes->known ? used : lanes->known;
}

void lanes_free(struct lanes *lanes)
{
    for (unsigned i = 0; i < lanes->count; i++)
        free(lanes->lane[i]);
    free(lanes->lane);
    *lanes = (struct lanes){0};
}
