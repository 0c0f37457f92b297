/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pages.c - memory in a saved state: equal pages once
 *
 * Domains that were made from the same images share most of what they hold, and a hundred have
 * no more different pages than a few. Each frame is a number: 0, a page of zeros; one more than
 * the last new page, the next, whose bytes follow; or that of a page that came before. Pages are
 * found by their XXH3 (128 bits) and compared, so that two of equal sums are not taken for one.
 */
#include "sim/state/pages.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xxhash.h>

#define PAGE_BYTES  4096u
#define GROUP_PAGES 512u /* frames whose numbers stand together: 2 MB */

static bool all_zero(const uint8_t *page)
{
    return page[0] == 0 && !memcmp(page, page + 1, PAGE_BYTES - 1);
}

/* ---- saving ---------------------------------------------------------------------------------- */

/* Pages that were saved, by sum; open addressing, a power of two of slots. */
struct known {
    struct slot {
        XXH128_hash_t sum;
        uint32_t frame, number; /* where it is; 0: free */
    } * slot;
    uint32_t mask, count;
};

static bool grow(struct known *known)
{
    uint32_t slots = known->slot ? 2 * (known->mask + 1) : 1u << 16;
    struct slot *old = known->slot, *slot = calloc(slots, sizeof(*slot));
    uint32_t before = old ? known->mask + 1 : 0;

    if (!slot)
        return false;
    known->slot = slot;
    known->mask = slots - 1;
    for (uint32_t i = 0; i < before; i++) {
        uint32_t at = (uint32_t)old[i].sum.low64 & known->mask;

        if (!old[i].number)
            continue;
        while (slot[at].number)
            at = (at + 1) & known->mask;
        slot[at] = old[i];
    }
    free(old);
    return true;
}

/* The number of a page; a new one gets the next. 0: no memory. */
static uint32_t number_of(struct known *known, const uint8_t *ram, uint32_t frame)
{
    const uint8_t *page = ram + (size_t)frame * PAGE_BYTES;
    XXH128_hash_t sum = XXH3_128bits(page, PAGE_BYTES);
    uint32_t at;

    if (!known->slot || known->count > known->mask / 2)
        if (!grow(known))
            return 0;
    for (at = (uint32_t)sum.low64 & known->mask; known->slot[at].number;
         at = (at + 1) & known->mask) {
        const struct slot *slot = &known->slot[at];

        if (XXH128_isEqual(slot->sum, sum) &&
            !memcmp(ram + (size_t)slot->frame * PAGE_BYTES, page, PAGE_BYTES))
            return slot->number;
    }
    known->slot[at] = (struct slot){sum, frame, ++known->count};
    return known->count;
}

static void save(struct saved *saved, uint8_t *ram, uint32_t frames)
{
    struct known known = {.slot = NULL};
    uint32_t number[GROUP_PAGES];

    for (uint32_t first = 0; first < frames && saved_good(saved); first += GROUP_PAGES) {
        uint32_t count = frames - first < GROUP_PAGES ? frames - first : GROUP_PAGES;
        uint32_t before = known.count;

        for (uint32_t i = 0; i < count; i++) {
            const uint8_t *page = ram + (size_t)(first + i) * PAGE_BYTES;

            number[i] = all_zero(page) ? 0 : number_of(&known, ram, first + i);
            if (!number[i] && !all_zero(page))
                saved_refuse(saved, "no memory to save the machine's memory");
        }
        saved_move(saved, number, count * sizeof(*number));
        for (uint32_t i = 0; i < count; i++)
            if (number[i] > before) {
                saved_move(saved, ram + (size_t)(first + i) * PAGE_BYTES, PAGE_BYTES);
                before = number[i];
            }
    }
    free(known.slot);
}

/* ---- loading --------------------------------------------------------------------------------- */

/* Where pages are that have come, by number. */
struct places {
    uint32_t *frame;
    uint32_t count, room;
};

static bool note(struct places *places, uint32_t frame)
{
    if (places->count == places->room) {
        uint32_t room = places->room ? 2 * places->room : 1u << 14;
        uint32_t *grown = realloc(places->frame, room * sizeof(*grown));

        if (!grown)
            return false;
        places->frame = grown;
        places->room = room;
    }
    places->frame[places->count++] = frame;
    return true;
}

static void load_page(struct saved *saved, uint8_t *ram, struct places *places, uint32_t frame,
                      uint32_t number)
{
    uint8_t *page = ram + (size_t)frame * PAGE_BYTES;

    if (number == 0)
        return;
    if (number > places->count + 1) {
        saved_refuse(saved, "the saved state is damaged: a page of memory is one that never came");
    } else if (number <= places->count) {
        memcpy(page, ram + (size_t)places->frame[number - 1] * PAGE_BYTES, PAGE_BYTES);
    } else {
        saved_move(saved, page, PAGE_BYTES);
        if (!note(places, frame))
            saved_refuse(saved, "no memory to load the machine's memory");
    }
}

static void load(struct saved *saved, uint8_t *ram, uint32_t frames)
{
    struct places places = {.frame = NULL};
    uint32_t number[GROUP_PAGES];

    madvise(ram, (size_t)frames * PAGE_BYTES, MADV_DONTNEED); /* zeros, as mapped anew */
    for (uint32_t first = 0; first < frames && saved_good(saved); first += GROUP_PAGES) {
        uint32_t count = frames - first < GROUP_PAGES ? frames - first : GROUP_PAGES;

        saved_move(saved, number, count * sizeof(*number));
        for (uint32_t i = 0; i < count && saved_good(saved); i++)
            load_page(saved, ram, &places, first + i, number[i]);
    }
    free(places.frame);
}

void pages_saved(struct saved *saved, uint8_t *ram, uint32_t bytes)
{
    uint64_t frames = bytes / PAGE_BYTES;

    saved_number(saved, "frames", &frames, frames);
    if (saved_good(saved) && frames != bytes / PAGE_BYTES)
        saved_refuse(saved, "the saved state has another size of memory");
    if (!saved_good(saved))
        return;
    if (saved->loading)
        load(saved, ram, (uint32_t)frames);
    else
        save(saved, ram, (uint32_t)frames);
}
