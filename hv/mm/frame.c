/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * frame.c - the types of frames, and the two counts
 *
 * A guest writes its own page tables' contents and the hypervisor only checks them, so everything
 * hangs on this: whatever the processor is going to believe - page tables, descriptor tables - must
 * not be writable by a guest while it is believed. The frame table enforces it with one type for a
 * frame at a time.
 *
 *   1. Every frame of RAM has one owner: a domain, or the hypervisor.
 *   2. Every frame has one type: none, L1, L2, L2 of the top quarter, L3, descriptor table, or
 *      writable. They exclude each other.
 *   3. The *type count* counts the uses that rely on the type:
 *        writable          each writable mapping
 *        L1                each L2 entry that names the table
 *        L2                each L3 entry that names the table, and each entry of another L2 that
 *                          maps it
 *        L3                being a vcpu's base pointer
 *        descriptor table  each place in a GDT or LDT
 *      A pin counts one of any.
 *   4. A frame changes its type only while its type count is 0. When it becomes a table its
 *      contents are validated once, completely: that takes a use of everything it names. When its
 *      type count falls to 0 those uses are returned.
 *      That may be done later (release.c): until then it is a table still.
 *   5. A read-only mapping of a frame of the domain's own needs no type: it is always legal.
 *   6. The *total count* counts every use, typed or not, and one for being allocated. A frame
 *      returns to the allocator only when it falls to 0.
 *   7. A pin is a bit, not a number: it does not nest.
 *   8. A translation may survive in a TLB after its entry has gone: one that allows writing to what
 *      is now a table, or one that walks through a table that now can be written. So a frame
 *      records when its type count fell to 0, and when it then takes another type, processors
 *      that might hold such a translation are flushed: other processors before the contents are
 *      validated, this one before it uses the guest's translations again.
 *
 * Deciding is separate from doing: taking a use (..._get) may fail and then has changed nothing;
 * returning one (..._put) cannot fail.
 *
 * Sources: the paper, 3.3.3; paper/mechanism.md, "Page tables".
 */
#include "hv/include/frame.h"
#include "hv/include/errors.h"
#include "hv/include/lib.h"

struct frame *frame_table;
mfn frame_table_size;
const struct frame_validator *frame_validator;

#define COUNT_LIMIT 0x7fffffffu

status frame_get(mfn number, uint16_t owner)
{
    struct frame *frame = frame_of(number);

    if (!frame || frame->owner != owner || frame->count == 0 || frame->count >= COUNT_LIMIT)
        return -EINVAL;
    frame->count++;
    return 0;
}

void frame_put(mfn number)
{
    struct frame *frame = &frame_table[number];

    ASSERT(frame->count > 0);
    if (--frame->count == (frame->flags & FRAME_HV ? 1u : 0u))
        frame_validator->freed(number);
}

static bool is_table(enum frame_type type)
{
    return type != FRAME_NONE && type != FRAME_WRITABLE;
}

/* The first use of a type. It is set before the contents are looked at, so that a table that names
 * itself, or maps itself writable, meets its own new type on the way. */
static status take_type(mfn number, enum frame_type type)
{
    struct frame *frame = &frame_table[number];
    enum frame_type before = frame->type;
    status result = 0;

    frame->type = type;
    frame->type_count = 1;
    /*
     * Before the contents are looked at: who could write them by rule 8 might do it then.
     */
    if (before != type && before != FRAME_NONE)
        flush_needed_since(frame);
    if (is_table(type)) {
        frame->flags &= ~(FRAME_VALIDATED | FRAME_LINEAR);
        result = frame_validator->validate(number, type);
        if (result) {
            frame->type = before;
            frame->type_count = 0;
            return result;
        }
        frame->flags |= FRAME_VALIDATED;
    }
    return 0;
}

status frame_get_type(mfn number, enum frame_type type)
{
    struct frame *frame = &frame_table[number];

    if (frame->flags & FRAME_QUEUED) {
        if (frame->type == type) {
            frame_validator->keep(number);
            return 0;
        }
        frame_validator->settle(number);
    }
    if (frame->type_count == 0)
        return take_type(number, type);
    if (frame->type_count >= COUNT_LIMIT || frame->type != type)
        return -EINVAL;
    /* A table met while it is still being validated names itself: no such cycle is legal. */
    if (is_table(type) && !(frame->flags & FRAME_VALIDATED))
        return -EINVAL;
    frame->type_count++;
    return 0;
}

void frame_put_type(mfn number)
{
    struct frame *frame = &frame_table[number];

    ASSERT(frame->type_count > 0);
    if (--frame->type_count > 0)
        return;
    if (is_table(frame->type)) {
        frame->flags &= ~FRAME_VALIDATED;
        frame_validator->release(number, frame->type);
        if (frame->flags & FRAME_QUEUED)
            return;
    }
    /* The type stays, with count 0: what it last was is what rule 8 needs to know. */
    frame->stamp = flush_clock_now();
}

status frame_get_with_type(mfn number, uint16_t owner, enum frame_type type)
{
    status result = frame_get(number, owner);

    if (result)
        return result;
    result = frame_get_type(number, type);
    if (result)
        frame_put(number);
    return result;
}

void frame_put_with_type(mfn number)
{
    frame_put_type(number);
    frame_put(number);
}

status frame_pin(mfn number, uint16_t owner, enum frame_type type)
{
    struct frame *frame = frame_of(number);
    status result;

    if (!frame || (frame->flags & FRAME_PINNED))
        return -EINVAL;
    result = frame_get_with_type(number, owner, type);
    if (!result)
        frame->flags |= FRAME_PINNED;
    return result;
}

status frame_unpin(mfn number, uint16_t owner)
{
    struct frame *frame = frame_of(number);

    if (!frame || frame->owner != owner || !(frame->flags & FRAME_PINNED))
        return -EINVAL;
    frame->flags &= ~FRAME_PINNED;
    frame_put_with_type(number);
    return 0;
}
