/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A multicall inside a multicall, entries across the hypervisor's edge, numbers beyond the table,
 * and huge counts.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    struct multicall_entry inner = {.op = __HYPERVISOR_xen_version, .args = {XENVER_pagesize}};
    struct multicall_entry outer[2] = {
        {.op = __HYPERVISOR_multicall, .args = {(unsigned long)&inner, 1}},
        {.op = __HYPERVISOR_xen_version, .args = {XENVER_pagesize}},
    };

    inner.result = 0x5555;
    long result = HYPERCALL(multicall, outer, 2);
    check(result == 0 || result == -EINVAL, "a nested multicall gave %ld", result);
    if (result == 0)
        expect(outer[0].result, -EINVAL);
    check(inner.result == 0x5555, "the inner call was made: %lx", inner.result);

    outer[0] = (struct multicall_entry){.op = 0xffffffff};
    outer[1] = (struct multicall_entry){.op = 0x80000000 + __HYPERVISOR_xen_version};
    expect(HYPERCALL(multicall, outer, 2), 0);
    expect(outer[0].result, -ENOSYS);
    expect(outer[1].result, -ENOSYS);

    expect(HYPERCALL(multicall, 0xF5800000 - 16, 1), -EFAULT);
    expect(HYPERCALL(multicall, 0xFFFFFFF0, 1), -EFAULT);
    /* A page of entries and nothing behind it: 4 GB and 32 bytes, 128 GB. */
    struct multicall_entry *page = page_alloc();
    for (unsigned i = 0; i < PAGE_SIZE / sizeof(*page); i++)
        page[i] = (struct multicall_entry){.op = 63};
    expect(user_map(2, USER_ENTRY(page)), 0);
    expect(HYPERCALL(multicall, USER_BASE + 2 * PAGE_SIZE, 0x08000001), -EFAULT);
    expect(HYPERCALL(multicall, USER_BASE + 2 * PAGE_SIZE, 0xffffffff), -EFAULT);
    expect(HYPERCALL(xen_version, XENVER_pagesize, NULL), 4096);
}
