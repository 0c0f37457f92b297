/* SPDX-License-Identifier: GPL-2.0-only */
/* tlb.c - see tlb.h */
#include "cpu/tlb.h"

#include <stdlib.h>
#include <string.h>

#define HEAD TLB_ENTRIES_MAX

bool tlb_open(struct tlb *tlb, unsigned entries, void *owner,
              uint64_t (*newest)(void *owner, unsigned entry),
              void (*dropped)(void *owner, unsigned entry))
{
    *tlb = (struct tlb){.entries = entries, .owner = owner, .newest = newest, .dropped = dropped};
    tlb->entry[HEAD].previous = tlb->entry[HEAD].next = HEAD;
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

static void unlink_entry(struct tlb *tlb, unsigned entry)
{
    struct tlb_entry *e = &tlb->entry[entry];
    tlb->entry[e->previous].next = e->next;
    tlb->entry[e->next].previous = e->previous;
}

static void link_after(struct tlb *tlb, unsigned place, unsigned entry)
{
    struct tlb_entry *e = &tlb->entry[entry];
    e->previous = (uint8_t)place;
    e->next = tlb->entry[place].next;
    tlb->entry[place].next = tlb->entry[e->next].previous = (uint8_t)entry;
}

/* Enters or removes an entry in the map from pages to entries. */
static void set_map(struct tlb *tlb, const struct tlb_entry *e, uint8_t value)
{
    if (e->shift == 12) {
        tlb->small[e->page] = value;
        return;
    }
    uint32_t first = e->page >> (e->shift - 12) << (e->shift - 21);
    for (uint32_t i = 0; i < 1u << (e->shift - 21); i++)
        tlb->large[first + i] = value;
}

static void drop(struct tlb *tlb, unsigned entry)
{
    tlb->dropped(tlb->owner, entry);
    set_map(tlb, &tlb->entry[entry], TLB_NONE);
    unlink_entry(tlb, entry);
    tlb->used &= ~(1ull << entry);
}

static unsigned victim(struct tlb *tlb)
{
    for (;;) {
        unsigned last = tlb->entry[HEAD].previous;
        struct tlb_entry *e = &tlb->entry[last];
        uint64_t used = tlb->newest(tlb->owner, last);
        if (used < e->stamp)
            used = e->stamp;
        if (used == e->bound || e->previous == HEAD || used < tlb->entry[e->previous].bound)
            return last;
        e->stamp = e->bound = used;
        unlink_entry(tlb, last);
        unsigned place = HEAD;
        while (tlb->entry[place].next != HEAD && tlb->entry[tlb->entry[place].next].bound > used)
            place = tlb->entry[place].next;
        link_after(tlb, place, last);
    }
}

unsigned tlb_fill(struct tlb *tlb, uint32_t page, unsigned shift, bool global, uint64_t now)
{
    unsigned entry = (unsigned)__builtin_ctzll(~tlb->used | 1ull << 63);
    if (tlb->used >> entry & 1 || entry >= tlb->entries) {
        entry = victim(tlb);
        drop(tlb, entry);
    }
    struct tlb_entry *e = &tlb->entry[entry];
    tlb->used |= 1ull << entry;
    e->page = page;
    e->shift = (uint8_t)shift;
    e->global = global;
    e->stamp = e->bound = now;
    link_after(tlb, HEAD, entry);
    set_map(tlb, e, (uint8_t)entry);
    return entry;
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
