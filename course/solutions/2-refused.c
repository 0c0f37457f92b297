/* SPDX-License-Identifier: GPL-2.0-only */
/* Exercise 2: a page table is nobody's to write but the hypervisor's. */
#include "tests/guest/kit/kit.h"

static char page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

static void store(void *entry)
{
    *(volatile uint64_t *)entry = 0;
}

void test(void)
{
    uint64_t *entry = l1_entry((unsigned long)page), before = *entry;
    uint64_t *of_table = l1_entry((unsigned long)entry);
    uint64_t mapping = *of_table;

    check(trapped(store, entry), "the store went through");
    expect(trap.vector, 14);
    expect(trap.error & 3, 3); /* a write, and the page is there */
    check(*entry == before, "the entry has changed");

    /* A writable mapping would let us map what is not ours without being asked. */
    check(pte_write(machine_of(of_table), mapping | 2) < 0, "a writable mapping was given");
    check(*of_table == mapping, "the refused update has changed the entry");
}
