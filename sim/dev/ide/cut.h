/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cut.h - what a power cut takes from a disk: writes that only its cache has
 *
 * A disk with a write cache says that it is done before the platter has the data. Whoever must not
 * lose them flushes. To see whether he does, the image remembers what stood in each sector that was
 * written, and when the arm is past it; a cut puts back what stood in those that the arm has not
 * reached. It reaches them in the order of their writes, but those that took the place of others
 * when these are due (mechanics.h); a command's in the order of their addresses: a command may be
 * on the platter in part, a sector is whole or not at all.
 */
#ifndef XENOLITH_SIM_CUT_H
#define XENOLITH_SIM_CUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image;
struct cut_sector;

struct cut {
    bool kept; /* it is remembered at all: set before the machine runs */
    struct cut_sector *sector;
    size_t first, count, room; /* those in the cache are [first, count) */
    size_t unknown;            /* the last ones, of a command that is not over */
};

/* `sector` is about to be written and holds `before`. False: no memory. */
bool cut_note(struct cut *cut, uint64_t sector, const uint8_t *before);

/* The command that wrote the last ones is over at cycle `now`. Its last sector will be on the
 * platter at `end`, each before `each` cycles earlier than the next. */
void cut_landing(struct cut *cut, uint64_t now, uint64_t end, uint64_t each);

/* The power fails at cycle `now`. */
void cut_power(struct image *image, uint64_t now);

void cut_free(struct cut *cut);

#endif
