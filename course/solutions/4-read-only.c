/* SPDX-License-Identifier: GPL-2.0-only */
/* Exercise 4: a page that may be read and not written, and writable again. */
#include "tests/guest/kit/kit.h"

#define PTE_WRITABLE 2u

static char page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

static void store(void *address)
{
    *(volatile char *)address = 1;
}

static void load(void *address)
{
    (void)*(volatile char *)address;
}

void test(void)
{
    uint64_t entry = *l1_entry((unsigned long)page);

    expect(map(page, entry & ~(uint64_t)PTE_WRITABLE), 0);
    check(!trapped(load, page), "a load traps");
    check(trapped(store, page), "a store goes through");
    expect(trap.vector, 14);
    expect(map(page, entry), 0);
    check(!trapped(store, page), "a store still traps");
}
