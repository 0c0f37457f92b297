/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pinning validates a whole tree once and keeps it typed: while pinned none of its pages may be
 * mapped writable, and after the unpin they may again. Each level can be pinned by itself.
 */
#include "tests/guest/kit/kit.h"

static long try_writable(void *page)
{
    return map(page, MFN_PTE(mfn_of(page), PTE_P | PTE_W));
}

void test(void)
{
    uint64_t *l1 = page_alloc(), *l2 = page_alloc(), *l3 = page_alloc();
    char *data = page_alloc();

    l1[0] = MFN_PTE(mfn_of(data), PTE_P | PTE_W);
    l2[0] = MFN_PTE(mfn_of(l1), PTE_P | PTE_W | PTE_U);
    make_readonly(l1);
    make_readonly(l2);
    make_readonly(l3);

    expect(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(l1), 0), 0);
    expect(try_writable(l1), -EBUSY);
    expect(mmuext(MMUEXT_PIN_L2_TABLE, mfn_of(l2), 0), 0);
    expect(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(l1), 0), 0);
    expect(try_writable(l1), -EBUSY); /* the level-2 table holds it */
    expect(try_writable(l2), -EBUSY);
    expect(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(l2), 0), 0);
    make_writable(l1);
    make_writable(l2);
    l1[1] = 0;
    make_readonly(l1);
    make_readonly(l2);

    uint64_t *space = address_space_build();
    expect(mmuext(MMUEXT_PIN_L3_TABLE, mfn_of(space), 0), 0);
    expect(try_writable(space), -EBUSY);
    expect(pte_write(machine_of(&space[0]), MFN_PTE(mfn_of(l2), PTE_P)), 0);
    expect(try_writable(l1), -EBUSY);
    expect(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(space), 0), 0);
    make_writable(l1);
    make_writable(l2);
    make_writable(space);
}
