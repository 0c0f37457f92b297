/* SPDX-License-Identifier: GPL-2.0-only */
/* cpu_basic.c - counting, stopping, ports, devices, MSRs, CPUID */
#include <criterion/criterion.h>

#include "tests/unit/cpu_lab.h"

GUEST(loop, "mov $10, %ecx\n 1: dec %ecx\n jnz 1b\n hlt");

Test(cpu_basic, counts_instructions_exactly)
{
    struct lab lab;

    lab_open(&lab, 1, CPU_TIMING_UNIT, NULL);
    lab_load(&lab, LAB_CODE, GUEST_CODE(loop));
    cr_assert_eq(lab_go(&lab), CPU_STOP_HALT);
    cr_assert_eq(lab_event(&lab, 0, CPU_instructions), 1 + 2 * 10 + 1);
    cr_assert_eq(cpu_clock(lab.cpu[0]), 22);
    lab_check_cycles(&lab, 0);
    lab_close(&lab);
}

Test(cpu_basic, stops_before_the_block_at_the_deadline)
{
    struct lab lab;
    struct cpu_registers r;

    lab_open(&lab, 1, CPU_TIMING_UNIT, NULL);
    lab_load(&lab, LAB_CODE, GUEST_CODE(loop));
    cpu_start_protected(lab.cpu[0], LAB_CODE, 0, 0);
    /* Blocks: mov dec jnz (3), then dec jnz (2) each. */
    cr_assert_eq(lab_run(lab.cpu[0], 4), CPU_STOP_DEADLINE);
    cr_assert_eq(cpu_clock(lab.cpu[0]), 5);
    cpu_registers(lab.cpu[0], &r);
    cr_assert_eq(r.gpr[1], 8);
    cr_assert_eq(r.eip, LAB_CODE + 5);
    cr_assert_eq(lab_run(lab.cpu[0], 5), CPU_STOP_DEADLINE);
    cr_assert_eq(cpu_clock(lab.cpu[0]), 5);
    cr_assert_eq(lab_run(lab.cpu[0], 1000), CPU_STOP_HALT);
    cr_assert_eq(cpu_clock(lab.cpu[0]), 22);
    cpu_skip(lab.cpu[0], 100);
    cr_assert_eq(cpu_clock(lab.cpu[0]), 100);
    lab_check_cycles(&lab, 0);
    lab_close(&lab);
}

GUEST(devices, "mov $0x1234, %eax\n out %eax, $0x80\n nop\n in $0x40, %eax\n mov %eax, %esi\n"
               "mov 0xfec00010, %edi\n movl $0xabcd, 0xfec00104\n mov 0xf0000000, %ebp\n hlt");

Test(cpu_basic, reaches_ports_and_devices)
{
    struct lab lab;

    lab_open(&lab, 1, CPU_TIMING_UNIT, NULL);
    lab.port_answer = 0x5a5a1111;
    lab_load(&lab, LAB_CODE, GUEST_CODE(devices));
    cr_assert_eq(lab_go(&lab), CPU_STOP_HALT, "%s", cpu_refusal(lab.cpu[0]));
    cr_assert_eq(lab.last_port, 0x40);
    cr_assert_eq(lab.last_value, 0x1234);
    cr_assert_eq(lab.port_clock, 4, "clock %lu", (unsigned long)lab.port_clock);
    cr_assert_eq(lab_reg(&lab, 6), 0x5a5a1111);
    cr_assert_eq(lab_reg(&lab, 7), 0x600d0010);
    cr_assert_eq(lab.last_device_value, 0xabcd);
    cr_assert_eq(lab_reg(&lab, 5), 0xffffffff);
    cr_assert_eq(lab_event(&lab, 0, CPU_io_accesses), 2);
    cr_assert_eq(lab_event(&lab, 0, CPU_mmio_accesses), 2);
    cr_assert_eq(cpu_clock(lab.cpu[0]), 9);
    lab_close(&lab);
}

GUEST(registers, "rdtsc\n mov %eax, %ebp\n mov $0x1b, %ecx\n mov $0x77, %eax\n xor %edx, %edx\n"
                 "wrmsr\n xor %eax, %eax\n rdmsr\n mov %eax, %edi\n"
                 "mov $0x40000001, %eax\n mov $5, %ecx\n cpuid\n mov %ebx, %esi\n"
                 "rdtsc\n mov %eax, %ebx\n hlt");

Test(cpu_basic, knows_msrs_cpuid_and_time)
{
    struct lab lab;

    lab_open(&lab, 1, CPU_TIMING_UNIT, NULL);
    lab_load(&lab, LAB_CODE, GUEST_CODE(registers));
    cr_assert_eq(lab_go(&lab), CPU_STOP_HALT);
    cr_assert_eq(lab_reg(&lab, 5), 1);
    cr_assert_eq(lab_reg(&lab, 7), 0x77);
    cr_assert_eq(lab.announced[0], 0x40000001);
    cr_assert_eq(lab.announced[1], 5);
    cr_assert_eq(lab_reg(&lab, 6), 0x11223344);
    cr_assert_eq(lab_reg(&lab, 3), 13, "the announcement costs nothing; tsc %u", lab_reg(&lab, 3));
    lab_check_cycles(&lab, 0);
    lab_close(&lab);
}
