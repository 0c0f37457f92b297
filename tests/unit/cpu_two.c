/* SPDX-License-Identifier: GPL-2.0-only */
/* cpu_two.c - two processors over one memory: start-up, interrupts, code written by the other */
#include <criterion/criterion.h>

#include "tests/unit/cpu_lab.h"

enum { QUANTUM = 500, START = 0x8000, COUNTER = 0x40000 };

/* Runs both in turn until the given word is set or the time is over. */
static void run_both(struct lab *lab, uint32_t done, uint64_t until)
{
    for (uint64_t now = QUANTUM; now < until && !lab_read32(lab, done); now += QUANTUM)
        for (unsigned i = 0; i < 2; i++) {
            enum cpu_stop stop;

            while (cpu_clock(lab->cpu[i]) < now) {
                stop = lab_run(lab->cpu[i], now);
                cr_assert(stop != CPU_STOP_REFUSED && stop != CPU_STOP_RESET, "%s",
                          cpu_refusal(lab->cpu[i]));
                if (stop == CPU_STOP_HALT || stop == CPU_STOP_PAUSE)
                    cpu_skip(lab->cpu[i], now);
            }
        }
    cr_assert(lab_read32(lab, done), "no end in sight");
    lab_check_cycles(lab, 0);
    lab_check_cycles(lab, 1);
}

/*
 * Processor 0 starts processor 1, which goes to protected mode by itself, then both add to words.
 */
GUEST(first, LAB_TABLES "movl $0, 0xfec00304\n movl $8, 0xfec00308\n"
                        "1: cmpl $0, 0x40004\n pause\n je 1b\n"
                        "mov $1000, %ecx\n 2: lock incl 0x40000\n dec %ecx\n jnz 2b\n"
                        "3: cmpl $2000, 0x40000\n pause\n jne 3b\n"
                        "mov 0xfec00020, %eax\n mov %eax, 0x40008\n movl $1, 0x4000c\n"
                        "4: pause\n jmp 4b\n");
GUEST16(second, "cli\n mov %cs, %ax\n mov %ax, %ds\n xor %ax, %ax\n mov %ax, %ds\n"
                "lgdtl 0x3f00\n mov %cr0, %eax\n or $1, %eax\n mov %eax, %cr0\n"
                "ljmpl $8, $0x9000\n");
GUEST(second32, "mov $0x10, %ax\n mov %ax, %ds\n mov %ax, %ss\n mov %ax, %es\n mov $0x60000, %esp\n"
                "movl $1, 0x40004\n"
                "mov $1000, %ecx\n 1: lock incl 0x40000\n dec %ecx\n jnz 1b\n"
                "mov 0xfec00020, %eax\n mov %eax, 0x40010\n"
                "cli\n hlt\n");

static void start_two(struct lab *lab)
{
    lab_open(lab, 2, CPU_TIMING_UNIT, NULL);
    lab_tables(lab);
    lab_load(lab, START, GUEST_CODE(second));
    lab_load(lab, 0x9000, GUEST_CODE(second32));
    cpu_start_protected(lab->cpu[0], LAB_CODE, 0, 0);
    cr_assert(cpu_waits_for_startup(lab->cpu[1]));
    cr_assert_eq(lab_run(lab->cpu[1], 10), CPU_STOP_HALT);
}

Test(cpu_two, starts_by_init_and_sipi_and_shares_memory)
{
    uint64_t clock[2][2];

    for (unsigned again = 0; again < 2; again++) {
        struct lab lab;

        start_two(&lab);
        lab_load(&lab, LAB_CODE, GUEST_CODE(first));
        run_both(&lab, 0x4000c, 200000);
        cr_assert_eq(lab_read32(&lab, COUNTER), 2000);
        cr_assert_eq(lab_read32(&lab, 0x40008), 0);
        cr_assert_eq(lab_read32(&lab, 0x40010), 1);
        for (unsigned i = 0; i < 2; i++)
            clock[again][i] = lab_event(&lab, i, CPU_instructions);
        lab_close(&lab);
    }
    cr_assert_arr_eq(clock[0], clock[1], sizeof(clock[0]), "two runs differ");
}

/* Processor 1 calls a function over and over while processor 0 rewrites the constant in it. */
GUEST(writer, LAB_TABLES "movl $0, 0xfec00304\n movl $8, 0xfec00308\n"
                         "mov $0, %ecx\n 1: inc %ecx\n mov %ecx, 0xa001\n"
                         "2: cmp %ecx, 0x40004\n pause\n jne 2b\n cmp $200, %ecx\n jne 1b\n"
                         "movl $1, 0x4000c\n 3: pause\n jmp 3b\n");
GUEST(reader, "mov $0x10, %ax\n mov %ax, %ds\n mov %ax, %ss\n mov $0x60000, %esp\n"
              "mov $0xa000, %ebx\n 1: call *%ebx\n mov %eax, 0x40004\n jmp 1b\n");
GUEST(function, "mov $0, %eax\n ret\n");

Test(cpu_two, code_written_by_the_other_processor_is_seen)
{
    struct lab lab;

    start_two(&lab);
    lab_load(&lab, LAB_CODE, GUEST_CODE(writer));
    lab_load(&lab, 0x9000, GUEST_CODE(reader));
    lab_load(&lab, 0xa000, GUEST_CODE(function));
    run_both(&lab, 0x4000c, 2000000);
    lab_close(&lab);
}

/* Each interrupt that processor 0 sends wakes processor 1, which answers with one. */
GUEST(caller, LAB_TABLES "movl $0, 0xfec00304\n movl $8, 0xfec00308\n sti\n"
                         "1: cmpl $0, 0x40004\n pause\n je 1b\n"
                         "movl $0x41, 0xfec00300\n"
                         "2: hlt\n jmp 2b\n");
GUEST(caller_handler, "incl 0x40014\n cmpl $100, 0x40014\n jne 1f\n movl $1, 0x4000c\n iret\n"
                      "1: movl $0x41, 0xfec00300\n iret\n");
GUEST(answerer, "mov $0x10, %ax\n mov %ax, %ds\n mov %ax, %ss\n mov %ax, %es\n mov $0x60000, %esp\n"
                "lidt 0x3f08\n movl $1, 0x40004\n sti\n 1: hlt\n jmp 1b\n");
GUEST(answerer_handler, "incl 0x40018\n movl $0x42, 0xfec00300\n iret\n");

Test(cpu_two, interrupt_each_other_out_of_halt)
{
    struct lab lab;

    start_two(&lab);
    lab_load(&lab, LAB_CODE, GUEST_CODE(caller));
    lab_load(&lab, 0x9000, GUEST_CODE(answerer));
    lab_load(&lab, 0xb000, GUEST_CODE(answerer_handler));
    lab_load(&lab, 0xb100, GUEST_CODE(caller_handler));
    lab_gate(&lab, 0x41, LAB_CS0, 0xb000, 0x8e);
    lab_gate(&lab, 0x42, LAB_CS0, 0xb100, 0x8e);
    run_both(&lab, 0x4000c, 2000000);
    cr_assert_eq(lab_read32(&lab, 0x40014), lab_read32(&lab, 0x40018));
    cr_assert_eq(cpu_delivered(lab.cpu[1], 0, 0x41), 100);
    lab_close(&lab);
}

/* A program that rewrites the instruction after next, in the block that runs. */
GUEST(self,
      "mov $0x100011, %esi\n movb $7, (%esi)\n nop\n nop\n nop\n nop\n nop\n mov $1, %eax\n hlt");

Test(cpu_two, code_that_rewrites_itself_ahead)
{
    struct lab lab;

    lab_open(&lab, 1, CPU_TIMING_UNIT, NULL);
    lab_load(&lab, LAB_CODE, GUEST_CODE(self));
    /* mov esi (5 bytes), movb (3), 5 nops, then b8 at 0xd: its constant is at 0xe. */
    lab.ram[LAB_CODE + 1] = 0x0e;
    cr_assert_eq(lab_go(&lab), CPU_STOP_HALT);
    cr_assert_eq(lab_reg(&lab, 0), 7);
    cr_assert_eq(lab_event(&lab, 0, CPU_instructions), 9);
    lab_check_cycles(&lab, 0);
    lab_close(&lab);
}

/* More code than the buffer holds: 60,000 blocks, thrice, through a buffer of 8 MB. */
Test(cpu_two, survives_a_full_code_buffer)
{
    enum { BLOCKS = 60000, AT = 0x200000 };
    struct lab lab;
    struct cpu_host_figures figures;

    lab_open_room(&lab, 1, 8 << 20);
    for (unsigned i = 0; i < BLOCKS; i++) /* inc eax; jmp to the next */
        memcpy(lab.ram + AT + 8 * i, "\x40\xe9\x02\0\0\0\x90\x90", 8);
    /* loop thrice: dec ecx; jnz AT; hlt */
    uint32_t end = AT + 8 * BLOCKS;

    memcpy(lab.ram + end, "\x49\x0f\x85", 3);
    lab_write32(&lab, end + 3, AT - (end + 7));
    lab.ram[end + 7] = 0xf4;
    memcpy(lab.ram + LAB_CODE, "\xb9\x03\0\0\0\xe9", 6);
    lab_write32(&lab, LAB_CODE + 6, AT - (LAB_CODE + 10));
    cr_assert_eq(lab_go(&lab), CPU_STOP_HALT);
    cr_assert_eq(lab_reg(&lab, 0), 3 * BLOCKS);
    cr_assert_eq(lab_event(&lab, 0, CPU_instructions), 2 + 3 * (2 * BLOCKS + 2) + 1);
    cpu_host_figures(lab.engine, &figures);
    cr_assert_geq(figures.code_flushes, 3);
    lab_close(&lab);
}
