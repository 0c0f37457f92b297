/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's place in every address space: its slots in the last level-2 table cannot be
 * written, that table cannot be taken out of the base table or used for another slot.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    uint64_t top = base_table()[3];
    unsigned long l2 = (top & PTE_FRAME) >> 12;
    uint64_t *entries = virtual_of(l2);
    unsigned first = (HYPERVISOR_VIRT_START >> 21) & 511;
    uint64_t *l1 = page_alloc();

    make_readonly(l1);

    for (unsigned slot = first; slot < 512; slot += 17) {
        uint64_t before = entries[slot];
        long result =
            pte_write(((uint64_t)l2 << 12) + slot * 8, MFN_PTE(mfn_of(l1), PTE_P | PTE_W));

        check(result == -EPERM, "slot %u of the hypervisor gave %ld", slot, result);
        check((entries[slot] & ~PTE_A) == (before & ~PTE_A), "slot %u changed", slot);
    }
    make_writable(l1); /* nothing kept it */
    expect(pte_write(machine_of(&base_table()[3]), 0), -EINVAL);
    check((base_table()[3] & PTE_FRAME) == (top & PTE_FRAME), "the last slot is %llx",
          base_table()[3]);
    expect(pte_write(machine_of(&base_table()[1]), (top & PTE_FRAME) | PTE_P), -EINVAL);

    /*
     * A second base table that shares the first one's last level-2 table: Xen refuses it; if not,
     * it has to work.
     */
    uint64_t *other = page_alloc();
    other[3] = (top & PTE_FRAME) | PTE_P;
    make_readonly(other);
    long result = mmuext(MMUEXT_NEW_BASEPTR, mfn_of(other), 0);
    check(result == 0 || result == -EINVAL, "a shared level-2 table gave %ld", result);
    expect(machine_to_phys_mapping[mfn_of(other)], pfn_of(other));
    expect(HYPERCALL(xen_version, XENVER_pagesize, NULL), 4096);
    expect(mmuext(MMUEXT_NEW_BASEPTR, mfn_of(base_table()), 0), 0);
}
