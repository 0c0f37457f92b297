/* SPDX-License-Identifier: GPL-2.0-only */
/* pages.c - buddy allocator over frame records; see pages.h */
#include "guestos/kernel/lib.h"
#include "guestos/mm/pages.h"

static struct page *pages;
static uint32_t page_count, free_count, managed_count;
static uint32_t free_blocks[PAGE_ORDERS]; /* first block of each size, PFN_NONE: none */

#define POOL_ORDER 9

/* Frames taken out of a block and not given out yet; all count as free. */
static uint32_t pool[1u << POOL_ORDER], pool_count, seed;

void pages_init(struct page *map, uint32_t count)
{
    pages = map;
    page_count = count;
    free_count = managed_count = pool_count = seed = 0;
    memset(map, 0, count * sizeof(*map));
    for (unsigned order = 0; order < PAGE_ORDERS; order++)
        free_blocks[order] = PFN_NONE;
}

static void push_block(uint32_t pfn, unsigned order)
{
    uint32_t next = free_blocks[order];

    pages[pfn] = (struct page){.next = next, .order = order, .free = 1, .previous = PFN_NONE};
    if (next != PFN_NONE)
        pages[next].previous = pfn;
    free_blocks[order] = pfn;
}

static void unlink_block(uint32_t pfn)
{
    uint32_t next = pages[pfn].next, previous = pages[pfn].previous;

    if (next != PFN_NONE)
        pages[next].previous = previous;
    if (previous != PFN_NONE)
        pages[previous].next = next;
    else
        free_blocks[pages[pfn].order] = next;
    pages[pfn] = (struct page){0};
}

static void free_block(uint32_t pfn, unsigned order)
{
    free_count += 1u << order;
    for (; order < PAGE_ORDERS - 1; order++) {
        uint32_t buddy = pfn ^ (1u << order);

        if (buddy >= page_count || !pages[buddy].free || pages[buddy].order != order)
            break;
        unlink_block(buddy);
        pfn = MIN(pfn, buddy);
    }
    push_block(pfn, order);
}

void pages_add(uint32_t first, uint32_t end)
{
    ASSERT(first <= end && end <= page_count);
    managed_count += end - first;
    while (first < end) {
        unsigned order = 0;

        while (order < PAGE_ORDERS - 1 && !(first & (1u << order)) && first + (2u << order) <= end)
            order++;
        free_block(first, order);
        first += 1u << order;
    }
}

static uint32_t take_block(unsigned order)
{
    unsigned have = order;

    while (have < PAGE_ORDERS && free_blocks[have] == PFN_NONE)
        have++;
    if (have >= PAGE_ORDERS)
        return PFN_NONE;
    uint32_t pfn = free_blocks[have];
    unlink_block(pfn);
    while (have > order) { /* keep the lower half, give the upper one back */
        have--;
        push_block(pfn + (1u << have), have);
    }
    pages[pfn] = (struct page){.references = 1, .order = order};
    free_count -= 1u << order;
    return pfn;
}

/* ---- scattered frames ------------------------------------------------------------------------ */

void pages_scatter(uint32_t number)
{
    seed = number;
}

/* Marsaglia's xorshift. */
static uint32_t next_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    return seed ^= seed << 5;
}

/* A block of at most a quarter of what is free; larger requests must find room beside it. */
static void fill_pool(void)
{
    unsigned order = POOL_ORDER;

    while (order && (4u << order) > free_count)
        order--;
    uint32_t first = take_block(order);

    if (first == PFN_NONE)
        return;
    free_count += 1u << order;
    for (; pool_count < 1u << order; pool_count++) {
        pool[pool_count] = first + pool_count;
        pages[first + pool_count] = (struct page){0};
    }
}

static uint32_t take_scattered(void)
{
    if (!pool_count)
        fill_pool();
    if (!pool_count)
        return PFN_NONE;
    uint32_t at = next_random() % pool_count, pfn = pool[at];

    pool[at] = pool[--pool_count];
    pages[pfn] = (struct page){.references = 1};
    free_count--;
    return pfn;
}

/* A block, which the pool's frames may be a part of. */
static uint32_t take(unsigned order)
{
    if (seed && !order)
        return take_scattered();
    uint32_t pfn = take_block(order);

    if (pfn != PFN_NONE || !pool_count)
        return pfn;
    free_count -= pool_count;
    while (pool_count)
        free_block(pool[--pool_count], 0);
    return take_block(order);
}

static bool (*reclaim_pages)(void);

void pages_set_reclaim(bool (*reclaim)(void))
{
    reclaim_pages = reclaim;
}

bool pages_reclaim(void)
{
    return reclaim_pages && reclaim_pages();
}

uint32_t pages_allocate(unsigned order)
{
    uint32_t pfn = take(order);

    return pfn == PFN_NONE && pages_reclaim() ? take(order) : pfn;
}

void page_hold(uint32_t pfn)
{
    ASSERT(pfn < page_count && !pages[pfn].free && pages[pfn].references);
    pages[pfn].references++;
}

void page_release(uint32_t pfn)
{
    ASSERT(pfn < page_count && !pages[pfn].free && pages[pfn].references);
    if (!--pages[pfn].references)
        free_block(pfn, pages[pfn].order);
}

uint32_t page_references(uint32_t pfn)
{
    ASSERT(pfn < page_count);
    return pages[pfn].references;
}

uint32_t page_link(uint32_t pfn)
{
    ASSERT(pfn < page_count && !pages[pfn].free);
    return pages[pfn].next;
}

void page_set_link(uint32_t pfn, uint32_t next)
{
    ASSERT(pfn < page_count && !pages[pfn].free);
    pages[pfn].next = next;
}

uint32_t pages_total(void)
{
    return managed_count;
}

uint32_t pages_free(void)
{
    return free_count;
}
