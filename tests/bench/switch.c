/* SPDX-License-Identifier: GPL-2.0-only */
/* Address-space switches: CR3 loaded in turn, four pages touched after each. Unit: switches. */
#include "tests/bench/bench.h"

const char bench_name[] = "switch";

void bench_prepare(void)
{
    paging_on();
}

uint32_t bench_work(uint32_t scale)
{
    volatile uint32_t *page = (volatile uint32_t *)0x400000;
    uint32_t check = 0;

    for (uint32_t i = 0; i < scale * 1000; i++) {
        load_directory(page_directory(i & 1));
        for (unsigned touch = 0; touch < 4; touch++)
            check += page[touch * 1024]++;
    }
    return check;
}

uint32_t bench_units(uint32_t scale)
{
    return scale * 1000;
}
