/* SPDX-License-Identifier: GPL-2.0-only */
/* The iret hypercall with a frame that cannot be read ends the domain. */
#include "tests/guest/kit/kit.h"

static void bad_iret(void *unused)
{
    (void)unused;
    asm volatile("mov %0, %%eax\n\tmov $0x20000000, %%esp\n\tint $0x82"
                 :
                 : "i"(__HYPERVISOR_iret)
                 : "eax", "memory");
}

void test(void)
{
    expect(HYPERCALL(xen_version, XENVER_pagesize, NULL), 4096);
    must_die("iret from an unmapped stack", bad_iret, NULL);
}
