/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pagetable.h - page tables
 *
 * Lock: the kernel's is held and interrupts are off. Nothing here sleeps. A live table is changed
 * only by a processor that runs on it, or that flushes it before it changes another (see
 * guestos/arch.h).
 */
#ifndef GUESTOS_ARCH_PAGETABLE_H
#define GUESTOS_ARCH_PAGETABLE_H

#include "guestos/kernel/types.h"

typedef uint64_t pte_t;

#define PTE_PRESENT  0x001ull
#define PTE_WRITE    0x002ull
#define PTE_USER     0x004ull
#define PTE_ACCESSED 0x020ull
#define PTE_DIRTY    0x040ull
#define PTE_LARGE    0x080ull
#define PTE_GLOBAL   0x100ull
#define PTE_FOREIGN  0x200ull /* software: not a frame of ours, do not count it */
#define PTE_HIDDEN   0x400ull /* software, if not present: pte_hide() */
#define PTE_ADDRESS  0x000ffffffffff000ull

struct pagetable {
    uint32_t root;   /* pfn of the page-directory-pointer table */
    uint32_t tables; /* the program part's other tables, linked by page_link() */
    bool live;
};

extern struct pagetable kernel_pagetable; /* the kernel's part only; for idle processors */

/* An empty program part, the kernel's part shared. Not live. -ENOMEM. */
int pagetable_create(struct pagetable *table);
void pagetable_activate(struct pagetable *table);

/*
 * It is not in use by any processor, nor will be again: entries may still be read, to give back
 * what they hold, but need not be cleared one by one.
 */
void pagetable_retire(struct pagetable *table);
void pagetable_destroy(struct pagetable *table); /* frees the tables of a retired one */

pte_t pagetable_get(const struct pagetable *table, uint32_t address);
/* Sets one entry of the program part, making tables as needed: -ENOMEM, nothing changed. */
int pagetable_set(struct pagetable *table, uint32_t address, pte_t entry);
/* Finds the first entry at or after *address, below end, that is present or hidden. False: none. */
bool pagetable_next(const struct pagetable *table, uint32_t *address, uint32_t end, pte_t *entry);
uint32_t pagetable_pages(const struct pagetable *table); /* that its tables take */
/* Sends queued changes and forgets translations that they made stale. */
void pagetable_flush(struct pagetable *table);
void pagetable_use(const struct pagetable *table); /* from now on, on this processor */

pte_t pte_make(uint32_t pfn, pte_t flags);
uint32_t
pte_pfn(pte_t entry); /* only of an entry that pagetable_next() finds, and not PTE_FOREIGN */

/*
 * A page that nobody may access, but which keeps its contents (PROT_NONE): its entry is not
 * present, as the kernel, too, could access a present one. The frame number is inverted, so that a
 * processor which speculates past "not present" finds no memory there (and Xen, which sees to that,
 * no fault).
 */
static inline bool pte_used(pte_t entry)
{
    return entry & (PTE_PRESENT | PTE_HIDDEN);
}
static inline pte_t pte_hide(pte_t entry)
{
    return entry & PTE_PRESENT ? (entry ^ PTE_ADDRESS ^ PTE_PRESENT) | PTE_HIDDEN : entry;
}
static inline pte_t pte_show(pte_t entry)
{
    return entry & PTE_HIDDEN ? (entry ^ PTE_ADDRESS ^ PTE_HIDDEN) | PTE_PRESENT : entry;
}

#endif
