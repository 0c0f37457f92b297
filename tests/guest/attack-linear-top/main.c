/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The level-2 table of the top quarter may hold the hypervisor's own entries. Seen through itself
 * it would map the frames that those name into the guest's range. So it must not name itself,
 * neither in the table that is in use nor in one that is to be pinned; or, as on Xen since it lives
 * in 64 bits, there are no such entries but those of the machine-to-phys table, which guests may
 * read.
 */
#include "tests/guest/kit/kit.h"

#define TABLE_END_SLOT (0xF6800000UL >> 21 & 511)

static void refused_or_harmless(const char *what, long result, const uint64_t *l2)
{
    unsigned others = 0;

    for (unsigned i = TABLE_END_SLOT; i < 512; i++)
        others += l2[i] & PTE_P;
    check(result == -EINVAL || (result == 0 && others == 0), "%s gave %ld, with %u entries", what,
          result, others);
}

void test(void)
{
    uint64_t *l2 = virtual_of(base_table()[3] >> 12 & 0xffffff);
    unsigned slot = 0;

    while (l2[slot] & PTE_P)
        slot++;
    long result = pte_write(machine_of(&l2[slot]), MFN_PTE(mfn_of(l2), PTE_P));
    refused_or_harmless("a top table that names itself", result, l2);
    check((result == 0) == (bool)(l2[slot] & PTE_P), "the entry is %llx", l2[slot]);

    uint64_t *l3 = address_space_build(), *copy = virtual_of(l3[3] >> 12 & 0xffffff);
    make_writable(copy);
    copy[slot] = MFN_PTE(mfn_of(copy), PTE_P);
    make_readonly(copy);
    result = mmuext(MMUEXT_PIN_L3_TABLE, mfn_of(l3), 0);
    refused_or_harmless("pinning one", result, copy);
}
