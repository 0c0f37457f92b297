/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * multicall: the calls are made in order and each result is stored; a call that fails does not stop
 * the rest; unknown numbers are -ENOSYS in the entry's result; none is fine.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    volatile uint32_t *page = page_alloc();
    void *other = page_alloc();

    *(uint32_t *)other = 0x0707;
    uint64_t entry = MFN_PTE(mfn_of(other), PTE_P | PTE_A);
    struct multicall_entry calls[5] = {
        {.op = __HYPERVISOR_xen_version, .args = {XENVER_pagesize}},
        {.op = 63},
        {.op = __HYPERVISOR_update_va_mapping,
         .args = {(unsigned long)page, entry, entry >> 32, UVMF_INVLPG}},
        {.op = __HYPERVISOR_sched_op, .args = {99}},
        {.op = __HYPERVISOR_fpu_taskswitch, .args = {0}},
    };
    for (unsigned i = 0; i < 5; i++)
        calls[i].result = 0x5555;
    expect(HYPERCALL(multicall, calls, 5), 0);
    expect(calls[0].result, 4096);
    expect(calls[1].result, -ENOSYS);
    expect(calls[2].result, 0);
    expect(calls[3].result, -ENOSYS);
    expect(calls[4].result, 0);
    expect(*page, 0x0707);

    calls[0].result = 0x5555;
    expect(HYPERCALL(multicall, calls, 0), 0);
    expect(calls[0].result, 0x5555);
    static struct multicall_entry many[200];
    for (unsigned i = 0; i < 200; i++)
        many[i] =
            (struct multicall_entry){.op = __HYPERVISOR_xen_version, .args = {XENVER_pagesize}};
    expect(HYPERCALL(multicall, many, 200), 0);
    unsigned good = 0;
    for (unsigned i = 0; i < 200; i++)
        good += many[i].result == 4096;
    expect(good, 200);
}
