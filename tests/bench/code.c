/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * 320 kB of code in 320 functions (code_functions.S), called in pseudo-random order: instruction
 * fetch misses the L1I and the ITLB. Unit: 1024 calls.
 */
#include "tests/bench/bench.h"

const char bench_name[] = "code";

#define FUNCTIONS      320
#define FUNCTION_BYTES 1024

/* Takes and returns a value in EAX, keeps all other registers. */
extern uint8_t code_functions[FUNCTIONS][FUNCTION_BYTES];

void bench_prepare(void)
{
    paging_on();
}

uint32_t bench_work(uint32_t scale)
{
    uint32_t seed = 1, value = 1;

    while (scale--)
        for (unsigned i = 0; i < 1024; i++) {
            seed = seed * 1664525 + 1013904223;
            const uint8_t *function = code_functions[(seed >> 8) % FUNCTIONS];
            __asm__ volatile("call *%1" : "+a"(value) : "r"(function) : "memory", "cc");
        }
    return value;
}

uint32_t bench_units(uint32_t scale)
{
    return scale;
}
