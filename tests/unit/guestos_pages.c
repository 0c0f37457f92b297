/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest kernel's buddy allocator, held against a plain map of which frame belongs to whom. */
#include <criterion/criterion.h>

#include "guestos/mm/pages.h"
#include "tests/unit/guestos_support.h"

#define FRAMES 5000

static struct page map[FRAMES];

Test(guestos_pages, everything_added_can_be_allocated_once)
{
    static bool taken[FRAMES];

    pages_init(map, FRAMES);
    pages_add(3, 1000);
    pages_add(1000, 1024);
    pages_add(2000, 4999);
    cr_assert_eq(pages_free(), 997 + 24 + 2999);
    uint32_t n = 0;
    for (uint32_t pfn; (pfn = pages_allocate(0)) != PFN_NONE; n++) {
        cr_assert((pfn >= 3 && pfn < 1024) || (pfn >= 2000 && pfn < 4999),
                  "frame %u was never added", pfn);
        cr_assert_not(taken[pfn], "frame %u came twice", pfn);
        taken[pfn] = true;
    }
    cr_assert_eq(n, 997 + 24 + 2999);
    cr_assert_eq(pages_free(), 0);
}

Test(guestos_pages, blocks_are_aligned_and_join_again)
{
    pages_init(map, FRAMES);
    pages_add(0, 4096);
    for (unsigned order = 0; order < PAGE_ORDERS; order++) {
        uint32_t pfn = pages_allocate(order);

        cr_assert_eq(pfn % (1u << order), 0, "order %u: frame %u", order, pfn);
        page_release(pfn);
    }
    for (uint32_t i = 0; i < 4; i++)
        cr_assert_neq(pages_allocate(PAGE_ORDERS - 1), PFN_NONE, "pieces were not joined again");
    cr_assert_eq(pages_allocate(0), PFN_NONE);
}

Test(guestos_pages, a_frame_lives_as_long_as_somebody_holds_it)
{
    pages_init(map, FRAMES);
    pages_add(0, 16);
    uint32_t pfn = pages_allocate(2);
    page_hold(pfn);
    page_release(pfn);
    cr_assert_eq(page_references(pfn), 1);
    cr_assert_eq(pages_free(), 12);
    page_release(pfn);
    cr_assert_eq(pages_free(), 16);
}

Test(guestos_pages, random_use_never_overlaps)
{
    static uint32_t owner[FRAMES], held[400], order_of[400];
    uint32_t seed = 1, next_owner = 0;

    pages_init(map, FRAMES);
    pages_add(7, FRAMES);
    for (uint32_t i = 0; i < 400; i++)
        held[i] = PFN_NONE;
    for (uint32_t step = 0; step < 200000; step++) {
        seed = seed * 1103515245 + 12345;
        uint32_t slot = (seed >> 8) % 400, order = (seed >> 20) % 4;
        if (held[slot] != PFN_NONE) {
            for (uint32_t i = 0; i < 1u << order_of[slot]; i++)
                owner[held[slot] + i] = 0;
            page_release(held[slot]);
            held[slot] = PFN_NONE;
            continue;
        }
        uint32_t pfn = pages_allocate(order);
        if (pfn == PFN_NONE)
            continue;
        next_owner++;
        for (uint32_t i = 0; i < 1u << order; i++) {
            cr_assert(pfn + i >= 7 && pfn + i < FRAMES && !owner[pfn + i], "frame %u is in use",
                      pfn + i);
            owner[pfn + i] = next_owner;
        }
        held[slot] = pfn;
        order_of[slot] = order;
    }
    for (uint32_t i = 0; i < 400; i++)
        if (held[i] != PFN_NONE)
            page_release(held[i]);
    cr_assert_eq(pages_free(), pages_total(), "frames were lost");
}

/* Scattered frames: each once, in another order for another seed, and blocks join again. */
Test(guestos_pages, scattered_frames_come_once_and_join_again)
{
    static bool taken[4096];
    static uint32_t first[2][4096];

    for (unsigned run = 0; run < 2; run++) {
        uint32_t pfn;

        memset(taken, 0, sizeof(taken));
        pages_init(map, FRAMES);
        pages_scatter(run + 1);
        pages_add(0, 4096);
        for (unsigned i = 0; i < 4096; i++) {
            cr_assert_eq(pages_free(), 4096 - i);
            cr_assert_neq(pfn = pages_allocate(0), PFN_NONE);
            cr_assert_not(taken[pfn], "frame %u came twice", pfn);
            taken[pfn] = true;
            first[run][i] = pfn;
        }
        cr_assert_eq(pages_allocate(0), PFN_NONE);
        for (unsigned i = 0; i < 4096; i++)
            page_release(i);
        for (unsigned i = 0; i < 4; i++)
            cr_assert_neq(pages_allocate(PAGE_ORDERS - 1), PFN_NONE);
    }
    cr_assert_neq(memcmp(first[0], first[1], sizeof(first[0])), 0);
}

/* A block that only the pool's frames can make up is made of them. */
Test(guestos_pages, scattered_frames_yield_to_blocks)
{
    pages_init(map, FRAMES);
    pages_scatter(7);
    pages_add(0, 1024);
    uint32_t pfn = pages_allocate(0);

    page_release(pfn);
    cr_assert_neq(pages_allocate(PAGE_ORDERS - 1), PFN_NONE);
    cr_assert_eq(pages_free(), 0);
}
