/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * alloc.c - frames for domains
 *
 * One bit a frame, set while it is free. Single frames are taken from the lowest up; the search
 * begins where the last one ended and goes back when something lower is freed.
 *
 * Translations to a frame that is freed may be left in TLBs. They do no harm before it is somebody
 * else's, so they are flushed then: the frame tells until then which processors may have them (in
 * `type`, a bit each) and since when (in `stamp`). One flush serves all frames freed before it.
 *
 * A frame is cleared and its place in the M2P written while it is still nobody's: as soon as it is
 * the domain's, somebody on another processor may map it, by a grant that was given beforehand, and
 * read what its last owner left.
 */
#include "hv/include/errors.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"

struct spinlock mm_lock;

static uint32_t *free_bits;
static mfn bitmap_frames, lowest_hint;
static uint32_t free_count, total_count;

void alloc_init(uint32_t *bitmap, mfn frames)
{
    free_bits = bitmap;
    bitmap_frames = frames;
    lowest_hint = frames;
}

static void mark_free(mfn n)
{
    free_bits[n / 32] |= 1u << (n % 32);
    if (n < lowest_hint)
        lowest_hint = n;
    free_count++;
}

void alloc_add(mfn first, mfn end)
{
    for (mfn n = first; n < end; n++) {
        mark_free(n);
        total_count++;
    }
}

uint32_t frames_free_count(void)
{
    return free_count;
}

mfn frames_total(void)
{
    return total_count;
}

/* Where a word has as many free frames as an order wants, at a multiple of that; 32: nowhere. */
static unsigned run_in_word(uint32_t word, unsigned order)
{
    static const uint32_t places[] = {0xffffffff, 0x55555555, 0x11111111, 0x01010101, 0x00010001};

    for (unsigned i = 0; i < order; i++)
        word &= word >> (1u << i);
    word &= places[order];
    return word ? (unsigned)__builtin_ctz(word) : 32;
}

/* A run of whole words. */
static bool words_free(mfn first, mfn end)
{
    for (mfn n = first; n < end; n += 32)
        if (free_bits[n / 32] != ~0u)
            return false;
    return true;
}

/* The first run of free frames of this order. */
static bool find_run(unsigned order, mfn *first)
{
    mfn size = 1u << order, step = MAX(size, 32u);

    for (mfn n = lowest_hint & ~(step - 1); n < bitmap_frames; n += step) {
        unsigned bit = 32;

        if (order < 5)
            bit = run_in_word(free_bits[n / 32], order);
        else if (n + size <= bitmap_frames && words_free(n, n + size))
            bit = 0;

        if (bit < 32) {
            *first = n + bit;
            return true;
        }
    }
    return false;
}

bool frames_reserve(struct domain *domain, unsigned order, unsigned leaving, mfn *result)
{
    mfn first, size = 1u << order;
    bool found;

    lock(&mm_lock);
    found = order <= 10 && domain->state != DOMAIN_DYING &&
            domain->pages + size <= domain->max_pages + leaving && free_count >= size &&
            find_run(order, &first);
    if (found) {
        *result = first;
        domain->pages += size;
        free_count -= size;
        if (order == 0)
            lowest_hint = first + 1;
        for (mfn n = first; n < first + size; n++)
            free_bits[n / 32] &= ~(1u << (n % 32));
    }
    unlock(&mm_lock);
    return found;
}

/*
 * Processors with a translation from the frame's last life lose it before the frame is cleared.
 */
void frames_clear(mfn first, mfn end)
{
    for (mfn n = first; n < end; n++)
        flush_before_reuse(frame_table[n].type, frame_table[n].stamp);
    for (mfn n = first; n < end; n++) {
        void *page = map_frame(n);

        memset(page, 0, PAGE_SIZE);
        unmap_frame(page);
    }
}

void frames_give_out(struct domain *domain, mfn first, unsigned order, uint32_t pfn)
{
    mfn end = first + (1u << order);

    lock(&mm_lock);
    for (mfn n = first; n < end; n++) {
        frame_table[n] = (struct frame){.count = 1,
                                        .flags = FRAME_RAM | FRAME_ALLOCATED,
                                        .type = FRAME_NONE,
                                        .owner = domain->id};
        m2p[n] = pfn == M2P_INVALID ? M2P_INVALID : pfn + (n - first);
    }
    unlock(&mm_lock);
}

void frames_take_back(struct domain *domain, mfn first, unsigned order)
{
    for (mfn n = first; n < first + (1u << order); n++)
        mark_free(n);
    domain->pages -= 1u << order;
    domain_try_forget(domain);
}

status frames_alloc(struct domain *domain, unsigned order, uint32_t pfn, mfn *result)
{
    if (!frames_reserve(domain, order, 0, result))
        return -ENOMEM;
    frames_clear(*result, *result + (1u << order));
    frames_give_out(domain, *result, order, pfn);
    return 0;
}

void frame_free(mfn number)
{
    struct frame *frame = &frame_table[number];
    struct domain *owner = frame->owner < MAX_DOMAINS ? domains[frame->owner] : NULL;

    if (frame->flags & FRAME_HV) { /* shared_info, a grant table; or the M2P, which is nobody's */
        if (owner)
            domain_try_forget(owner);
        return;
    }
    ASSERT(owner && frame->type_count == 0 && !(frame->flags & FRAME_PINNED));
    *frame = (struct frame){.flags = FRAME_RAM,
                            .owner = OWNER_NONE,
                            .type = (uint8_t)users_of(frame),
                            .stamp = flush_clock_now()};
    m2p[number] = M2P_INVALID;
    mark_free(number);
    owner->pages--;
    domain_try_forget(owner);
}

bool frame_take(mfn *result)
{
    mfn n;

    if (free_count == 0 || !find_run(0, &n))
        return false;
    free_bits[n / 32] &= ~(1u << (n % 32));
    lowest_hint = n + 1;
    free_count--;
    flush_before_reuse(frame_table[n].type, frame_table[n].stamp);
    frame_table[n] = (struct frame){.owner = OWNER_HV};
    *result = n;
    return true;
}

/* Nobody has had a translation to it. */
void frame_return(mfn number)
{
    frame_table[number] =
        (struct frame){.flags = FRAME_RAM, .owner = OWNER_NONE, .stamp = flush_clock_now()};
    mark_free(number);
}

void frame_hand_over(mfn number, struct domain *to, uint32_t pfn)
{
    frame_table[number] =
        (struct frame){.count = 1, .flags = FRAME_RAM | FRAME_ALLOCATED, .owner = to->id};
    m2p[number] = pfn;
    to->pages++;
}

void frame_give(mfn number, struct domain *from, struct domain *to)
{
    struct frame *frame = &frame_table[number];

    ASSERT(frame->count == 1 && frame->type_count == 0 && frame->owner == from->id);
    flush_users(frame);
    *frame = (struct frame){.count = 1, .flags = FRAME_RAM | FRAME_ALLOCATED, .owner = to->id};
    from->pages--;
    to->pages++;
}
