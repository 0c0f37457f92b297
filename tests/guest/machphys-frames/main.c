/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the machine-to-phys table is and in which frames, so that Domain 0 can map it from them,
 * read-only; and the machine's memory map into a list that cannot be written.
 */
#include "tests/guest/kit/kit.h"

static void where_it_is(void)
{
    struct xen_machphys_mapping mapping = {0};

    expect(HYPERCALL(memory_op, XENMEM_machphys_mapping, &mapping), 0);
    expect(mapping.v_start, MACH2PHYS_VIRT_START);
    check(mapping.v_end >= MACH2PHYS_VIRT_END, "it ends at %lx", mapping.v_end);
    check(mapping.max_mfn >= p2m[0], "the last frame is %lx", mapping.max_mfn);
}

/* Lists with room for none, for one, and for all. */
static void frames_of_it(unsigned command)
{
    static xen_pfn_t frames[16];
    struct xen_machphys_mfn_list list = {.max_extents = 0, .nr_extents = 77};
    unsigned all;

    set_xen_guest_handle(list.extent_start, frames);
    expect(HYPERCALL(memory_op, command, &list), 0);
    expect(list.nr_extents, 0);
    list.max_extents = 16;
    expect(HYPERCALL(memory_op, command, &list), 0);
    all = list.nr_extents;
    check(all >= 1 && all <= 8, "%u pieces of 2 MB", all);
    list.max_extents = 1;
    expect(HYPERCALL(memory_op, command, &list), 0);
    expect(list.nr_extents, 1);
    list.extent_start.p = (xen_pfn_t *)0xFC000000;
    expect(HYPERCALL(memory_op, command, &list), -EFAULT);
}

static void its_frames_mapped(void)
{
    static xen_pfn_t frames[16];
    struct xen_machphys_mfn_list list = {.max_extents = 16};
    const unsigned long *at = page_unmapped();

    set_xen_guest_handle(list.extent_start, frames);
    expect(HYPERCALL(memory_op, XENMEM_machphys_mfn_list, &list), 0);
    uint64_t readable = MFN_PTE(frames[0], PTE_P), writable = MFN_PTE(frames[0], PTE_P | PTE_W);
    long refused = HYPERCALL(update_va_mapping_otherdomain, at, writable, writable >> 32,
                             UVMF_INVLPG, DOMID_XEN);

    expect(refused, privileged ? -EBUSY : -EPERM);
    long result = HYPERCALL(update_va_mapping_otherdomain, at, readable, readable >> 32,
                            UVMF_INVLPG, DOMID_XEN);

    if (!privileged) {
        expect(result, -EPERM);
        return;
    }
    expect(result, 0);
    for (unsigned i = 0; i < 1024; i++)
        if (!check(at[i] == machine_to_phys_mapping[i], "entry %u: %lx, not %lx", i, at[i],
                   machine_to_phys_mapping[i]))
            break;
    expect(map(at, 0), 0);
}

/* The machine's own, into a list that cannot be written. */
static void machine(void)
{
    struct xen_memory_map map = {.nr_entries = 128, .buffer.p = (void *)0xFC000000};

    expect(HYPERCALL(memory_op, XENMEM_machine_memory_map, &map), privileged ? -EFAULT : -EPERM);
}

void test(void)
{
    where_it_is();
    frames_of_it(XENMEM_machphys_mfn_list);
    frames_of_it(XENMEM_machphys_compat_mfn_list);
    its_frames_mapped();
    machine();
}
