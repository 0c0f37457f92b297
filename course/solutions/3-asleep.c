/* SPDX-License-Identifier: GPL-2.0-only */
/* Exercise 3: a domain that waits takes no time of the processor. */
#include "tests/guest/kit/kit.h"

#define SLEEP 10000000u /* ns */

void test(void)
{
    struct sched_poll poll = {.nr_ports = 0};
    uint64_t begin = now();

    poll.timeout = begin + SLEEP;
    expect(HYPERCALL(sched_op, SCHEDOP_poll, &poll), 0);
    uint64_t passed = now() - begin;

    print("%lu us have passed\n", (unsigned long)passed / 1000);
    check(passed >= SLEEP, "only %lu ns", (unsigned long)passed);
}
