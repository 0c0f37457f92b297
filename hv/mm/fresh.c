/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fresh.c - memory that is cleared in pieces before a domain gets it
 *
 * To clear 4 MB takes milliseconds, so an extent is reserved, cleared some frames at a time, and
 * only then the domain's. The caller looks between the pieces for what else there is to do, and
 * may have its guest repeat the hypercall.
 *
 *   1. What has been reserved is kept with the *calling* domain, which has one virtual processor:
 *      so nobody else works on it, and no lock is held while frames are cleared.
 *   2. It is on the account of the domain it is for (`owner`), which is not forgotten until it is
 *      given out or taken back.
 *   3. A domain keeps extents for one owner, of one order, for one purpose (`leaving`): it
 *      loses them when it asks for others. What was reserved in exchange for frames is never
 *      had besides them. A guest that does not repeat its hypercall keeps at most 4 MB that it
 *      cannot use.
 *   4. The end of the caller takes them back, and so does the end of the owner.
 *
 * The list of extents runs through the first frame of each, by its type count, which means nothing
 * while a frame is nobody's.
 */
#include "hv/include/errors.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"

#define FRAMES_A_PIECE (1 << FRESH_ORDER) /* a twentieth of a millisecond */

static void append(struct domain *self, mfn number)
{
    frame_table[number].type_count = 0;
    if (self->fresh.extents++ == 0)
        self->fresh.first = number;
    else
        frame_table[self->fresh.last].type_count = number;
    self->fresh.last = number;
    self->fresh.cleared = 0;
}

/* Takes the first off the list. */
static mfn pop(struct domain *self)
{
    mfn number = self->fresh.first;

    self->fresh.first = frame_table[number].type_count;
    frame_table[number].type_count = 0;
    self->fresh.extents--;
    return number;
}

void fresh_drop(struct domain *self, const struct domain *owner)
{
    struct domain *whose = self->fresh.owner;

    if (!whose || (owner && owner != whose))
        return;
    self->fresh.owner = NULL;
    while (self->fresh.extents > 0)
        frames_take_back(whose, pop(self), self->fresh.order);
}

/* What is kept is for this purpose from now on; if it was for another, nothing is. */
static void begin(struct domain *self, struct domain *owner, unsigned order, unsigned leaving)
{
    if (self->fresh.owner == owner && self->fresh.order == order && self->fresh.leaving == leaving)
        return;
    lock(&mm_lock);
    fresh_drop(self, NULL);
    unlock(&mm_lock);
    self->fresh.owner = owner;
    self->fresh.order = (uint8_t)order;
    self->fresh.leaving = (uint16_t)leaving;
}

status fresh_prepare(struct domain *self, struct domain *owner, unsigned order, unsigned extents,
                     unsigned leaving)
{
    unsigned size = 1u << order, done = 0;

    begin(self, owner, order, leaving);
    for (;;) {
        unsigned cleared = self->fresh.cleared, piece = MIN(size - cleared, FRAMES_A_PIECE);
        mfn number;

        if (self->fresh.extents == 0 || cleared == size) {
            if (self->fresh.extents >= extents)
                return 0;
            if (!frames_reserve(owner, order, leaving, &number))
                break;
            append(self, number);
            continue;
        }
        if (done >= FRAMES_A_PIECE)
            return AGAIN;
        number = self->fresh.last + cleared;
        frames_clear(number, number + piece);
        self->fresh.cleared = (uint16_t)(cleared + piece);
        done += piece;
    }
    lock(&mm_lock);
    fresh_drop(self, NULL);
    unlock(&mm_lock);
    return -ENOMEM;
}

mfn fresh_give_out(struct domain *self, uint32_t pfn)
{
    struct domain *owner = self->fresh.owner;
    mfn number = pop(self);

    frames_give_out(owner, number, self->fresh.order, pfn);
    if (self->fresh.extents == 0)
        self->fresh.owner = NULL;
    return number;
}
