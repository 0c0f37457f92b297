/* SPDX-License-Identifier: GPL-2.0-only */
/* An exception of the kernel for which the trap table has no entry ends the domain. */
#include "tests/guest/kit/kit.h"

static void fault(void *unused)
{
    (void)unused;
    HYPERCALL(set_trap_table, NULL);
    asm volatile("ud2");
}

void test(void)
{
    expect(HYPERCALL(xen_version, XENVER_pagesize, NULL), 4096);
    must_die("an exception without a handler", fault, NULL);
}
