/* SPDX-License-Identifier: GPL-2.0-only */
/* cpu_device.c - a device reads and writes memory beside a processor that caches it */
#include <criterion/criterion.h>
#include <string.h>

#include "cpu/costs/costs.h"
#include "tests/unit/cpu_lab.h"

enum { DATA = 0x200000, LINE = 64 };

static void open_full(struct lab *lab, struct machine_costs *costs)
{
    char why[200];

    cr_assert(costs_read(costs, "machines/xeon-2400.ini", why, sizeof(why)), "%s", why);
    lab_open(lab, 1, CPU_TIMING_FULL, costs);
}

static struct cpu_device_lines move(struct lab *lab, uint32_t physical, uint32_t bytes, bool write)
{
    struct cpu_device_lines lines = {0};

    cpu_device_access(lab->engine, physical, bytes, write, &lines);
    return lines;
}

GUEST(stores, "mov $0x200000, %ebx\n"
              "1: mov %ebx, (%ebx)\n mov %ebx, 4(%ebx)\n"
              "add $64, %ebx\n cmp $0x200400, %ebx\n jne 1b\n hlt\n");
GUEST(loads, "mov $0x200000, %ebx\n xor %eax, %eax\n"
             "1: add (%ebx), %eax\n add $64, %ebx\n cmp $0x200400, %ebx\n jne 1b\n hlt\n");

enum { LOADS = LAB_CODE + 0x1000 };

/* 16 lines are dirty. */
static void open_and_store(struct lab *lab, struct machine_costs *costs)
{
    open_full(lab, costs);
    lab_load(lab, LAB_CODE, GUEST_CODE(stores));
    lab_load(lab, LOADS, GUEST_CODE(loads));
    cr_assert_eq(lab_go(lab), CPU_STOP_HALT);
}

Test(cpu_device, what_it_reads_is_written_back_once)
{
    struct machine_costs costs;
    struct lab lab;

    open_and_store(&lab, &costs);

    uint64_t before = lab_event(&lab, 0, CPU_l2_writebacks), clock = cpu_clock(lab.cpu[0]);
    struct cpu_device_lines first = move(&lab, DATA, 16 * LINE, false);
    struct cpu_device_lines again = move(&lab, DATA + 1, 16 * LINE - 2, false);

    cr_expect_eq(first.moved, 16);
    cr_expect_eq(first.written_back, 16);
    cr_expect_eq(first.dropped, 0);
    cr_expect_eq(lab_event(&lab, 0, CPU_l2_writebacks), before + 16);
    cr_expect_eq(again.moved, 16);
    cr_expect_eq(again.written_back, 0);
    cr_expect_eq(cpu_clock(lab.cpu[0]), clock, "a transfer moves nobody's clock");
    cr_expect_eq(move(&lab, DATA + LINE - 1, 2, false).moved, 2);
    cr_expect_eq(move(&lab, DATA, 0, true).moved, 0);
    lab_check_cycles(&lab, 0);
    lab_close(&lab);
}

/* Lines that loads of these bring to the L2, after the device moved some of them or none. */
static uint64_t brought_after(bool device, bool write, uint32_t lines, uint64_t *waited)
{
    struct machine_costs costs;
    struct lab lab;

    open_and_store(&lab, &costs);
    if (device) {
        struct cpu_device_lines met = move(&lab, DATA, lines * LINE, write);

        cr_expect_eq(met.dropped, write ? lines : 0);
        cr_expect_eq(met.written_back, lines);
    }

    uint64_t before = lab_event(&lab, 0, CPU_l2_misses) + lab_event(&lab, 0, CPU_l2_prefetches);
    uint64_t clock = cpu_clock(lab.cpu[0]);

    cpu_start_protected(lab.cpu[0], LOADS, 0, 0);
    cr_assert_eq(lab_run(lab.cpu[0], UINT64_MAX), CPU_STOP_HALT, "%s", cpu_refusal(lab.cpu[0]));

    uint64_t brought =
        lab_event(&lab, 0, CPU_l2_misses) + lab_event(&lab, 0, CPU_l2_prefetches) - before;

    *waited = cpu_clock(lab.cpu[0]) - clock;
    lab_close(&lab);
    return brought;
}

Test(cpu_device, what_it_writes_leaves_the_caches)
{
    uint64_t alone, read, written;
    uint64_t none = brought_after(false, false, 0, &alone);
    uint64_t after_read = brought_after(true, false, 16, &read);
    uint64_t after_write = brought_after(true, true, 16, &written);

    cr_expect_eq(after_read, none, "%lu lines, %lu without a device", after_read, none);
    cr_expect_geq(after_write, none + 16, "%lu lines, %lu without a device", after_write, none);
    cr_expect_gt(read, alone, "the transfer held the bus: %lu cycles, %lu without it", read, alone);
    cr_expect_gt(written, alone);
}

/* Calls what is at 0x108000 in turn with a stop, in which a device writes it. */
GUEST(calls,
      "mov $0x90000, %esp\n 1: mov $0x108000, %eax\n call *%eax\n out %eax, $0x10\n jmp 1b\n");

static void device_writes_code(enum cpu_timing timing, bool sharing)
{
    struct machine_costs costs;
    struct lab lab;
    char why[200];
    struct cpu_device_lines lines = {0};

    cr_assert(costs_read(&costs, "machines/xeon-2400.ini", why, sizeof(why)), "%s", why);
    if (!sharing)
        lab_open_no_sharing(&lab, 1, timing, &costs);
    else
        lab_open(&lab, 1, timing, &costs);
    lab_load(&lab, LAB_CODE, GUEST_CODE(calls));
    cpu_start_protected(lab.cpu[0], LAB_CODE, 0, 0);
    for (uint32_t i = 1; i < 50; i++) {
        uint8_t code[6] = {0xb8, (uint8_t)i, 0, 0, 0, 0xc3}; /* mov $i, %eax; ret */

        cpu_device_access(lab.engine, 0x108000, sizeof(code), true, &lines);
        memcpy(lab.ram + 0x108000, code, sizeof(code));
        lab_run(lab.cpu[0], cpu_clock(lab.cpu[0]) + 20000);
        cr_assert_eq(lab.last_value, i, "the code that the device wrote over ran: %u, not %u",
                     lab.last_value, i);
    }
    cr_expect_eq(lines.dropped > 0, timing == CPU_TIMING_FULL);
    lab_close(&lab);
}

Test(cpu_device, code_that_it_writes_is_what_runs)
{
    for (int sharing = 0; sharing < 2; sharing++) {
        device_writes_code(CPU_TIMING_FAST, sharing);
        device_writes_code(CPU_TIMING_FULL, sharing);
    }
}
