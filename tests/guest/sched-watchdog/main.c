/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SCHEDOP_watchdog: two of them, handed out, set anew, stopped, given back; and in the end one that
 * is not set anew in time ends the domain. The verdict comes before that: what follows it must not.
 */
#include "tests/guest/kit/kit.h"

static long watchdog(uint32_t id, uint32_t seconds)
{
    struct sched_watchdog op = {.id = id, .timeout = seconds};

    return HYPERCALL(sched_op, SCHEDOP_watchdog, &op);
}

void test(void)
{
    expect(watchdog(1, 100), -EINVAL); /* not handed out */
    expect(watchdog(3, 100), -EINVAL);
    expect(watchdog(0, 100), 1);
    expect(watchdog(0, 100), 2);
    expect(watchdog(0, 100), -ENOSPC);
    expect(watchdog(1, 50), 0);
    expect(watchdog(1, 0), 0);
    expect(watchdog(1, 50), -EINVAL); /* given back */
    expect(watchdog(0, 100), 1);
    expect(watchdog(2, 0), 0);
    expect(HYPERCALL(sched_op, SCHEDOP_watchdog, 0xFC000000), -EFAULT);

    uint64_t end = now() + 3000 * MS;
    if (!expect(watchdog(1, 1), 0))
        return;
    print("PASS %s\n", test_name);
    while (now() < end)
        HYPERCALL(sched_op, SCHEDOP_yield, NULL);
    check(false, "the watchdog slept");
}
