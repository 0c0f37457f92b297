/* SPDX-License-Identifier: GPL-2.0-only */
/* tlb.c - see tlb.h */
#include "cpu/model/tlb.h"

#include <stdlib.h>
#include <string.h>

bool tlb_open(struct tlb *tlb, unsigned entries, void *owner, tlb_dropped *dropped)
{
    *tlb = (struct tlb){.entries = entries, .owner = owner, .dropped = dropped};
    tlb->entry[TLB_HEAD].previous = tlb->entry[TLB_HEAD].next = TLB_HEAD;
    memset(tlb->large, TLB_NONE, sizeof(tlb->large));
    tlb->small = malloc(1 << 20);
    if (tlb->small)
        memset(tlb->small, TLB_NONE, 1 << 20);
    return tlb->small != NULL;
}

void tlb_close(struct tlb *tlb)
{
    free(tlb->small);
    tlb->small = NULL;
}

void tlb_map_large(struct tlb *tlb, const struct tlb_entry *e, uint8_t value)
{
    uint32_t first = e->page >> (e->shift - 12) << (e->shift - 21);

    for (uint32_t i = 0; i < 1u << (e->shift - 21); i++)
        tlb->large[first + i] = value;
}

static void drop(struct tlb *tlb, unsigned entry)
{
    tlb->dropped(tlb->owner, entry);
    tlb_map(tlb, &tlb->entry[entry], TLB_NONE);
    tlb_unlink(tlb, entry);
    tlb->used &= ~(1ull << entry);
}

void tlb_drop_all(struct tlb *tlb, bool global_too)
{
    for (uint64_t left = tlb->used; left; left &= left - 1) {
        unsigned entry = (unsigned)__builtin_ctzll(left);

        if (global_too || !tlb->entry[entry].global)
            drop(tlb, entry);
    }
}

void tlb_drop_page(struct tlb *tlb, uint32_t page)
{
    unsigned entry = tlb->small[page];

    if (entry != TLB_NONE)
        drop(tlb, entry);
    entry = tlb->large[page >> 9];
    if (entry != TLB_NONE)
        drop(tlb, entry);
}
