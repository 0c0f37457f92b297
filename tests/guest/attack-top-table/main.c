// SPDX-License-Identifier: GPL-2.0-only
/*
 * The level-2 table of the top quarter exchanged under the hypervisor's feet: the root in use gets
 * another one, which leaves the old one without any use, so that the hypervisor takes its own entries
 * out of it; while the processor still has the old one among its copies of the root. The calls behind
 * it in the same list reach for much memory of the hypervisor's.
 */
#include "tests/guest/kit/kit.h"

#define OTHERS 120

void test(void)
{
    static struct mmu_update list[OTHERS + 1];
    uint64_t *l3 = address_space_build(), *l2 = virtual_of(l3[3] >> 12 & 0xffffff);
    unsigned step = start->nr_pages / OTHERS, done = 0;

    for (unsigned round = 0; round < 4; round++) {
        uint64_t old = base_table()[3];
        list[0] = (struct mmu_update){.ptr = machine_of(&base_table()[3]),
                                      .val = MFN_PTE(mfn_of(l2), PTE_P)};
        /* Frames from all over: what they are written with is refused or does not matter. */
        for (unsigned i = 0; i < OTHERS; i++)
            list[1 + i] = (struct mmu_update){.ptr = (uint64_t)p2m[i * step] << 12 | 0xff8 |
                                                     MMU_MACHPHYS_UPDATE,
                                              .val = i * step};
        expect(HYPERCALL(mmu_update, list, OTHERS + 1, &done, DOMID_SELF), 0);
        expect(done, OTHERS + 1);
        check((base_table()[3] & ~PTE_A) == list[0].val, "the root has %llx", base_table()[3]);
        expect(HYPERCALL(xen_version, XENVER_pagesize, NULL), PAGE_SIZE);
        l2 = virtual_of(old >> 12 & 0xffffff);
    }
}
