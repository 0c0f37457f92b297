// SPDX-License-Identifier: GPL-2.0-only
/*
 * The maps that memory_op tells: where the machine-to-phys table is and in which frames, so that it can be mapped from
 * them, read-only; and the domain's own memory, which Xen 4.17 knows only if a control program has told it.
 */
#include "tests/guest/kit/kit.h"

struct __attribute__((packed)) e820 {
    uint64_t start, size;
    uint32_t type;
};

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

/* No map at all, or one piece of RAM that holds every page. */
static void own_memory(void)
{
    static struct e820 entries[128];
    struct xen_memory_map map = {.nr_entries = 128, .buffer.p = entries};
    long result = HYPERCALL(memory_op, XENMEM_memory_map, &map);
    bool known = result != -ENOSYS;

    if (known) {
        expect(result, 0);
        expect(map.nr_entries, 1);
        expect(entries[0].type, 1);
        check(entries[0].start == 0 && entries[0].size >> 12 >= start->nr_pages,
              "memory from %llx, %llx bytes", entries[0].start, entries[0].size);
    }
    map.nr_entries = 0;
    expect(HYPERCALL(memory_op, XENMEM_memory_map, &map), known ? -EINVAL : -ENOSYS);
    expect(HYPERCALL(memory_op, XENMEM_memory_map, 0xFC000000), -EFAULT);
    map = (struct xen_memory_map){.nr_entries = 1, .buffer.p = (void *)0xFC000000};
    expect(HYPERCALL(memory_op, XENMEM_memory_map, &map), known ? -EFAULT : -ENOSYS);
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
    own_memory();
    machine();
}
