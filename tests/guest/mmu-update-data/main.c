/* SPDX-License-Identifier: GPL-2.0-only */
/* mmu_update on a frame of ours that is no table is a plain, unvalidated 8-byte write. */
#include "tests/guest/kit/kit.h"

void test(void)
{
    volatile uint64_t *page = page_alloc();

    expect(pte_write(machine_of((void *)&page[5]), 0x123456789abcdef1ULL), 0);
    check(page[5] == 0x123456789abcdef1ULL, "the word is %llx", page[5]);
    check(page[4] == 0 && page[6] == 0, "its neighbours changed");

    /* Read-only to us as a mapping is no obstacle: the frame itself is ordinary. */
    make_readonly((void *)page);
    expect(pte_write(machine_of((void *)&page[5]), 7), 0);
    check(page[5] == 7, "the word is %llx", page[5]);
}
