/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pins, links and writable mappings in every order: at no time is a table writable, and every
 * reference that was given is taken back, which shows in the end when each page can be written
 * again.
 */
#include "tests/guest/kit/kit.h"

static long writable(void *page)
{
    return map(page, MFN_PTE(mfn_of(page), PTE_P | PTE_W));
}

void test(void)
{
    uint64_t *l1 = page_alloc(), *l2 = page_alloc(), *other = page_alloc();

    l2[0] = MFN_PTE(mfn_of(l1), PTE_P);
    l2[9] = MFN_PTE(mfn_of(l1), PTE_P | PTE_W);
    make_readonly(l1);
    make_readonly(l2);
    make_readonly(other);
    for (unsigned round = 0; round < 3; round++) {
        expect(mmuext(MMUEXT_PIN_L2_TABLE, mfn_of(l2), 0), 0);
        expect(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(l1), 0), 0);
        expect(pte_write(machine_of(&l2[0]), MFN_PTE(mfn_of(other), PTE_P)), 0);
        expect(writable(other), -EBUSY);
        expect(pte_write(machine_of(&l2[0]), MFN_PTE(mfn_of(l1), PTE_P)), 0);
        expect(writable(other), 0);
        make_readonly(other);
        expect(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(l2), 0), 0);
        expect(writable(l2), 0);
        expect(writable(l1), -EBUSY); /* its own pin */
        make_readonly(l2);
        expect(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(l1), 0), 0);
        expect(writable(l1), 0);
        make_readonly(l1);
    }
    /* A pinned table, unpinned through the wrong frame, or by level confusion, stays pinned. */
    expect(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(l1), 0), 0);
    expect(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(other), 0), -EINVAL);
    expect(writable(l1), -EBUSY);
    /* The boot tables' own pin can be dropped, but not the reference that CR3 holds. */
    expect(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(base_table()), 0), 0);
    expect(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(base_table()), 0), -EINVAL);
    expect(map(other, MFN_PTE(mfn_of(base_table()), PTE_P | PTE_W)), -EBUSY);
    expect(mmuext(MMUEXT_PIN_L3_TABLE, mfn_of(base_table()), 0), 0);
}
