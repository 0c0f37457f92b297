/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The map of a domain's memory as its builder gives it, or the domain itself: what is set is read,
 * in as many entries as there is room for; what is refused changes nothing. Nobody sets another
 * domain's but Domain 0.
 */
#define __XEN_TOOLS__ 1
#include "tests/guest/kit/kit.h"

#define NOWHERE ((void *)0xFC000000)

struct __attribute__((packed)) e820 {
    uint64_t start, size;
    uint32_t type;
};

static long set(domid_t id, void *entries, unsigned count)
{
    struct xen_foreign_memory_map op = {.domid = id, .map = {.nr_entries = count}};

    op.map.buffer.p = entries;
    return HYPERCALL(memory_op, XENMEM_set_memory_map, &op);
}

static long get(void *entries, unsigned *count)
{
    struct xen_memory_map op = {.nr_entries = *count};

    op.buffer.p = entries;
    long result = HYPERCALL(memory_op, XENMEM_memory_map, &op);
    *count = op.nr_entries;
    return result;
}

void test(void)
{
    struct e820 entries[3] = {{0, 0xa0000, 1}, {0xa0000, 0x60000, 2}, {0x100000, 0x700000, 1}};
    struct e820 read[8] = {{0}};
    unsigned count = 8;

    expect(set(DOMID_SELF, entries, 3), 0);
    expect(get(read, &count), 0);
    expect(count, 3);
    check(memcmp(read, entries, sizeof(entries)) == 0, "another map than was set");
    expect(read[3].size, 0);
    memset(read, 0, sizeof(read));
    count = 2;
    expect(get(read, &count), 0);
    expect(count, 2);
    check(memcmp(read, entries, 2 * sizeof(read[0])) == 0, "the first two are others");
    expect(read[2].size, 0);

    expect(set(DOMID_SELF, NOWHERE, 1), -EFAULT);
    expect(set(DOMID_SELF, entries, 100000), -EINVAL);
    expect_no_domain(set(0x7000, entries, 1));
    if (!privileged)
        expect(set(0, entries, 1), -EPERM);
    count = 8;
    expect(get(read, &count), 0);
    expect(count, 3);
    expect(get(NOWHERE, &count), -EFAULT);
    expect(HYPERCALL(memory_op, XENMEM_set_memory_map, NOWHERE), -EFAULT);
}
