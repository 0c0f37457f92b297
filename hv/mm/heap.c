/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * heap.c - pages for the hypervisor itself
 *
 * A free page holds the address of the next one. Pages never seen before are taken from the heap's
 * untouched rest, so that memory is cleared only when it is used.
 */
#include "hv/include/lib.h"
#include "hv/include/mm.h"

struct free_page {
    struct free_page *next;
};

static struct spinlock heap_lock;
static struct free_page *free_pages;
static char *untouched, *heap_end;
static uint32_t used, total;

void heap_init(char *first, char *end)
{
    untouched = first;
    heap_end = end;
    total = (uint32_t)(end - first) / PAGE_SIZE;
}

void *heap_page(void)
{
    void *page = NULL;

    lock(&heap_lock);
    if (free_pages) {
        page = free_pages;
        free_pages = free_pages->next;
    } else if (untouched < heap_end) {
        page = untouched;
        untouched += PAGE_SIZE;
    }
    used += page != NULL;
    unlock(&heap_lock);
    if (page)
        memset(page, 0, PAGE_SIZE);
    return page;
}

void heap_free(void *page)
{
    struct free_page *head = page;

    if (!page)
        return;
    lock(&heap_lock);
    head->next = free_pages;
    free_pages = head;
    used--;
    unlock(&heap_lock);
}

uint32_t heap_pages_used(void)
{
    return used;
}

uint32_t heap_pages_total(void)
{
    return total;
}

mfn heap_mfn(const void *page)
{
    return heap_first_frame + ((uint32_t)(uintptr_t)page - HEAP_VIRT_START) / PAGE_SIZE;
}
