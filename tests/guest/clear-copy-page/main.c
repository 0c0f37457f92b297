/* SPDX-License-Identifier: GPL-2.0-only */
/* MMUEXT_CLEAR_PAGE and COPY_PAGE work on frames of ours that are no tables, mapped or not. */
#include "tests/guest/kit/kit.h"

void test(void)
{
    uint32_t *from = page_alloc(), *to = page_alloc();

    for (unsigned i = 0; i < 1024; i++)
        from[i] = i * 0x9e3779b9;
    expect(mmuext(MMUEXT_COPY_PAGE, mfn_of(to), mfn_of(from)), 0);
    expect(memcmp(from, to, PAGE_SIZE), 0);
    expect(mmuext(MMUEXT_CLEAR_PAGE, mfn_of(to), 0), 0);
    unsigned set = 0;
    for (unsigned i = 0; i < 1024; i++)
        set |= to[i];
    expect(set, 0);
    expect(from[7], 7 * 0x9e3779b9);

    uint64_t l1 = *l2_entry((unsigned long)from);
    expect(mmuext(MMUEXT_CLEAR_PAGE, (l1 & PTE_FRAME) >> 12, 0), -EINVAL);
    expect(mmuext(MMUEXT_COPY_PAGE, (l1 & PTE_FRAME) >> 12, mfn_of(from)), -EINVAL);
    expect(mmuext(MMUEXT_CLEAR_PAGE, 0xFFFFFFF, 0), -EINVAL);
    expect(mmuext(MMUEXT_COPY_PAGE, mfn_of(to), 0xFFFFFFF), -EINVAL);
    expect(mmuext(MMUEXT_COPY_PAGE, 0xFFFFFFF, mfn_of(from)), -EINVAL);
    /* A table may be read by a copy. */
    expect(mmuext(MMUEXT_COPY_PAGE, mfn_of(to), (l1 & PTE_FRAME) >> 12), 0);
    expect(memcmp(to, virtual_of((l1 & PTE_FRAME) >> 12), 64), 0);
}
