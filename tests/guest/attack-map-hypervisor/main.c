/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frames that are not ours. Those of RAM between 1 MB and the highest frame that mfn_list does not
 * name belong to the hypervisor or to nobody: none of them can be mapped, neither to write nor to
 * read. (Domain 0 may map device memory, which is not RAM.)
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    static uint8_t ours[1 << 20];
    void *page = page_alloc();
    uint64_t entry = *l1_entry((unsigned long)page) & ~(PTE_A | PTE_D);
    unsigned long highest = HYPERCALL(memory_op, XENMEM_maximum_ram_page, NULL);

    if (highest >= sizeof(ours))
        highest = sizeof(ours) - 1;
    for (unsigned long pfn = 0; pfn < start->nr_pages; pfn++)
        ours[p2m[pfn]] = 1;
    ours[start->shared_info / PAGE_SIZE] = 1;

    unsigned tried = 0, given = 0;
    unsigned long first = 0;
    for (unsigned long mfn = 0x100; mfn <= highest; mfn += highest / 128) {
        if (ours[mfn])
            continue;
        tried++;
        long read = map(page, MFN_PTE(mfn, PTE_P)), write = map(page, MFN_PTE(mfn, PTE_P | PTE_W));
        if (read == 0 || write == 0) {
            given++;
            first = first ? first : mfn;
            map(page, entry);
        }
    }
    check(tried > 20, "only %u frames to try", tried);
    check(given == 0, "%u of %u frames can be mapped, the first is %lx", given, tried, first);
    check((*l1_entry((unsigned long)page) & ~(PTE_A | PTE_D)) == entry, "our page is gone");
}
