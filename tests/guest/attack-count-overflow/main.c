/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Many references to one frame: thousands of mappings, links and pins are counted, and when all
 * are gone the frame is ordinary again; a count that wrapped would make it so too early.
 */
#include "tests/guest/kit/kit.h"

#define HERE 0x40000000UL

void test(void)
{
    char *target = page_alloc();
    uint64_t *l2 = page_alloc(), *tables[20];

    for (unsigned i = 0; i < 20; i++) {
        tables[i] = page_alloc();
        for (unsigned j = 0; j < 512; j++)
            tables[i][j] = MFN_PTE(mfn_of(target), PTE_P | PTE_W);
        l2[i] = MFN_PTE(mfn_of(tables[i]), PTE_P);
        make_readonly(tables[i]);
    }
    /* The same level-1 table many times more. */
    for (unsigned i = 20; i < 512; i++)
        l2[i] = MFN_PTE(mfn_of(tables[i % 20]), PTE_P);
    make_readonly(l2);
    expect(mmuext(MMUEXT_PIN_L2_TABLE, mfn_of(l2), 0), 0);
    expect(map(target, MFN_PTE(mfn_of(target), PTE_P)), 0);
    expect(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(target), 0), -EINVAL); /* 10240 writable mappings */
    for (unsigned i = 0; i < 19; i++) {
        for (unsigned j = 0; j < 512; j++)
            if (l2[j] && (l2[j] & PTE_FRAME) >> 12 == mfn_of(tables[i]))
                expect(pte_write(machine_of(&l2[j]), 0), 0);
        make_writable(tables[i]);
        memset(tables[i], 0, PAGE_SIZE);
    }
    expect(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(target), 0), -EINVAL); /* 512 are left */
    expect(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(l2), 0), 0);
    expect(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(target), 0), 0);
    expect(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(target), 0), 0);
    make_writable(target);
}
