/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * frame.h - the frame table: who owns a frame, what it is, how often it is used (essay: mm/frame.c)
 *
 * All of it is protected by mm_lock.
 */
#ifndef HV_FRAME_H
#define HV_FRAME_H

#include "hv/include/errors.h"
#include "hv/include/types.h"
#include "hv/include/arch/x86.h"

enum frame_type {
    FRAME_NONE,     /* no type held */
    FRAME_L1,       /* page table */
    FRAME_L2,       /* page directory */
    FRAME_L2_TOP,   /* the directory of the top quarter, with the hypervisor's entries */
    FRAME_L3,       /* PAE root */
    FRAME_SEGDESC,  /* descriptor table */
    FRAME_WRITABLE, /* mapped writable */
    FRAME_TYPES
};

#define FRAME_PINNED    0x01 /* holds one count and one type count until unpinned */
#define FRAME_VALIDATED 0x02 /* contents conform to the type */
#define FRAME_HV        0x04 /* the hypervisor's page, lent to its owner: never freed by counts */
#define FRAME_RAM       0x08 /* an ordinary frame; the counts mean something */
#define FRAME_QUEUED                                                                               \
    0x10 /* a table without uses whose entries are still to be returned (mm/release.c) */
#define FRAME_FOREIGN   0x20 /* has been mapped by a domain that is not its owner */
#define FRAME_ALLOCATED 0x40 /* its owner holds the count of being allocated */
#define FRAME_LINEAR    0x80 /* another directory has named it since it took its type */

#define OWNER_NONE 0xffff
#define OWNER_HV   0xfffe

struct frame {
    uint32_t count;      /* all uses; 0: may go back to the allocator */
    uint32_t type_count; /* uses as `type`; 0: may take another type */
    uint8_t type;        /* with a type count of 0: what it last was; free: see alloc.c */
    uint8_t flags;
    uint16_t owner; /* domain id, or OWNER_* */
    uint32_t stamp; /* the flush clock when its type count last fell to 0, or it was freed (mm.h) */
};

/*
 * The type that somebody relies on now: FRAME_NONE without a use, and for a table whose entries
 * only wait to be returned. For its owner that is an ordinary page; nobody changes it before.
 */
static inline enum frame_type frame_relied_on(const struct frame *frame)
{
    return frame->type_count > 0 && !(frame->flags & FRAME_QUEUED) ? (enum frame_type)frame->type
                                                                   : FRAME_NONE;
}

/* Whether it is a table of this type with conforming contents: its entries may be changed. */
static inline bool frame_is_valid(const struct frame *frame, enum frame_type type)
{
    return frame_relied_on(frame) == type && (frame->flags & FRAME_VALIDATED);
}

/* Contents of a frame are conformed to, or released from, a type by these (mm/validate.c). */
struct frame_validator {
    status (*validate)(mfn number, enum frame_type type);
    void (*release)(mfn number, enum frame_type type); /* at once, or FRAME_QUEUED from then on */
    void (*keep)(mfn number);                          /* of a queued table: as it was, one use */
    void (*settle)(mfn number);                        /* of a queued table: released at once */
    void (*freed)(mfn number); /* the last count has gone; of a lent page, the last but ours */
};

extern struct frame *frame_table;
extern mfn frame_table_size; /* frames that it describes */
extern const struct frame_validator *frame_validator;

/* The frame, or NULL if no RAM of ours has this number. */
static inline struct frame *frame_of(mfn number)
{
    if (number >= frame_table_size || !(frame_table[number].flags & FRAME_RAM))
        return NULL;
    return &frame_table[number];
}

/* Takes one count of a frame that belongs to `owner`. -EINVAL if it does not, or overflows. */
status frame_get(mfn number, uint16_t owner);
void frame_put(mfn number);

/*
 * Takes one type count, and no count, of a frame on which the caller holds a count. -EINVAL if it
 * is in use as another type, or what the validator says if its contents do not conform.
 */
status frame_get_type(mfn number, enum frame_type type);
void frame_put_type(mfn number);

/* Both. */
status frame_get_with_type(mfn number, uint16_t owner, enum frame_type type);
void frame_put_with_type(mfn number);

/* Pins as this type: -EINVAL if pinned already or not conforming. Unpins: -EINVAL if not pinned. */
status frame_pin(mfn number, uint16_t owner, enum frame_type type);
status frame_unpin(mfn number, uint16_t owner);

/*
 * Called when a frame's type count falls to 0, and when it takes another type: no processor may
 * keep a translation from before (mm/flush.c).
 */
uint32_t flush_clock_now(void);
void flush_needed_since(const struct frame *frame);

#endif
