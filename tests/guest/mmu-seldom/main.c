/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Operations on memory that kernels seldom need: an update that says its frame is a machine's,
 * which for a paravirtual domain is the usual one; the caches flushed, which only who drives
 * devices may ask for; and where the machine-to-phys table's frames are, as many as the list has
 * room for.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    uint64_t *l1 = page_alloc(), entry = MFN_PTE(mfn_of(page_alloc()), PTE_P | PTE_A);

    make_readonly(l1);
    expect(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(l1), 0), 0);
    expect(pte_write(machine_of(&l1[3]) | MMU_PT_UPDATE_NO_TRANSLATE, entry), 0);
    expect(l1[3] == entry, true);
    expect(pte_write(machine_of(&l1[3]) | MMU_PT_UPDATE_NO_TRANSLATE,
                     MFN_PTE(mfn_of(l1), PTE_P | PTE_W)),
           -EBUSY);
    expect(l1[3] == entry, true);
    expect(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(l1), 0), 0);

    expect(mmuext(MMUEXT_FLUSH_CACHE, 0, 0), privileged ? 0 : -EACCES);
    expect(mmuext(MMUEXT_FLUSH_CACHE_GLOBAL, 0, 0), privileged ? 0 : -EACCES);

    xen_pfn_t first[2] = {0x77, 0x77};
    struct xen_machphys_mfn_list list = {.max_extents = 0};
    set_xen_guest_handle(list.extent_start, first);
    expect(HYPERCALL(memory_op, XENMEM_machphys_mfn_list, &list), 0);
    expect(list.nr_extents, 0);
    expect(first[0], 0x77);
    list.max_extents = 1;
    expect(HYPERCALL(memory_op, XENMEM_machphys_mfn_list, &list), 0);
    expect(list.nr_extents, 1);
    expect(first[1], 0x77);
    expect(HYPERCALL(memory_op, XENMEM_machphys_mfn_list, 0xFC000000), -EFAULT);
}
