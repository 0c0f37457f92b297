/* SPDX-License-Identifier: GPL-2.0-only */
/* SCHEDOP_shutdown with reason crash: the hypervisor says that the domain crashed. */
#include "tests/guest/kit/kit.h"

static void crash(void *unused)
{
    (void)unused;
    struct sched_shutdown shutdown = {.reason = SHUTDOWN_crash};
    HYPERCALL(sched_op, SCHEDOP_shutdown, &shutdown);
}

void test(void)
{
    expect(HYPERCALL(xen_version, XENVER_pagesize, NULL), 4096);
    must_die("shutdown with reason crash", crash, NULL);
}
