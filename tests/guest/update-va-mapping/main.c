/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * update_va_mapping: every way to say which TLBs to flush, and the results that the new entry has.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    volatile uint32_t *window = page_alloc();
    void *pages[2] = {page_alloc(), page_alloc()};

    *(uint32_t *)pages[0] = 0;
    *(uint32_t *)pages[1] = 1;
    uint32_t cpus = 1;
    unsigned long flags[] = {
        UVMF_TLB_FLUSH | UVMF_LOCAL,      UVMF_TLB_FLUSH | UVMF_ALL,
        UVMF_INVLPG | UVMF_LOCAL,         UVMF_INVLPG | UVMF_ALL,
        UVMF_TLB_FLUSH | (uint32_t)&cpus, UVMF_INVLPG | (uint32_t)&cpus,
    };
    for (unsigned i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        uint64_t entry = MFN_PTE(mfn_of(pages[i & 1]), PTE_P | PTE_A);

        check_equal("update_va_mapping",
                    HYPERCALL(update_va_mapping, window, entry, entry >> 32, flags[i]), 0);
        check(*window == (i & 1), "flags %lx: the old page is still seen", flags[i]);
    }
    expect(HYPERCALL(update_va_mapping, window, 0, 0, UVMF_NONE), 0);
    check(*l1_entry((unsigned long)window) == 0, "the entry is not empty");
    uint64_t entry = MFN_PTE(mfn_of((void *)pages[0]), PTE_P);
    expect(HYPERCALL(update_va_mapping, window, entry, 0, UVMF_NONE), 0);
    check(*l1_entry((unsigned long)window) == entry, "the entry is not the one given");
}
