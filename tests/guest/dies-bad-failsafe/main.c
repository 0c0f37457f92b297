/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A trap inside the hypervisor's own delivery: the handler's code segment is not one (a data
 * segment of ring 1), for the general protection fault as well, and so no handler can be entered.
 */
#include "tests/guest/kit/kit.h"

static void fault(void *unused)
{
    (void)unused;
    struct trap_info traps[4] = {
        {.vector = 6, .cs = 0x0009, .address = 0x1000},
        {.vector = 13, .cs = 0x0009, .address = 0x1000},
        {.vector = 11, .cs = 0x0009, .address = 0x1000},
    };
    HYPERCALL(set_callbacks, FLAT_RING1_CS, 0, FLAT_RING1_CS, 0);
    HYPERCALL(set_trap_table, traps);
    asm volatile("ud2");
}

void test(void)
{
    expect(HYPERCALL(xen_version, XENVER_pagesize, NULL), 4096);
    must_die("a handler that cannot be entered", fault, NULL);
}
