/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mmu_update on one level-1 entry: the new frame is seen at the address, the entry holds what was
 * asked for, and the count of requests done comes back. PRESERVE_AD keeps the accessed and dirty
 * bits that are there.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    volatile uint32_t *window = page_alloc(), *other = page_alloc();

    *window = 0x11111111;
    *other = 0x22222222;
    uint64_t *entry = l1_entry((unsigned long)window), before = *entry;
    uint64_t machine = machine_of(entry);

    struct mmu_update update = {machine | MMU_NORMAL_PT_UPDATE,
                                MFN_PTE(mfn_of((void *)other), PTE_P | PTE_W | PTE_A | PTE_D)};
    unsigned done = 77;
    expect(HYPERCALL(mmu_update, &update, 1, &done, DOMID_SELF), 0);
    expect(done, 1);
    check(*entry == update.val, "the entry is %llx, not %llx", *entry, update.val);
    expect(mmuext(MMUEXT_INVLPG_LOCAL, (unsigned long)window, 0), 0);
    expect(*window, 0x22222222);

    *window = 0x33333333;
    expect(*other, 0x33333333);
    update = (struct mmu_update){machine | MMU_PT_UPDATE_PRESERVE_AD,
                                 MFN_PTE(mfn_of((void *)other), PTE_P)};
    expect(HYPERCALL(mmu_update, &update, 1, NULL, DOMID_SELF), 0);
    check((*entry & 0xfff) == (PTE_P | PTE_A | PTE_D), "PRESERVE_AD left %llx", *entry);
    update =
        (struct mmu_update){machine | MMU_NORMAL_PT_UPDATE, MFN_PTE(mfn_of((void *)other), PTE_P)};
    expect(HYPERCALL(mmu_update, &update, 1, NULL, DOMID_SELF), 0);
    check((*entry & 0xfff) == PTE_P, "an ordinary update left %llx", *entry);

    expect(pte_write(machine, before), 0);
    expect(mmuext(MMUEXT_INVLPG_LOCAL, (unsigned long)window, 0), 0);
    expect(*window, 0x11111111);

    expect(pte_write(machine, 0), 0);
    check(*entry == 0, "the entry is %llx after 0", *entry);
    expect(pte_write(machine, before), 0);
    done = 77;
    expect(HYPERCALL(mmu_update, &update, 0, &done, DOMID_SELF), 0);
    expect(done, 0);
}
