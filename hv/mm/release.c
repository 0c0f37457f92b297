/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * release.c - page tables whose last use as a table has gone, and whose entries are returned later
 *
 * To return all uses that a tree of two thousand tables makes takes tens of milliseconds. So a
 * table that loses its last use is only entered in a list of its owner's domain. The caller that
 * took it away works the list off, some tables at a time, and looks between them for other
 * work.
 *
 *   1. A table in the list is a table still: it keeps its type and the uses of its entries, and
 *      nobody writes to it. The list holds a count, so that its frame is not freed.
 *   2. Who wants the frame as the same type takes it off the list again, as it was, at no cost.
 *   3. Who wants it as another type has it released at once. That is one table: the tables that it
 *      names go into the list.
 *   4. So nobody has to wait for the list to be empty, and no guest can tell whether it is, but by
 *      the counts of frames. Who needs a frame without other uses has it settled first.
 *
 * The list runs through the frames: forward through `stamp`, which means nothing while a type is
 * held, back through `type_count`, which is one more than the frame before, and so never 0.
 */
#include "hv/include/lib.h"
#include "hv/include/mm.h"

static struct domain *owner_of(const struct frame *frame)
{
    return frame->owner < MAX_DOMAINS ? domains[frame->owner] : NULL;
}

static void enter(struct domain *domain, mfn number)
{
    struct frame *frame = &frame_table[number];

    frame->flags |= FRAME_QUEUED;
    frame->count++;
    frame->stamp = domain->releasing;
    frame->type_count = 1;
    if (domain->releasing)
        frame_table[domain->releasing].type_count = number + 1;
    domain->releasing = number;
}

/* Takes a table out. Its type has one use then, which is nobody's, and the list's count is left. */
static void leave(mfn number)
{
    struct frame *frame = &frame_table[number];
    struct domain *domain = owner_of(frame);
    mfn before = frame->type_count - 1, after = frame->stamp;

    ASSERT(domain); /* no other frame is on a list */
    if (before)
        frame_table[before].stamp = after;
    else
        domain->releasing = after;
    if (after)
        frame_table[after].type_count = before + 1;
    frame->flags &= ~FRAME_QUEUED;
    frame->type_count = 1;
}

void table_release(mfn number, enum frame_type type)
{
    struct domain *domain = owner_of(&frame_table[number]);

    if (type == FRAME_SEGDESC)
        return;
    if (domain)
        enter(domain, number);
    else
        table_return_uses(number, type);
}

void table_keep(mfn number)
{
    leave(number);
    frame_table[number].flags |= FRAME_VALIDATED;
    frame_put(number);
}

void table_settle(mfn number)
{
    struct frame *frame = &frame_table[number];

    if (!(frame->flags & FRAME_QUEUED))
        return;
    leave(number);
    table_return_uses(number, frame->type);
    frame->type_count = 0;
    frame->stamp = flush_clock_now();
    frame_put(number);
}

bool tables_release(struct domain *domain)
{
    for (unsigned done = 0; tables_pending(domain) && done < TABLES_A_PIECE; done++)
        table_settle(domain->releasing);
    return !tables_pending(domain);
}
