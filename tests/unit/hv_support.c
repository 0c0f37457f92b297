/* SPDX-License-Identifier: GPL-2.0-only */
/* hv_support.c - the hypervisor's surroundings, for its own sources compiled for the host */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/hv_support.h"
#include "hv/include/lib.h"
#include "hv/include/arch/traps.h"

pte hv_top_l2[512];
struct domain *domains[MAX_DOMAINS];
unsigned lab_freed, lab_flushes, lab_heap_used, lab_heap_limit;
mfn lab_l1;
static pte memory[LAB_FRAMES][TABLE_ENTRIES] ALIGNED(4096);
static struct frame frames[LAB_FRAMES];
static uint32_t machine_to_physical[LAB_FRAMES];
uint32_t *m2p = machine_to_physical;

/* Twice the size: pointers in them are twice as long here. */
static char heap[LAB_FRAMES - LAB_HEAP][2 * PAGE_SIZE] ALIGNED(4096);
static bool heap_taken[LAB_FRAMES - LAB_HEAP];

void lab_reset(void)
{
    memset(memory, 0, sizeof(memory));
    memset(frames, 0, sizeof(frames));
    for (unsigned i = 0; i < TABLE_ENTRIES; i++)
        hv_top_l2[i] = 0x1000 * i | 1;
    frame_table = frames;
    frame_table_size = LAB_FRAMES;
    frame_validator = &page_table_validator;
    for (mfn n = 1; n < LAB_FRAMES; n++)
        frames[n] = (struct frame){.count = 1,
                                   .flags = FRAME_RAM | FRAME_ALLOCATED,
                                   .owner = n < LAB_OTHERS ? LAB_DOMAIN
                                            : n < LAB_HEAP ? LAB_DOMAIN + 1
                                                           : OWNER_HV};
    memset(heap_taken, 0, sizeof(heap_taken));
    memset(domains, 0, sizeof(domains));
    lab_heap_limit = LAB_FRAMES - LAB_HEAP;
    lab_freed = lab_flushes = lab_heap_used = 0;
    lab_l1 = 0;
}

pte *lab_table(mfn number)
{
    return memory[number];
}

void *map_frame(mfn number)
{
    return memory[number];
}

void unmap_frame(const void *address)
{
    (void)address;
}

mfn max_frame(void)
{
    return LAB_FRAMES;
}

void frame_free(mfn number)
{
    (void)number;
    lab_freed++;
}

uint32_t flush_clock_now(void)
{
    return 1;
}

void flush_needed_since(const struct frame *frame)
{
    (void)frame;
    lab_flushes++;
}

status descriptor_table_validate(mfn number)
{
    const struct descriptor *table = (const struct descriptor *)(void *)memory[number];

    for (unsigned i = 0; i < 512; i++) {
        struct descriptor d = table[i];

        if (!descriptor_cut(&d))
            return -22;
    }
    return 0;
}

void *heap_page(void)
{
    for (unsigned i = 0; i < lab_heap_limit; i++) {
        if (heap_taken[i])
            continue;
        heap_taken[i] = true;
        lab_heap_used++;
        return memset(heap[i], 0, sizeof(heap[i]));
    }
    return NULL;
}

void heap_free(void *page)
{
    if (!page)
        return;
    heap_taken[heap_mfn(page) - LAB_HEAP] = false;
    lab_heap_used--;
}

uint32_t heap_pages_used(void)
{
    return lab_heap_used;
}

uint32_t heap_pages_total(void)
{
    return LAB_FRAMES - LAB_HEAP;
}

mfn heap_mfn(const void *page)
{
    return LAB_HEAP + (mfn)(((const char *)page - heap[0]) / (int)sizeof(heap[0]));
}

struct domain *domain_by_id(const struct domain *self, uint32_t id)
{
    if (id == DOMID_SELF)
        id = self->id;
    return id < MAX_DOMAINS ? domains[id] : NULL;
}

void domain_account(struct domain *domain, unsigned pages)
{
    domain->hv_pages += pages;
}

void frame_give(mfn number, struct domain *from, struct domain *to)
{
    frame_table[number].owner = to->id;
    from->pages--;
    to->pages++;
}

void flush_domain(const struct domain *domain)
{
    (void)domain;
    lab_flushes++;
}

void write_pte(pte *where, pte value)
{
    *where = value;
}

bool find_l1(const struct vcpu *vcpu, uint32_t address, mfn *l1, unsigned *slot)
{
    (void)vcpu;
    *slot = (address >> PAGE_SHIFT) & (TABLE_ENTRIES - 1);
    *l1 = lab_l1;
    return lab_l1 != 0;
}

void panic(const char *form, ...)
{
    fprintf(stderr, "%s\n", form);
    abort();
}
