/* SPDX-License-Identifier: GPL-2.0-only */
/* cpu_step.c - steps, breakpoints and writes of registers: where they stop, and that they change
 * nothing */
#include <criterion/criterion.h>

#include "tests/unit/cpu_lab.h"

/* Blocks: mov..jnz (4), add..jnz (3) four times, out..hlt. */
GUEST(loop, "mov $5, %ecx\n 1: add $3, %eax\n dec %ecx\n jnz 1b\n out %eax, $0x21\n nop\n hlt");
enum { LOOP_ADD = LAB_CODE + 5, LOOP_DEC = LAB_CODE + 8, LOOP_NOP = LAB_CODE + 13 };

static void prepare(struct lab *lab)
{
    lab_open(lab, 1, CPU_TIMING_UNIT, NULL);
    lab_load(lab, LAB_CODE, GUEST_CODE(loop));
    cpu_start_protected(lab->cpu[0], LAB_CODE, 0, 0);
}

static uint32_t eip(struct lab *lab)
{
    struct cpu_registers r;

    cpu_registers(lab->cpu[0], &r);
    return r.eip;
}

Test(cpu_step, a_step_is_one_instruction)
{
    static const uint32_t path[] = {LOOP_ADD, LOOP_DEC, LAB_CODE + 9, LOOP_ADD, LOOP_DEC};
    struct lab lab;

    prepare(&lab);
    for (unsigned i = 0; i < sizeof(path) / sizeof(*path); i++) {
        uint64_t left = 1;

        cr_expect_eq(cpu_step(lab.cpu[0], 1000, &left), CPU_STOP_STEP);
        cr_expect_eq(left, 0);
        cr_expect_eq(eip(&lab), path[i], "step %u is at %x", i, eip(&lab));
        cr_expect_eq(cpu_clock(lab.cpu[0]), i + 1);
        cr_expect_eq(lab_event(&lab, 0, CPU_instructions), i + 1);
    }
    cr_expect(cpu_within_block(lab.cpu[0]));
    lab_close(&lab);
}

Test(cpu_step, what_is_left_of_the_steps_is_returned)
{
    uint64_t left = 100;
    struct lab lab;

    prepare(&lab);
    cr_expect_eq(cpu_step(lab.cpu[0], 1000, &left), CPU_STOP_HALT);
    cr_expect_eq(left, 100 - 19);
    cr_expect_eq(cpu_clock(lab.cpu[0]), 19);
    lab_close(&lab);
}

Test(cpu_step, a_block_that_has_begun_is_finished_beyond_the_deadline)
{
    uint64_t left = 2;
    struct lab lab;

    prepare(&lab);
    cr_expect_eq(cpu_step(lab.cpu[0], 1000, &left), CPU_STOP_STEP);
    cr_expect_eq(cpu_run(lab.cpu[0], 1), CPU_STOP_DEADLINE);
    cr_expect_eq(cpu_clock(lab.cpu[0]), 4);
    cr_expect_eq(eip(&lab), LOOP_ADD);
    lab_close(&lab);
}

/* The port's callback lowers the deadline within a block that is stepped through. */
GUEST(lowers, "mov $1, %ebx\n out %eax, $0x22\n inc %ebx\n 1: inc %ebx\n jmp 1b");

Test(cpu_step, a_lowered_deadline_holds_until_the_run_ends)
{
    uint64_t ends[2];

    for (unsigned stepped = 0; stepped < 2; stepped++) {
        enum cpu_stop stop = CPU_STOP_STEP;
        struct lab lab;

        lab_open(&lab, 1, CPU_TIMING_UNIT, NULL);
        lab_load(&lab, LAB_CODE, GUEST_CODE(lowers));
        cpu_start_protected(lab.cpu[0], LAB_CODE, 0, 0);
        while (stop == CPU_STOP_STEP) {
            uint64_t left = stepped ? 1 : 1000;

            stop = cpu_step(lab.cpu[0], 500, &left);
        }
        ends[stepped] = cpu_clock(lab.cpu[0]);
        cr_expect_eq(stop, CPU_STOP_DEADLINE);
        cr_expect_eq(cpu_run(lab.cpu[0], 600), CPU_STOP_DEADLINE);
        cr_expect_geq(cpu_clock(lab.cpu[0]), 600, "the next run still had the lowered deadline");
        lab_close(&lab);
    }
    cr_expect_lt(ends[0], 500);
    cr_expect_eq(ends[1], ends[0], "%lu cycles unstepped, %lu stepped", ends[0], ends[1]);
}

Test(cpu_step, a_breakpoint_stops_each_time_it_is_reached)
{
    struct lab lab;

    prepare(&lab);
    cr_assert(cpu_break_set(lab.cpu[0], LOOP_DEC));
    for (unsigned i = 0; i < 5; i++) {
        cr_expect_eq(cpu_run(lab.cpu[0], 1000), CPU_STOP_BREAK);
        cr_expect_eq(eip(&lab), LOOP_DEC);
        cr_expect_eq(lab_reg(&lab, 1), 5 - i);
        cr_expect_eq(cpu_clock(lab.cpu[0]), 2 + 3 * i);
    }
    cr_expect_eq(cpu_run(lab.cpu[0], 1000), CPU_STOP_HALT);
    cr_expect_eq(cpu_clock(lab.cpu[0]), 19);
    lab_close(&lab);
}

Test(cpu_step, a_cleared_breakpoint_stops_no_more)
{
    struct lab lab;

    prepare(&lab);
    cr_assert(cpu_break_set(lab.cpu[0], LOOP_ADD));
    cr_expect_eq(cpu_run(lab.cpu[0], 1000), CPU_STOP_BREAK);
    cpu_break_clear(lab.cpu[0], LOOP_ADD);
    cr_expect_eq(cpu_run(lab.cpu[0], 1000), CPU_STOP_HALT);
    cr_expect_eq(lab_reg(&lab, 0), 15);
    lab_close(&lab);
}

Test(cpu_step, there_is_room_for_so_many_breakpoints)
{
    struct lab lab;

    prepare(&lab);
    for (uint32_t i = 0; i < CPU_BREAKPOINTS; i++)
        cr_assert(cpu_break_set(lab.cpu[0], i));
    cr_expect(cpu_break_set(lab.cpu[0], 3), "one that is there needs no room");
    cr_expect_not(cpu_break_set(lab.cpu[0], 0x1000));
    cpu_break_clear(lab.cpu[0], 7);
    cr_expect(cpu_break_set(lab.cpu[0], 0x1000));
    lab_close(&lab);
}

static bool is_dec(void *owner, unsigned cpu, const struct cpu_place *place)
{
    unsigned *looks = owner;

    cr_expect_eq(cpu, 0);
    cr_expect_eq(place->ring, 0);
    ++*looks;
    return place->pc == LOOP_DEC && *looks > 4;
}

/* Who looks sees every instruction, may stop there, and changes nothing. */
Test(cpu_step, who_looks_at_each_instruction_may_stop_there)
{
    unsigned looks = 0;
    struct lab lab;

    prepare(&lab);
    cpu_look(lab.cpu[0], is_dec, &looks);
    cr_expect_eq(cpu_run(lab.cpu[0], 1000), CPU_STOP_LOOK);
    cr_expect_eq(eip(&lab), LOOP_DEC);
    cr_expect_geq(looks, 5);
    cpu_look(lab.cpu[0], NULL, NULL);
    cr_expect_eq(cpu_run(lab.cpu[0], 1000), CPU_STOP_HALT);
    cr_expect_eq(cpu_clock(lab.cpu[0]), 19);
    lab_close(&lab);
}

/* ---- writes of registers --------------------------------------------------------------------- */

Test(cpu_step, general_registers_and_eip_are_written)
{
    struct lab lab;

    prepare(&lab);
    cpu_write_general(lab.cpu[0], 0, 0x1234);
    cpu_write_eip(lab.cpu[0], LOOP_NOP);
    cr_expect_eq(cpu_run(lab.cpu[0], 1000), CPU_STOP_HALT);
    cr_expect_eq(lab_reg(&lab, 0), 0x1234);
    cr_expect_eq(cpu_clock(lab.cpu[0]), 2);
    lab_close(&lab);
}

Test(cpu_step, eip_written_within_a_block_takes_back_what_does_not_run)
{
    uint64_t left = 2;
    struct lab lab;

    prepare(&lab);
    cr_expect_eq(cpu_step(lab.cpu[0], 1000, &left), CPU_STOP_STEP);
    cpu_write_eip(lab.cpu[0], LOOP_NOP);
    cr_expect_not(cpu_within_block(lab.cpu[0]));
    cr_expect_eq(cpu_run(lab.cpu[0], 1000), CPU_STOP_HALT);
    cr_expect_eq(cpu_clock(lab.cpu[0]), 4);
    cr_expect_eq(lab_event(&lab, 0, CPU_instructions), 4);
    lab_check_cycles(&lab, 0);
    lab_close(&lab);
}

Test(cpu_step, what_the_processor_would_refuse_is_refused)
{
    struct cpu_registers before, after;
    struct lab lab;

    prepare(&lab);
    cpu_registers(lab.cpu[0], &before);
    cr_expect_not(cpu_write_eflags(lab.cpu[0], 1u << 22), "a reserved flag");
    cr_expect_not(cpu_write_control(lab.cpu[0], 0, 1u << 31), "paging without protection");
    cr_expect_not(cpu_write_control(lab.cpu[0], 4, 1u << 30), "a reserved bit");
    cr_expect_not(cpu_write_control(lab.cpu[0], 1, 0), "there is no CR1");
    cr_expect_not(cpu_write_segment(lab.cpu[0], 1, 0), "no code in a null segment");
    cr_expect_not(cpu_write_segment(lab.cpu[0], 3, 0xfff8), "beyond the table");
    cr_expect_not(cpu_write_segment(lab.cpu[0], 6, 0x10), "there are six segments");
    cpu_registers(lab.cpu[0], &after);
    cr_expect(!memcmp(&before, &after, sizeof(before)), "and nothing has changed");
    lab_close(&lab);
}

GUEST(tables, LAB_TABLES "1: jmp 1b");

Test(cpu_step, flags_segments_and_control_registers_are_written)
{
    struct cpu_registers r;
    uint64_t left = 5;
    struct lab lab;

    lab_open(&lab, 1, CPU_TIMING_UNIT, NULL);
    lab_tables(&lab);
    lab_load(&lab, LAB_CODE, GUEST_CODE(tables));
    cpu_start_protected(lab.cpu[0], LAB_CODE, 0, 0);
    cr_assert_eq(cpu_step(lab.cpu[0], 1000, &left), CPU_STOP_STEP);
    cr_expect(cpu_write_eflags(lab.cpu[0], 0x41));
    cr_expect(cpu_write_segment(lab.cpu[0], 3, LAB_DS3));
    cr_expect(cpu_write_control(lab.cpu[0], 2, 0xabcd));
    cr_expect(cpu_write_control(lab.cpu[0], 3, 0x5000));
    cpu_registers(lab.cpu[0], &r);
    cr_expect_eq(r.eflags, 0x43);
    cr_expect_eq(r.selector[3], LAB_DS3);
    cr_expect_eq(r.cr2, 0xabcd);
    cr_expect_eq(r.cr3, 0x5000);
    lab_close(&lab);
}
