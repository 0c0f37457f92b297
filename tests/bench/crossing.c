/* SPDX-License-Identifier: GPL-2.0-only */
/* Ring 3 to ring 0 by int $0x80 and back by iret. Unit: crossings, two a round trip. */
#include "tests/bench/bench.h"

const char bench_name[] = "crossing";

static uint32_t rounds, done;
static uint8_t user_stack[4096] __attribute__((aligned(16)));

void bench_prepare(void)
{
    paging_on();
    set_gate(0x80, gate_null, 3);
    set_gate(0x81, gate_leave, 3);
}

static void user(void)
{
    for (done = 0; done < rounds; done++)
        __asm__ volatile("int $0x80" : : : "memory");
    __asm__ volatile("int $0x81");
}

uint32_t bench_work(uint32_t scale)
{
    rounds = scale * 1000;
    enter_user(user, (uint32_t)(user_stack + sizeof(user_stack) - 16));
    return done;
}

uint32_t bench_units(uint32_t scale)
{
    return scale * 2000;
}
