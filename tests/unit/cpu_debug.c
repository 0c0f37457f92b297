/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cpu_debug.c - breakpoints and single steps
 *
 * The #DB handler stores EIP, DR6 and the number of times it ran, and goes on with RF set.
 */
#include <criterion/criterion.h>

#include "tests/unit/cpu_lab.h"

GUEST(handler, "push %eax\n mov 4(%esp), %eax\n mov %eax, 0x40000\n mov %dr6, %eax\n"
               "mov %eax, 0x40004\n incl 0x40008\n xor %eax, %eax\n mov %eax, %dr6\n"
               "orl $0x10000, 12(%esp)\n andl $~0x100, 12(%esp)\n pop %eax\n iret");

/* Sets DR0 and DR7 from memory, then: at +0x40 nop nop, write, read, write beside, read beside. */
GUEST(program,
      LAB_TABLES "mov 0x3f40, %eax\n mov %eax, %dr0\n mov 0x3f44, %eax\n mov %eax, %dr7\n"
                 "jmp 1f\n .org guest_program + 0x40, 0x90\n 1: nop\n nop\n"
                 "movl $5, 0x40100\n mov 0x40100, %ecx\n movb $6, 0x40104\n"
                 "mov 0x40104, %edx\n mov 0x400fe, %ecx\n xor %eax, %eax\n mov %eax, %dr7\n"
                 "mov 0x40100, %ecx\n hlt");

static const struct {
    uint32_t dr0, dr7;
    uint8_t times;
    uint32_t eip; /* offset of the last one's return address */
} cases[] = {
    {LAB_CODE + 0x41, 0x00000002, 1, 0x41}, /* execution of the second nop */
    {LAB_CODE + 0x41, 0x00000001, 1, 0x41}, /* locally */
    {LAB_CODE + 0x41, 0x00000000, 0, 0},    /* not enabled */
    {0x40100, 0x000d0002, 1, 0x4c},         /* writes of four bytes */
    {0x40104, 0x00010002, 1, 0x59},         /* writes of one byte */
    {0x40105, 0x00010002, 0, 0},            /* beside it */
    {0x40100, 0x000f0002, 3, 0x65},         /* reads and writes of four bytes */
    {0x40103, 0x00030002, 3, 0x65},
};

static void go(struct lab *lab)
{
    lab_tables(lab);
    lab_load(lab, LAB_CODE, GUEST_CODE(program));
    lab_load(lab, 0x120000, GUEST_CODE(handler));
    lab_gate(lab, 1, LAB_CS0, 0x120000, 0x8e);
    cr_assert_eq(lab_go(lab), CPU_STOP_HALT, "%s", cpu_refusal(lab->cpu[0]));
    lab_check_cycles(lab, 0);
}

Test(cpu_debug, breakpoints)
{
    uint64_t without = 0;

    for (unsigned i = sizeof(cases) / sizeof(cases[0]); i-- > 0;) {
        struct lab lab;

        lab_open(&lab, 1, CPU_TIMING_UNIT, NULL);
        lab_write32(&lab, 0x3f40, cases[i].dr0);
        lab_write32(&lab, 0x3f44, cases[i].dr7);
        go(&lab);
        cr_assert_eq(lab_read32(&lab, 0x40008), cases[i].times, "case %u: %u times", i,
                     lab_read32(&lab, 0x40008));
        if (cases[i].times) {
            cr_assert_eq(lab_read32(&lab, 0x40000), LAB_CODE + cases[i].eip, "case %u: eip %x", i,
                         lab_read32(&lab, 0x40000));
            cr_assert_eq(lab_read32(&lab, 0x40004), 0xffff0ff1u, "case %u: dr6 %x", i,
                         lab_read32(&lab, 0x40004));
        }
        /* Each handling takes twelve instructions; nothing else may differ. */
        uint64_t count = lab_event(&lab, 0, CPU_instructions) - 12 * cases[i].times;

        cr_assert(!without || count == without, "case %u: %lu instructions", i,
                  (unsigned long)count);
        without = count;
        lab_close(&lab);
    }
}

GUEST(step, LAB_TABLES "pushf\n orl $0x100, (%esp)\n popf\n nop\n nop\n hlt");

Test(cpu_debug, single_step)
{
    struct lab lab;

    lab_open(&lab, 1, CPU_TIMING_UNIT, NULL);
    lab_tables(&lab);
    lab_load(&lab, LAB_CODE, GUEST_CODE(step));
    lab_load(&lab, 0x120000, GUEST_CODE(handler));
    lab_gate(&lab, 1, LAB_CS0, 0x120000, 0x8e);
    cr_assert_eq(lab_go(&lab), CPU_STOP_HALT);
    cr_assert_eq(lab_read32(&lab, 0x40008), 1);
    cr_assert_eq(lab_read32(&lab, 0x40000), LAB_CODE + (uint32_t)(guest_end_step - guest_step) - 2);
    cr_assert_eq(lab_read32(&lab, 0x40004) & 0x4000, 0x4000);
    lab_close(&lab);
}

/* A load of SS from a watched place: the trap waits for the instruction after it. */
GUEST(shadow,
      LAB_TABLES "mov %ss, %eax\n mov %eax, 0x40100\n mov $0x40100, %eax\n mov %eax, %dr0\n"
                 "mov $0x00030002, %eax\n mov %eax, %dr7\n mov 0x40100, %ss\n nop\n nop\n hlt");

Test(cpu_debug, stack_segment_load_holds_back_the_trap)
{
    struct lab lab;

    lab_open(&lab, 1, CPU_TIMING_UNIT, NULL);
    lab_tables(&lab);
    lab_load(&lab, LAB_CODE, GUEST_CODE(shadow));
    lab_load(&lab, 0x120000, GUEST_CODE(handler));
    lab_gate(&lab, 1, LAB_CS0, 0x120000, 0x8e);
    cr_assert_eq(lab_go(&lab), CPU_STOP_HALT);
    cr_assert_eq(lab_read32(&lab, 0x40008), 1);
    cr_assert_eq(lab_read32(&lab, 0x40000),
                 LAB_CODE + (uint32_t)(guest_end_shadow - guest_shadow) - 2);
    lab_close(&lab);
}
