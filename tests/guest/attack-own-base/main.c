// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypervisor's place in every address space: its slots in the last level-2 table cannot be written, that table cannot be
 * taken out of the base table or used for another slot or another base.
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

    /* A second base table that shares the first one's last level-2 table. */
    uint64_t *other = page_alloc();
    other[3] = (top & PTE_FRAME) | PTE_P;
    make_readonly(other);
    expect(mmuext(MMUEXT_PIN_L3_TABLE, mfn_of(other), 0), -EINVAL);
    expect(mmuext(MMUEXT_NEW_BASEPTR, mfn_of(other), 0), -EINVAL);
    expect(mmuext(MMUEXT_NEW_BASEPTR, mfn_of(base_table()), 0), 0);
}
