/* SPDX-License-Identifier: GPL-2.0-only */
/* cpu_watch.c - stops behind accesses: which, where, and that they change nothing */
#include <criterion/criterion.h>

#include "cpu/costs/costs.h"
#include "tests/unit/cpu_lab.h"

#define DATA 0x20000u

/* Five times: a word written, a word read, a byte behind both written. */
GUEST(touch,
      "mov $5, %ecx\n 1: mov %ecx, 0x20000\n mov 0x20004, %eax\n movb $1, 0x20008\n dec %ecx\n "
      "jnz 1b\n hlt");
enum {
    BEHIND_WRITE = LAB_CODE + 5 + 6,
    BEHIND_READ = BEHIND_WRITE + 5,
    BEHIND_BYTE = BEHIND_READ + 7
};

static void prepare(struct lab *lab, enum cpu_timing timing)
{
    static struct machine_costs costs;
    char why[256];

    cr_assert(costs_read(&costs, "machines/xeon-2400.ini", why, sizeof(why)), "%s", why);
    lab_open(lab, 1, timing, &costs);
    lab_load(lab, LAB_CODE, GUEST_CODE(touch));
    cpu_start_protected(lab->cpu[0], LAB_CODE, 0, 0);
}

/* Runs to the end; how often it stopped, always before `at`, for an access to `address`. */
static unsigned stops(struct lab *lab, uint32_t at, uint32_t address, bool writes)
{
    unsigned count = 0;

    while (cpu_run(lab->cpu[0], 100000) == CPU_STOP_WATCH) {
        struct cpu_registers r;
        bool written;

        cpu_registers(lab->cpu[0], &r);
        cr_expect_eq(r.eip, at, "at %x", r.eip);
        cr_expect_eq(cpu_watch_hit(lab->cpu[0], &written), address);
        cr_expect_eq(written, writes);
        count++;
    }
    return count;
}

Test(cpu_watch, writes_alone_or_reads_too)
{
    struct lab lab;

    prepare(&lab, CPU_TIMING_FAST);
    cr_assert(cpu_watch_set(lab.cpu[0], DATA, 4, false));
    cr_expect_eq(stops(&lab, BEHIND_WRITE, DATA, true), 5);
    lab_close(&lab);
    prepare(&lab, CPU_TIMING_FAST);
    cr_assert(cpu_watch_set(lab.cpu[0], DATA + 4, 4, false));
    cr_expect_eq(stops(&lab, 0, 0, true), 0, "it is only read");
    lab_close(&lab);
    prepare(&lab, CPU_TIMING_FAST);
    cr_assert(cpu_watch_set(lab.cpu[0], DATA + 4, 4, true));
    cr_expect_eq(stops(&lab, BEHIND_READ, DATA + 4, false), 5);
    lab_close(&lab);
}

Test(cpu_watch, every_byte_of_it_counts_and_none_beside)
{
    for (uint32_t at = DATA + 5; at <= DATA + 9; at++) {
        struct lab lab;

        prepare(&lab, CPU_TIMING_FAST);
        cr_assert(cpu_watch_set(lab.cpu[0], at, 3, false));
        cr_expect_eq(stops(&lab, BEHIND_BYTE, DATA + 8, true),
                     at >= DATA + 6 && at <= DATA + 8 ? 5 : 0, "3 bytes from %x on", at);
        lab_close(&lab);
    }
}

Test(cpu_watch, begins_and_ends_in_the_middle_of_a_run)
{
    struct lab lab;

    prepare(&lab, CPU_TIMING_FAST);
    cr_assert(cpu_break_set(lab.cpu[0], BEHIND_BYTE));
    cr_expect_eq(cpu_run(lab.cpu[0], 100000), CPU_STOP_BREAK); /* the page is in the TLB now */
    cpu_break_clear(lab.cpu[0], BEHIND_BYTE);
    cr_assert(cpu_watch_set(lab.cpu[0], DATA, 4, false));
    cr_expect_eq(cpu_run(lab.cpu[0], 100000), CPU_STOP_WATCH);
    cpu_watch_clear(lab.cpu[0], DATA);
    cr_expect_eq(cpu_run(lab.cpu[0], 100000), CPU_STOP_HALT);
    lab_close(&lab);
}

Test(cpu_watch, there_is_room_for_so_many)
{
    struct lab lab;

    prepare(&lab, CPU_TIMING_FAST);
    for (uint32_t i = 0; i < CPU_WATCHES; i++)
        cr_expect(cpu_watch_set(lab.cpu[0], 0x30000 + 8 * i, 4, false));
    cr_expect_not(cpu_watch_set(lab.cpu[0], DATA, 4, false));
    cr_expect_not(cpu_watch_set(lab.cpu[0], 0x30000, 0, false));
    cr_expect_eq(cpu_run(lab.cpu[0], 100000), CPU_STOP_HALT);
    lab_close(&lab);
}

Test(cpu_watch, nothing_is_counted_otherwise)
{
    static const enum cpu_timing timing[] = {CPU_TIMING_UNIT, CPU_TIMING_FAST, CPU_TIMING_FULL};

    for (unsigned i = 0; i < 3; i++) {
        uint64_t clock[2], events[2][CPU_NR_EVENTS];

        for (unsigned watched = 0; watched < 2; watched++) {
            struct lab lab;

            prepare(&lab, timing[i]);
            if (watched)
                cr_assert(cpu_watch_set(lab.cpu[0], DATA, 9, true));
            while (cpu_run(lab.cpu[0], 100000) == CPU_STOP_WATCH)
                ;
            clock[watched] = cpu_clock(lab.cpu[0]);
            for (enum cpu_event event = 0; event < CPU_NR_EVENTS; event++)
                events[watched][event] = lab_event(&lab, 0, event);
            lab_close(&lab);
        }
        cr_expect_eq(clock[0], clock[1]);
        cr_expect_arr_eq(events[0], events[1], sizeof(events[0]), "timing %u", i);
    }
}
