/* SPDX-License-Identifier: GPL-2.0-only */
/* cpu_masked.c - the longest time without a chance to take an interrupt */
#include <criterion/criterion.h>

#include "tests/unit/cpu_lab.h"

#define HANDLER_A 0x110000u
#define HANDLER_B 0x120000u

/* Boots at length, then runs ring 1, which asks for one service after the other. */
GUEST(program, LAB_TABLES "nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n"
                          "call 8f\n 8: pop %eax\n add $(9f - 8b), %eax\n"
                          "pushl $0x21\n pushl $0xa0000\n pushl $0x202\n pushl $0x19\n push %eax\n"
                          "iret\n 9: int $0x40\n nop\n nop\n nop\n nop\n nop\n int $0x41\n");
GUEST(service, "nop\n nop\n nop\n iret");
GUEST(end, "sti\n hlt");
GUEST(window, "nop\n sti\n nop\n cli\n nop\n nop\n sti\n hlt");
GUEST(no_window, "nop\n sti\n cli\n nop\n nop\n sti\n hlt");
GUEST(flags, "nop\n pushl $0x202\n popf\n nop\n cli\n nop\n sti\n hlt");
GUEST(long_end, "nop\n nop\n nop\n nop\n nop\n 1: jmp 1b");

static void run(struct lab *lab, const uint8_t *last, size_t bytes)
{
    lab_open(lab, 1, CPU_TIMING_UNIT, NULL);
    lab_tables(lab);
    lab_gate(lab, 0x40, LAB_CS0, HANDLER_A, 0xae);
    lab_gate(lab, 0x41, LAB_CS0, HANDLER_B, 0xae);
    lab_load(lab, LAB_CODE, GUEST_CODE(program));
    lab_load(lab, HANDLER_A, GUEST_CODE(service));
    lab_load(lab, HANDLER_B, last, bytes);
    lab_go(lab);
}

static uint64_t longest(const uint8_t *last, size_t bytes)
{
    struct lab lab;
    uint64_t result;

    run(&lab, last, bytes);
    cr_assert(cpu_halted(lab.cpu[0]));
    result = cpu_longest_masked(lab.cpu[0], true);
    cr_assert_eq(cpu_longest_masked(lab.cpu[0], false), result, "nothing is unfinished");
    lab_close(&lab);
    return result;
}

Test(cpu_masked, lasts_from_the_delivery_to_the_return)
{
    cr_assert_eq(longest(GUEST_CODE(end)), 4, "nop nop nop iret; neither boot nor ring 1");
}

Test(cpu_masked, a_window_ends_it)
{
    cr_assert_eq(longest(GUEST_CODE(window)), 4);
}

Test(cpu_masked, cli_in_the_shadow_of_sti_is_no_window)
{
    cr_assert_eq(longest(GUEST_CODE(no_window)), 6);
}

Test(cpu_masked, popf_opens_a_window_too)
{
    cr_assert_eq(longest(GUEST_CODE(flags)), 4);
}

Test(cpu_masked, what_is_not_over_counts_if_wanted)
{
    struct lab lab;
    uint64_t clock;

    run(&lab, GUEST_CODE(long_end));
    cr_assert_eq(cpu_longest_masked(lab.cpu[0], false), 4);
    clock = cpu_clock(lab.cpu[0]);
    cr_assert_gt(cpu_longest_masked(lab.cpu[0], true), clock / 2);
    cr_assert_lt(cpu_longest_masked(lab.cpu[0], true), clock);
    lab_close(&lab);
}
