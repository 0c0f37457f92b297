/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers that memory_op tells without changing anything: the highest pseudo-physical frame is what
 * the domain itself has written into shared_info; and none of them is asked in pieces.
 */
#include "tests/guest/kit/kit.h"

#define PIECE (1 << 6) /* a continuation's first extent, above the operation's number */

struct __attribute__((packed)) e820 {
    uint64_t start, size;
    uint32_t type;
};

/* The machine's memory: for Domain 0 only; RAM in it up to the highest frame. */
static void machine_map(void)
{
    static struct e820 entries[128];
    struct xen_memory_map map = {.nr_entries = 128, .buffer.p = entries};
    struct xen_memory_map own = map;
    uint64_t top = 0, last = HYPERCALL(memory_op, XENMEM_maximum_ram_page, NULL);
    long result = HYPERCALL(memory_op, XENMEM_machine_memory_map, &map);

    if (!privileged) {
        expect(result, -EPERM);
        return;
    }
    expect(result, 0);
    own.nr_entries = 128;
    expect(HYPERCALL(memory_op, XENMEM_memory_map, &own), -ENOSYS); /* it has none of its own */
    check(map.nr_entries > 0 && map.nr_entries < 128, "%u entries", map.nr_entries);
    for (unsigned i = 0; i < map.nr_entries && i < 128; i++)
        if (entries[i].type == 1 && entries[i].start + entries[i].size > top)
            top = entries[i].start + entries[i].size;
    check(top > 0 && top >> 12 >= last, "RAM ends at %llx, the last frame is %llx", top, last);
    map.nr_entries = 0;
    expect(HYPERCALL(memory_op, XENMEM_machine_memory_map, &map), -EINVAL);
    expect(HYPERCALL(memory_op, XENMEM_machine_memory_map, 0xFC000000), -EFAULT);
}

void test(void)
{
    domid_t self = DOMID_SELF, nobody = 0x7000;
    static const unsigned operations[] = {XENMEM_current_reservation, XENMEM_maximum_reservation,
                                          XENMEM_maximum_gpfn};

    shared->arch.max_pfn = 4321;
    expect(HYPERCALL(memory_op, XENMEM_maximum_gpfn, &self), 4320);
    shared->arch.max_pfn = 0;
    expect(HYPERCALL(memory_op, XENMEM_maximum_gpfn, &self), 0);
    for (unsigned i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        expect_no_domain(HYPERCALL(memory_op, operations[i], &nobody));
        expect(HYPERCALL(memory_op, operations[i], 0xFC000000), -EFAULT);
        expect(HYPERCALL(memory_op, operations[i] | PIECE, &self), -EINVAL);
    }
    check(HYPERCALL(memory_op, XENMEM_maximum_ram_page, NULL) > 0, "no frame in the machine");
    expect(HYPERCALL(memory_op, XENMEM_maximum_ram_page | PIECE, NULL), -EINVAL);
    machine_map();
}
