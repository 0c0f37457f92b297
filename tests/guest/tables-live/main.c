/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changing the upper levels of the tables in use: a level-2 table hung into the base table and
 * taken out again, and a level-1 table into a level-2 one. What is taken out is ordinary memory
 * again.
 */
#include "tests/guest/kit/kit.h"

#define HERE 0x80000000UL

static void read_word(void *at)
{
    (void)*(volatile uint32_t *)at;
}

void test(void)
{
    uint64_t *l2 = page_alloc(), *l1 = page_alloc();
    volatile uint32_t *page = page_alloc();

    *page = 0xabcd;
    make_readonly(l2);
    expect(pte_write(machine_of(&base_table()[HERE >> 30]), MFN_PTE(mfn_of(l2), PTE_P)), 0);
    check(trapped(read_word, (void *)HERE) && trap.vector == 14 && trap.error == 0,
          "vector %u error %x", trap.vector, trap.error);

    l1[1] = MFN_PTE(mfn_of((void *)page), PTE_P | PTE_W);
    make_readonly(l1);
    expect(pte_write(machine_of(&l2[0]), MFN_PTE(mfn_of(l1), PTE_P | PTE_W)), 0);
    expect(*(volatile uint32_t *)(HERE + PAGE_SIZE), 0xabcd);
    *(volatile uint32_t *)(HERE + PAGE_SIZE) = 0xef01;
    expect(*page, 0xef01);
    expect(map((void *)(HERE + 2 * PAGE_SIZE), MFN_PTE(mfn_of((void *)page), PTE_P)), 0);
    expect(*(volatile uint32_t *)(HERE + 2 * PAGE_SIZE), 0xef01);
    expect(map(l1, MFN_PTE(mfn_of(l1), PTE_P | PTE_W)), -EBUSY);

    expect(pte_write(machine_of(&l2[0]), 0), 0);
    expect(mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0), 0);
    check(trapped(read_word, (void *)(HERE + PAGE_SIZE)) && trap.vector == 14, "still mapped");
    make_writable(l1);
    expect(pte_write(machine_of(&base_table()[HERE >> 30]), 0), 0);
    expect(mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0), 0);
    make_writable(l2);
    check(trapped(read_word, (void *)HERE) && trap.vector == 14, "still mapped");
}
