/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The level-2 table of the top quarter pulled away under the hypervisor's feet. A root's fourth
 * entry cannot be changed, in use, pinned or not: so the table goes only with its root. The old
 * root then loses its last use in the list that installs another one, and with it the hypervisor's
 * entries go out of the old table, while the processor might still look through it; the calls
 * behind it reach for much memory of the hypervisor's.
 */
#include "tests/guest/kit/kit.h"

#define OTHERS 120

/* Another table, none, the same one, and bits of the same one: all refused, nothing written. */
static void fourth_entry_stays(uint64_t *root, const uint64_t *other)
{
    uint64_t before = root[3], place = machine_of(&root[3]);

    expect(pte_write(place, MFN_PTE(mfn_of(other), PTE_P)), -EINVAL);
    expect(pte_write(place, 0), -EINVAL);
    expect(pte_write(place, before), -EINVAL);
    expect(pte_write(place | MMU_PT_UPDATE_PRESERVE_AD, before | 0x200), -EINVAL);
    check(root[3] == before, "the root has %llx, not %llx", root[3], before);
}

/* Frames from all over: what they are written with does not matter. */
static void reach_for_memory(void)
{
    static struct mmu_update list[OTHERS];
    unsigned step = start->nr_pages / OTHERS, done = 0;

    for (unsigned i = 0; i < OTHERS; i++)
        list[i] = (struct mmu_update){
            .ptr = (uint64_t)p2m[i * step] << 12 | 0xff8 | MMU_MACHPHYS_UPDATE, .val = i * step};
    expect(HYPERCALL(mmu_update, list, OTHERS, &done, DOMID_SELF), 0);
    expect(done, OTHERS);
}

/* Installs one root and takes the last use of the other away, in one list. */
static void exchange_roots(const uint64_t *from, const uint64_t *to)
{
    struct mmuext_op list[] = {
        {.cmd = MMUEXT_PIN_L3_TABLE, .arg1.mfn = mfn_of(to)},
        {.cmd = MMUEXT_NEW_BASEPTR, .arg1.mfn = mfn_of(to)},
        {.cmd = MMUEXT_UNPIN_TABLE, .arg1.mfn = mfn_of(from)},
    };
    unsigned done = 0;

    expect(HYPERCALL(mmuext_op, list, 3, &done, DOMID_SELF), 0);
    expect(done, 3);
    reach_for_memory();
    expect(HYPERCALL(xen_version, XENVER_pagesize, NULL), PAGE_SIZE);
}

void test(void)
{
    uint64_t *first = address_space_build(), *second = address_space_build();
    const uint64_t *tops[] = {virtual_of(first[3] >> 12 & 0xffffff),
                              virtual_of(second[3] >> 12 & 0xffffff)};

    fourth_entry_stays(base_table(), tops[0]);
    expect(mmuext(MMUEXT_PIN_L3_TABLE, mfn_of(first), 0), 0);
    fourth_entry_stays(first, tops[1]);
    expect(mmuext(MMUEXT_NEW_BASEPTR, mfn_of(first), 0), 0);
    fourth_entry_stays(first, tops[1]);

    for (unsigned round = 0; round < 4; round++) {
        exchange_roots(first, second);
        /* The first is a page like others again, and its table too: free to be written. */
        expect(pte_write(machine_of(&first[3]), 0), 0);
        expect(pte_write(machine_of(&first[3]), MFN_PTE(mfn_of(tops[0]), PTE_P)), 0);
        make_writable(tops[0]);
        /* What guests read anyway, the machine-to-phys table, may stay behind. */
        for (unsigned i = (MACH2PHYS_VIRT_END >> 21) & 511; i < 512; i++)
            if (!check(tops[0][i] == 0, "entry %u of the old table is %llx", i, tops[0][i]))
                break;
        make_readonly(tops[0]);
        exchange_roots(second, first);
    }
    expect(mmuext(MMUEXT_NEW_BASEPTR, mfn_of(base_table()), 0), 0);
}
