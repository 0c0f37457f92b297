/* SPDX-License-Identifier: GPL-2.0-only */
/* heap.c - see heap.h */
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"

struct piece {
    struct piece *next;
};

/* At the start of a cut page. Pages with free pieces are in their size's list. */
struct cut_page {
    struct piece *free;
    struct cut_page *next, *previous;
    uint16_t used, shift;
};

static struct cut_page *partial[HEAP_LARGEST + 1];
struct heap_usage heap_usage[HEAP_LARGEST + 1];

static void list_add(struct cut_page *page)
{
    struct cut_page **head = &partial[page->shift];

    page->next = *head;
    page->previous = NULL;
    if (*head)
        (*head)->previous = page;
    *head = page;
}

static void list_remove(struct cut_page *page)
{
    if (page->next)
        page->next->previous = page->previous;
    if (page->previous)
        page->previous->next = page->next;
    else
        partial[page->shift] = page->next;
}

static struct cut_page *cut(unsigned shift)
{
    uint32_t pfn = pages_allocate(0);

    if (pfn == PFN_NONE)
        return NULL;
    struct cut_page *page = page_address(pfn);
    *page = (struct cut_page){.shift = (uint16_t)shift};
    uint32_t size = 1u << shift, first = (sizeof(*page) + size - 1) & ~(size - 1);
    for (uint32_t offset = PAGE_SIZE - size; offset >= first; offset -= size) {
        struct piece *piece = (struct piece *)((char *)page + offset);

        piece->next = page->free;
        page->free = piece;
        heap_usage[shift].cut++;
    }
    list_add(page);
    return page;
}

void *heap_allocate(size_t bytes)
{
    unsigned shift = HEAP_SMALLEST;

    while ((1u << shift) < bytes)
        if (++shift >= 32)
            return NULL;
    if (shift > HEAP_LARGEST) {
        unsigned order = shift > PAGE_SHIFT ? shift - PAGE_SHIFT : 0;
        uint32_t pfn = pages_allocate(order);

        if (pfn == PFN_NONE)
            return NULL;
        return memset(page_address(pfn), 0, PAGE_SIZE << order);
    }
    struct cut_page *page = partial[shift] ? partial[shift] : cut(shift);
    if (!page)
        return NULL;
    struct piece *piece = page->free;
    page->free = piece->next;
    page->used++;
    heap_usage[shift].used++;
    if (!page->free)
        list_remove(page);
    return memset(piece, 0, 1u << shift);
}

void heap_free(void *object)
{
    if (!object)
        return;
    if (!((uint32_t)object & ~PAGE_MASK)) {
        page_release(address_pfn(object));
        return;
    }
    struct cut_page *page = (struct cut_page *)((uint32_t)object & PAGE_MASK);
    struct piece *piece = object;
    ASSERT(page->used && page->shift >= HEAP_SMALLEST && page->shift <= HEAP_LARGEST);
    if (!page->free)
        list_add(page);
    piece->next = page->free;
    page->free = piece;
    heap_usage[page->shift].used--;
    if (!--page->used) {
        uint32_t size = 1u << page->shift, first = (sizeof(*page) + size - 1) & ~(size - 1);

        heap_usage[page->shift].cut -= (PAGE_SIZE - first) >> page->shift;
        list_remove(page);
        page_release(address_pfn(page));
    }
}

uint32_t page_allocate_zeroed(void)
{
    uint32_t pfn = pages_allocate(0);

    if (pfn != PFN_NONE)
        memset(page_address(pfn), 0, PAGE_SIZE);
    return pfn;
}
