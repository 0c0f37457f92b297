/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The iret hypercall to a code segment of ring 0 ends the domain, or becomes a fault for its
 * kernel; no code runs in ring 0.
 */
#include "tests/guest/kit/kit.h"

static void to_ring0(void *unused)
{
    (void)unused;
    asm volatile(
        "pushf\n\tpush $0xe008\n\tpush $1f\n\tpush $0\n\tmov %0, %%eax\n\tint $0x82\n1:\tcli\n\tnop"
        :
        : "i"(__HYPERVISOR_iret)
        : "eax", "memory");
}

void test(void)
{
    expect(HYPERCALL(xen_version, XENVER_pagesize, NULL), 4096);
    must_die("iret to ring 0", to_ring0, NULL);
}
