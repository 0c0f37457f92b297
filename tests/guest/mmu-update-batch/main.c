/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A batch stops at the first request that is refused: those before it are done and counted, it and
 * those after are not. A batch of many good ones is done whole.
 */
#include "tests/guest/kit/kit.h"

#define MANY 300

void test(void)
{
    char *pages[4];
    struct mmu_update updates[4];
    uint64_t *entries[4], before[4];
    void *target = page_alloc();

    for (unsigned i = 0; i < 4; i++) {
        pages[i] = page_alloc();
        entries[i] = l1_entry((unsigned long)pages[i]);
        before[i] = *entries[i];
        updates[i] = (struct mmu_update){machine_of(entries[i]), MFN_PTE(mfn_of(target), PTE_P)};
    }
    /* Request 2 would make the base table writable. */
    updates[2].val = MFN_PTE(mfn_of(base_table()), PTE_P | PTE_W);
    unsigned done = 77;
    long result = HYPERCALL(mmu_update, updates, 4, &done, DOMID_SELF);
    check(result < 0 && result > -4096, "the batch gave %ld", result);
    expect(done, 2);
    for (unsigned i = 0; i < 4; i++) {
        uint64_t wanted = i < 2 ? updates[i].val : before[i];

        check((*entries[i] & ~PTE_A) == (wanted & ~PTE_A), "entry %u is %llx, not %llx", i,
              *entries[i], wanted);
    }

    static struct mmu_update many[MANY];
    for (unsigned i = 0; i < MANY; i++)
        many[i] = (struct mmu_update){machine_of(entries[3]),
                                      MFN_PTE(mfn_of(pages[i % 3]), PTE_P | PTE_A)};
    expect(HYPERCALL(mmu_update, many, MANY, &done, DOMID_SELF), 0);
    expect(done, MANY);
    check(*entries[3] == many[MANY - 1].val, "the last request did not stay: %llx", *entries[3]);
}
