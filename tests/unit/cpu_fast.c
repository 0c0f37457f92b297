/* SPDX-License-Identifier: GPL-2.0-only */
/* cpu_fast.c - costs by instruction class, in translated code and at faults */
#include <criterion/criterion.h>

#include "cpu/costs/costs.h"
#include "tests/unit/cpu_lab.h"

/* Costs that tell each contribution apart. */
static void distinct_costs(struct machine_costs *costs)
{
    memset(costs, 0, sizeof(*costs));
    costs->clock_hz = 1000000000;
    costs->issue_move = 8;
    costs->issue_alu = 16;
    costs->issue_branch = 24;
    costs->issue_multiply = 80;
    costs->issue_stack = 8;
    costs->cost_exception = 1000;
    costs->cost_iret_outer = 10000;
    costs->cost_tlb_walk = 50;
}

GUEST(sum, "mov $10, %ecx\n 1: add $3, %eax\n dec %ecx\n jnz 1b\n imul %eax, %eax\n hlt");

Test(cpu_fast, blocks_cost_the_sum_of_their_instructions)
{
    struct machine_costs costs;
    struct lab lab;

    distinct_costs(&costs);
    lab_open(&lab, 1, CPU_TIMING_FAST, &costs);
    lab_load(&lab, LAB_CODE, GUEST_CODE(sum));
    cr_assert_eq(lab_go(&lab), CPU_STOP_HALT, "%s", cpu_refusal(lab.cpu[0]));
    cr_assert_eq(lab_event(&lab, 0, CPU_instructions), 33);
    /* Ten times add, dec, jnz; mov; imul and a free hlt. */
    cr_assert_eq(cpu_clock(lab.cpu[0]), 10 * (2 + 2 + 3) + 1 + 10, "clock %lu",
                 (unsigned long)cpu_clock(lab.cpu[0]));
    lab_check_cycles(&lab, 0);
    lab_close(&lab);
}

/* The third instruction faults: the block's two first ones are paid, the imul behind is not. */
GUEST(fault,
      LAB_TABLES "pushl $0x43\n pushl $0x88000\n pushl $0x3202\n pushl $0x3b\n pushl $0x110000\n"
                 "iret");
GUEST(faulting, "add %eax, %eax\n mov $0x50, %ax\n mov %eax, %ds\n imul %eax, %eax\n jmp .");
GUEST(handler, "out %al, $0x22\n 1: jmp 1b");

Test(cpu_fast, what_lies_behind_a_fault_is_not_paid)
{
    struct machine_costs costs;
    struct lab lab;

    distinct_costs(&costs);
    lab_open(&lab, 1, CPU_TIMING_FAST, &costs);
    lab.port_cycles = 100000;
    lab_tables(&lab);
    lab_load(&lab, LAB_CODE, GUEST_CODE(fault));
    lab_load(&lab, 0x110000, GUEST_CODE(faulting));
    lab_load(&lab, 0x120000, GUEST_CODE(handler));
    lab_gate(&lab, 13, LAB_CS0, 0x120000, 0x8e);
    cpu_start_protected(lab.cpu[0], LAB_CODE, 0, 0);
    cr_assert_eq(lab_run(lab.cpu[0], 1000000), CPU_STOP_DEADLINE, "%s", cpu_refusal(lab.cpu[0]));
    cpu_settle(lab.cpu[0]);
    const uint64_t *outer = lab.tally[0][3].n, *inner = lab.tally[0][0].n;

    cr_assert_eq(outer[CPU_instructions], 2);
    cr_assert_eq(outer[CPU_cycles_issue], 2 + 1);
    cr_assert_eq(outer[CPU_cycles_crossing], 1000);
    cr_assert_eq(inner[CPU_cycles_crossing], 10000);
    cr_assert_eq(inner[CPU_cycles_control], 100000);
    lab_check_cycles(&lab, 0);
    lab_close(&lab);
}

/* What a later processor brought and the engine would run is #UD, after what precedes it. */
GUEST(later, LAB_TABLES "mov $0x200, %eax\n mov %eax, %cr4\n xor %ebx, %ebx\n inc %ebx\n"
                        "haddps %xmm1, %xmm0\n inc %ebx\n hlt");
GUEST(undefined, "mov %ebx, 0x40000\n hlt");

Test(cpu_fast, later_instructions_are_undefined)
{
    struct machine_costs costs;
    struct lab lab;

    distinct_costs(&costs);
    lab_open(&lab, 1, CPU_TIMING_FAST, &costs);
    lab_tables(&lab);
    lab_load(&lab, LAB_CODE, GUEST_CODE(later));
    lab_load(&lab, 0x120000, GUEST_CODE(undefined));
    lab_gate(&lab, 6, LAB_CS0, 0x120000, 0x8e);
    cr_assert_eq(lab_go(&lab), CPU_STOP_HALT, "%s", cpu_refusal(lab.cpu[0]));
    cr_assert_eq(lab_read32(&lab, 0x40000), 1);
    lab_check_cycles(&lab, 0);
    lab_close(&lab);
}

/* A context change in the middle of a block splits its cycles and instructions there. */
GUEST(context, "mov $0x4b580000, %ecx\n add %eax, %eax\n out %al, $0x80\n add %eax, %eax\n"
               "add %eax, %eax\n hlt");

Test(cpu_fast, folding_within_a_block_is_exact)
{
    struct machine_costs costs;
    struct lab lab;
    static struct cpu_tally other[4];

    distinct_costs(&costs);
    lab_open(&lab, 1, CPU_TIMING_FAST, &costs);
    lab.change_to = other;
    lab_load(&lab, LAB_CODE, GUEST_CODE(context));
    cr_assert_eq(lab_go(&lab), CPU_STOP_HALT);
    cpu_settle(lab.cpu[0]);
    cr_assert_eq(lab.tally[0][0].n[CPU_instructions], 3);
    cr_assert_eq(lab.tally[0][0].n[CPU_cycles_issue], 1 + 2);
    cr_assert_eq(other[0].n[CPU_instructions], 3);
    cr_assert_eq(other[0].n[CPU_cycles_issue], 4);
    lab_close(&lab);
}
