// SPDX-License-Identifier: GPL-2.0-only
/*
 * The level-2 table of the top quarter holds the hypervisor's own entries. Seen through itself it
 * would map the frames that those name into the guest's range: it must not name itself, neither in
 * the table that is in use nor in one that is to be pinned.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    uint64_t *l2 = virtual_of(base_table()[3] >> 12 & 0xffffff);
    unsigned slot = 0;
    while (l2[slot] & PTE_P)
        slot++;
    long result = pte_write(machine_of(&l2[slot]), MFN_PTE(mfn_of(l2), PTE_P));
    check_equal("a top table that names itself", result, -EINVAL);
    check(!(l2[slot] & PTE_P), "the entry is %llx", l2[slot]);

    uint64_t *l3 = address_space_build(), *copy = virtual_of(l3[3] >> 12 & 0xffffff);
    make_writable(copy);
    copy[slot] = MFN_PTE(mfn_of(copy), PTE_P);
    make_readonly(copy);
    result = mmuext(MMUEXT_PIN_L3_TABLE, mfn_of(l3), 0);
    check(result == -EINVAL, "pinning one gave %ld", result);
}
