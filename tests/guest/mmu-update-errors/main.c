/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mmu_update refused: unknown domains, a bad array, frames that are nobody's; the entry stays as
 * it was.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    uint64_t *page = page_alloc(), *entry = l1_entry((unsigned long)page), before = *entry;
    struct mmu_update update = {machine_of(entry), before};
    unsigned done = 77;

    expect_no_domain(HYPERCALL(mmu_update, &update, 1, &done, 0x7000));
    expect(HYPERCALL(mmu_update, 0xF5800000 - 8, 1, &done, DOMID_SELF), -EFAULT);
    expect(HYPERCALL(mmu_update, 0x1000, 1, &done, DOMID_SELF), -EFAULT);
    expect(done, 0);

    /* A frame beyond all memory for the table, and for the value. */
    expect(pte_write(0xFFFFFFFF000ULL, before), -EINVAL);
    expect(pte_write(machine_of(entry), MFN_PTE(0xFFFFFFFFULL, PTE_P)), -EPERM);
    check(*entry == before, "the entry is %llx, not %llx", *entry, before);
    /* Not present: the frame number has no meaning. */
    expect(pte_write(machine_of(entry), MFN_PTE(0xFFFFFFULL, 0)), 0);
    expect(pte_write(machine_of(entry), before), 0);
}
