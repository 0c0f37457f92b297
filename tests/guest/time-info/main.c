/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The time in the shared page: an even version, a plausible scale, never going back, and a wall
 * clock after 2020. It is written anew each second, though the domain keeps its processor.
 */
#include "tests/guest/kit/kit.h"

/* For a kernel that looks at system_time alone, and never calls. */
static void stays_fresh(void)
{
    volatile struct vcpu_time_info *time = &vcpu()->time;
    uint64_t begin = now();
    uint32_t version = time->version;

    while (time->version == version && now() - begin < 1300 * MS)
        for (unsigned i = 0; i < 1000; i++)
            asm volatile("pause");
    check(time->version != version, "the time is as it was 1.3 s ago");
}

void test(void)
{
    volatile struct vcpu_time_info *time = &vcpu()->time;

    check(!(time->version & 1), "version %u", time->version);
    check(time->tsc_to_system_mul != 0, "no scale");
    check(time->tsc_shift > -32 && time->tsc_shift < 32, "shift %d", time->tsc_shift);
    uint64_t first = now(), last = first;
    check(first != 0 && first < 1000ULL * 1000 * MS, "%llx ns since boot", first);
    for (unsigned i = 0; i < 20000; i++) {
        uint64_t next = now();

        if (!check(next >= last, "time went back from %llx to %llx", last, next))
            break;
        last = next;
    }
    check(last > first, "time stands still");
    check(!(shared->wc_version & 1), "wall clock version %u", shared->wc_version);
    check(shared->wc_sec > 946684800 && shared->wc_nsec < 1000000000, "wall clock %u.%09u",
          shared->wc_sec, shared->wc_nsec);
    if (privileged)
        stays_fresh();
}
