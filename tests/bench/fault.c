/* SPDX-License-Identifier: GPL-2.0-only */
/* Page faults taken in ring 3, repaired in ring 0. Unit: faults. */
#include "tests/bench/bench.h"

const char bench_name[] = "fault";

#define WINDOW 0x10000000u

static uint32_t window_table[1024] __attribute__((aligned(4096)));
static uint8_t user_stack[4096] __attribute__((aligned(16)));

void bench_prepare(void)
{
    paging_on();
    page_directory(0)[WINDOW >> 22] = (uint32_t)window_table | 7;
    set_gate(14, gate_fault, 0);
    set_gate(0x81, gate_leave, 3);
    fault_window = WINDOW;
    fault_table = (uint32_t)window_table;
}

static void user(void)
{
    for (uint32_t page = 0; page < 1024; page++)
        *(volatile uint32_t *)(WINDOW + page * 4096) = page;
    __asm__ volatile("int $0x81");
}

uint32_t bench_work(uint32_t scale)
{
    while (scale--) {
        for (unsigned i = 0; i < 1024; i++)
            window_table[i] = 0;
        load_directory(page_directory(0));
        enter_user(user, (uint32_t)(user_stack + sizeof(user_stack) - 16));
    }
    return fault_count;
}

uint32_t bench_units(uint32_t scale)
{
    return scale * 1024;
}
