/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cpu_paging.c - paging on the running processor
 *
 * The page tables map the first 4 MB onto themselves for all rings, and 4 MB to 6 MB by a table at
 * PT2 that tests fill. The #PF and #GP handlers store what they find and end the run.
 */
#include <criterion/criterion.h>

#include "tests/unit/cpu_lab.h"

enum { ROOT = 0x10000, PD = 0x11000, PT2 = 0x12000, CODE = 0x110000, WINDOW = 0x400000 };
enum { FRAME = 0x3f20, STACK = 0x88000 };

GUEST(enter, LAB_TABLES "mov $0x20, %eax\n mov %eax, %cr4\n mov $0x10000, %eax\n mov %eax, %cr3\n"
                        "mov $0xc0000080, %ecx\n mov $0x800, %eax\n xor %edx, %edx\n wrmsr\n"
                        "mov $0x80010011, %eax\n mov %eax, %cr0\n xor %edx, %edx\n"
                        "mov $0x43, %eax\n mov %eax, %ds\n mov %eax, %es\n" /* kept in all rings */
                        "pushl 0x3f20\n pushl 0x3f24\n pushl 0x3f28\n pushl 0x3f2c\n pushl 0x3f30\n"
                        "iret");
/* Stores vector-specific word, error code, CR2 and EIP; skips the code by continuing at ESI. */
GUEST(fault_pf,
      "pop %eax\n mov %eax, 0x40000\n mov %cr2, %eax\n mov %eax, 0x40004\n"
      "mov (%esp), %eax\n mov %eax, 0x40008\n incl 0x4000c\n"
      "test %esi, %esi\n jz 1f\n mov %esi, (%esp)\n iret\n 1: out %al, $0x22\n 2: jmp 2b");
GUEST(fault_gp,
      "pop %eax\n mov %eax, 0x40010\n mov (%esp), %eax\n mov %eax, 0x40018\n"
      "incl 0x4001c\n"
      "test %esi, %esi\n jz 1f\n mov %esi, (%esp)\n iret\n 1: out %al, $0x22\n 2: jmp 2b");

static void prepare(struct lab *lab, unsigned ring)
{
    static const uint16_t cs[] = {LAB_CS0, LAB_CS1, LAB_CS2, LAB_CS3};
    static const uint16_t ds[] = {LAB_DS0, LAB_DS1, LAB_DS2, LAB_DS3};
    const uint32_t frame[] = {ds[ring], STACK, 0x3202, cs[ring], CODE};

    lab_open(lab, 1, CPU_TIMING_UNIT, NULL);
    lab_tables(lab);
    lab_load(lab, LAB_CODE, GUEST_CODE(enter));
    lab_load(lab, 0x130000, GUEST_CODE(fault_pf));
    lab_load(lab, 0x131000, GUEST_CODE(fault_gp));
    lab_gate(lab, 14, LAB_CS0, 0x130000, 0x8e);
    lab_gate(lab, 13, LAB_CS0, 0x131000, 0x8e);
    memcpy(lab->ram + FRAME, frame, sizeof(frame));
    lab_write64(lab, ROOT, PD | 1);
    lab_write64(lab, PD, 0x000000 | 0xe7);
    lab_write64(lab, PD + 8, 0x200000 | 0xe7);
    lab_write64(lab, PD + 16, PT2 | 7);
}

static void go(struct lab *lab)
{
    cpu_start_protected(lab->cpu[0], LAB_CODE, 0, 0);
    enum cpu_stop stop = lab_run(lab->cpu[0], 100000);

    cr_assert_eq(stop, CPU_STOP_DEADLINE, "%s", cpu_refusal(lab->cpu[0]));
    cr_assert_eq(lab->last_port, 0x22);
    lab_check_cycles(lab, 0);
}

/* Reads the window, writes it, jumps into it. */
GUEST(touch, "mov $0x110040, %esi\n mov 0x400123, %eax\n .org guest_touch + 0x40, 0x90\n"
             "mov $0x110080, %esi\n movl $1, 0x400456\n .org guest_touch + 0x80, 0x90\n"
             "xor %esi, %esi\n mov $0x400800, %eax\n jmp *%eax\n");

Test(cpu_paging, faults_report_code_address_and_instruction)
{
    static const struct {
        uint8_t ring;
        uint64_t entry;
        uint8_t faults, code;
        uint32_t address, eip;
    } cases[] = {
        {0, 0, 3, 0x10, 0x400800, 0x400800},
        {3, 0, 3, 0x14, 0x400800, 0x400800},
        {1, 0, 3, 0x10, 0x400800, 0x400800},
        {3, 0x300000 | 1, 3, 0x15, 0x400800, 0x400800},
        {3, 0x300000 | 5, 1, 0x07, 0x400456, CODE + 0x45},
        {1, 0x300000 | 1, 1, 0x03, 0x400456, CODE + 0x45},
        {0, 0x300000 | 1, 1, 0x03, 0x400456, CODE + 0x45},
        {3, 0x300000 | 7 | UINT64_C(1) << 63, 1, 0x15, 0x400800, 0x400800},
        {0, 0x300000 | 3 | UINT64_C(1) << 40, 3, 0x19, 0x400800, 0x400800},
    };

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lab lab;

        prepare(&lab, cases[i].ring);
        lab_load(&lab, CODE, GUEST_CODE(touch));
        lab_load(&lab, 0x300800, (const uint8_t *)"\xe6\x22\xeb\xfe", 4);
        lab_write64(&lab, PT2, cases[i].entry);
        go(&lab);
        cr_assert_eq(lab_read32(&lab, 0x4000c), cases[i].faults, "case %u: %u faults", i,
                     lab_read32(&lab, 0x4000c));
        cr_assert_eq(lab_read32(&lab, 0x40000), cases[i].code, "case %u: code %x", i,
                     lab_read32(&lab, 0x40000));
        cr_assert_eq(lab_read32(&lab, 0x40004), cases[i].address, "case %u", i);
        cr_assert_eq(lab_read32(&lab, 0x40008), cases[i].eip, "case %u: eip %x", i,
                     lab_read32(&lab, 0x40008));
        cr_assert_eq(lab_event(&lab, 0, CPU_page_faults), cases[i].faults);
        lab_close(&lab);
    }
}

/* ins to a page that is not there: without the port #GP, with it #PF. */
Test(cpu_paging, ports_are_checked_before_the_destination_of_ins)
{
    for (unsigned iopl = 0; iopl < 4; iopl += 3) {
        struct lab lab;

        prepare(&lab, 3);
        lab_write32(&lab, FRAME + 8, 0x202 | iopl << 12);
        /* xor esi, esi; mov edi, 0x400000; rep insl */
        lab_load(&lab, CODE, (const uint8_t *)"\x31\xf6\xbf\0\0\x40\0\xb1\1\xf3\x6d", 11);
        go(&lab);
        cr_assert_eq(lab_read32(&lab, 0x4000c), iopl == 3, "IOPL %u", iopl);
        cr_assert_eq(lab_read32(&lab, 0x4001c), iopl == 0, "IOPL %u", iopl);
        cr_assert_eq(lab_read32(&lab, iopl ? 0x40008 : 0x40018), CODE + 9u);
        lab_close(&lab);
    }
}

/* Two stores to a page that is not there: the first half of the second must not be written. */
GUEST(straddle, "xor %esi, %esi\n movl $0x11223344, 0x400ffe\n");

Test(cpu_paging, a_store_across_pages_is_all_or_nothing)
{
    struct lab lab;

    prepare(&lab, 3);
    lab_load(&lab, CODE, GUEST_CODE(straddle));
    lab_write64(&lab, PT2, 0x300000 | 7);
    go(&lab);
    cr_assert_eq(lab_read32(&lab, 0x40004), 0x401000);
    cr_assert_eq(lab_read32(&lab, 0x300ffe), 0);
    lab_close(&lab);
}

/* A copy runs into a page that is not there: what was copied stays, and the registers say how far
 * it got, so that it can go on after the page has come. */
GUEST(copy, "cld\n mov $0x3f20, %esi\n mov $0x400ff8, %edi\n mov $5, %ecx\n xor %ebp, %ebp\n"
            "rep movsl\n out %al, $0x22\n 1: jmp 1b");
GUEST(copy_fault, "incl 0x4000c\n mov %ecx, 0x40000\n mov %edi, 0x40004\n movl $0x302007, 0x12008\n"
                  "add $4, %esp\n iret");

Test(cpu_paging, a_faulting_copy_goes_on_where_it_stopped)
{
    struct lab lab;

    prepare(&lab, 3);
    lab_load(&lab, CODE, GUEST_CODE(copy));
    lab_load(&lab, 0x130000, GUEST_CODE(copy_fault));
    lab_write64(&lab, PT2, 0x301000 | 7);
    go(&lab);
    cr_assert_eq(lab_read32(&lab, 0x4000c), 1);
    cr_assert_eq(lab_read32(&lab, 0x40000), 3);
    cr_assert_eq(lab_read32(&lab, 0x40004), 0x401000);
    cr_assert_arr_eq(lab.ram + 0x301ff8, lab.ram + FRAME, 8);
    cr_assert_arr_eq(lab.ram + 0x302000, lab.ram + FRAME + 8, 12);
    /* cld .. xor: 5; five copies and the look at a count of zero: 6; out and the jump behind it. */
    cr_assert_eq(lab.tally[0][3].n[CPU_instructions], 5 + 6 + 2, "%lu instructions",
                 (unsigned long)lab.tally[0][3].n[CPU_instructions]);
    lab_close(&lab);
}

/* The outer limit at 5 MB: rings 1 and 3 get #GP(0) there, ring 0 does not. */
GUEST(limit, "mov $0x110040, %esi\n mov 0x500010, %eax\n .org guest_limit + 0x40, 0x90\n"
             "mov $0x110080, %esi\n movl $1, 0x500010\n .org guest_limit + 0x80, 0x90\n"
             "mov $0x1100c0, %esi\n mov 0x4ffffe, %eax\n .org guest_limit + 0xc0, 0x90\n"
             "xor %esi, %esi\n mov $0x500800, %eax\n jmp *%eax\n");

Test(cpu_paging, outer_rings_stay_below_their_limit)
{
    static const uint8_t rings[] = {0, 1, 2, 3};

    for (unsigned i = 0; i < 4; i++) {
        struct lab lab;

        prepare(&lab, rings[i]);
        lab_load(&lab, CODE, GUEST_CODE(limit));
        lab_load(&lab, 0x300800, (const uint8_t *)"\xe6\x22\xeb\xfe", 4);
        lab_write64(&lab, PT2 + 8 * 0x100, 0x300000 | 7);
        lab_write64(&lab, PT2 + 8 * 0xff, 0x301000 | 7);
        cpu_outer_limit(lab.cpu[0], 0x500000);
        go(&lab);
        cr_assert_eq(lab_read32(&lab, 0x4001c), rings[i] ? 4 : 0, "ring %u: %u faults", rings[i],
                     lab_read32(&lab, 0x4001c));
        cr_assert_eq(lab_read32(&lab, 0x40010), 0);
        if (rings[i])
            cr_assert_eq(lab_read32(&lab, 0x40018), 0x500800);
        cr_assert_eq(lab_read32(&lab, 0x300010), rings[i] ? 0 : 1);
        cr_assert_eq(lab_event(&lab, 0, CPU_page_faults), 0);
        lab_close(&lab);
    }
}

/* The same after ring 0 touched the page with EFLAGS.AC set, which shares a translation mode. */
GUEST(ac, "pushf\n orl $0x40000, (%esp)\n popf\n mov 0x500010, %eax\n mov 0x3f20, %eax\n"
          "pushl $0x21\n pushl $0x87000\n pushl $0x43202\n pushl $0x19\n pushl $0x110080\n iret\n"
          ".org guest_ac + 0x80, 0x90\n xor %esi, %esi\n mov 0x500010, %eax\n");

Test(cpu_paging, outer_limit_holds_after_ring_0_with_alignment_checks)
{
    struct lab lab;

    prepare(&lab, 0);
    lab_load(&lab, CODE, GUEST_CODE(ac));
    lab_write64(&lab, PT2 + 8 * 0x100, 0x300000 | 7);
    cpu_outer_limit(lab.cpu[0], 0x500000);
    go(&lab);
    cr_assert_eq(lab_read32(&lab, 0x4001c), 1);
    cr_assert_eq(lab_read32(&lab, 0x40018), CODE + 0x82u);
    lab_close(&lab);
}

/* Ring 1 loads a segment although the GDT lies beyond its limit. */
GUEST(segment, "mov $0x21, %eax\n mov %eax, %es\n xor %esi, %esi\n mov 0x500000, %eax\n");
GUEST(move_gdt,
      "mov $0x40, %ecx\n 1: mov 0x1000-4(,%ecx,4), %eax\n mov %eax, 0x500000-4(,%ecx,4)\n"
      "loop 1b\n movl $0x00ff, 0x3f18\n movl $0x500000, 0x3f1a\n lgdt 0x3f18\n"
      "pushl $0x21\n pushl $0x87000\n pushl $0x3202\n pushl $0x19\n pushl $0x110100\n iret");

Test(cpu_paging, descriptors_beyond_the_limit_can_be_loaded)
{
    struct lab lab;

    prepare(&lab, 0);
    lab_load(&lab, CODE, GUEST_CODE(move_gdt));
    lab_load(&lab, CODE + 0x100, GUEST_CODE(segment));
    lab_write64(&lab, PT2 + 8 * 0x100, 0x300000 | 3);
    cpu_outer_limit(lab.cpu[0], 0x500000);
    go(&lab);
    cr_assert_eq(lab_read32(&lab, 0x4001c), 1);
    cr_assert_eq(lab_read32(&lab, 0x40018), CODE + 0x109u);
    lab_close(&lab);
}

/* A changed mapping is seen after invlpg, of a small page and of a piece of a large one. */
GUEST(remap, "mov 0x400000, %eax\n mov %eax, 0x40020\n mov 0x2a0000, %eax\n mov %eax, 0x40024\n"
             "mov 0x280000, %eax\n"
             "orl $0x1000, 0x12000\n invlpg 0x400000\n"
             "movl $0x6000e7, 0x11008\n invlpg 0x280000\n"
             "mov 0x400000, %eax\n mov %eax, 0x40028\n mov 0x2a0000, %eax\n mov %eax, 0x4002c\n"
             "out %al, $0x22\n 1: jmp 1b");

Test(cpu_paging, invlpg_drops_a_page)
{
    struct lab lab;

    prepare(&lab, 0);
    lab_load(&lab, CODE, GUEST_CODE(remap));
    lab_write64(&lab, PT2, 0x800000 | 3);
    lab_write32(&lab, 0x800000, 0xaaaa);
    lab_write32(&lab, 0x801000, 0xbbbb);
    lab_write32(&lab, 0x2a0000, 0xcccc);
    lab_write32(&lab, 0x6a0000, 0xdddd);
    go(&lab);
    cr_assert_eq(lab_read32(&lab, 0x40020), 0xaaaa);
    cr_assert_eq(lab_read32(&lab, 0x40024), 0xcccc);
    cr_assert_eq(lab_read32(&lab, 0x40028), 0xbbbb);
    cr_assert_eq(lab_read32(&lab, 0x4002c), 0xdddd);
    cr_assert_eq(lab_event(&lab, 0, CPU_invlpgs), 2);
    lab_close(&lab);
}

/* Bad PAE roots raise #GP(0) at the mov to CR3, and the old mapping stays. */
GUEST(root, "xor %esi, %esi\n mov $0x13000, %eax\n nop\n mov %eax, %cr3\n");

Test(cpu_paging, bad_root_is_refused)
{
    struct lab lab;
    struct cpu_registers r;

    prepare(&lab, 0);
    lab_load(&lab, CODE, GUEST_CODE(root));
    lab_write64(&lab, 0x13000, PD | 3);
    go(&lab);
    cpu_registers(lab.cpu[0], &r);
    cr_assert_eq(r.cr3, ROOT);
    cr_assert_eq(lab_read32(&lab, 0x40018), CODE + 8u);
    lab_close(&lab);
}

Test(cpu_paging, fetching_from_a_device_is_refused)
{
    struct lab lab;

    lab_open(&lab, 1, CPU_TIMING_UNIT, NULL);
    lab_load(&lab, LAB_CODE, (const uint8_t *)"\x90\xb8\x00\x00\xc0\xfe\xff\xe0", 8);
    cr_assert_eq(lab_go(&lab), CPU_STOP_REFUSED);
    cr_assert(strstr(cpu_refusal(lab.cpu[0]), "0xfec00000"), "%s", cpu_refusal(lab.cpu[0]));
    lab_close(&lab);
}

/*
 * A handler that cannot be fetched, on a stack of 64 KB that wraps around: nothing of it ever runs,
 * and nothing ends it. An interrupt comes before such a fault, and so does the end of a run; time
 * passes.
 */
GUEST(
    endless,
    "mov $0x58, %eax\n mov %eax, %ss\n mov $0x8000, %esp\n sti\n mov $0x600000, %eax\n jmp *%eax");
GUEST(interrupt, "out %al, $0x22\n 1: jmp 1b");

enum { DATA_16 = 0x58, ABSENT = 0x500000, GATE_TRAP = 0x8f };

static void prepare_endless(struct lab *lab, unsigned vector, uint32_t handler)
{
    prepare(lab, 0);
    lab_descriptor(lab, DATA_16, 0x80000, 0xffff, 0x93, 0);
    lab_load(lab, CODE, GUEST_CODE(endless));
    lab_load(lab, 0x131000, GUEST_CODE(interrupt));
    lab_gate(lab, vector, LAB_CS0, handler, GATE_TRAP);
    lab_gate(lab, 0x40, LAB_CS0, 0x131000, GATE_TRAP);
    cpu_start_protected(lab->cpu[0], LAB_CODE, 0, 0);
}

Test(cpu_paging, a_handler_that_cannot_be_fetched_does_not_keep_the_processor, .timeout = 20)
{
    struct lab lab;

    prepare_endless(&lab, 14, ABSENT);
    cr_assert_eq(lab_run(lab.cpu[0], 1000), CPU_STOP_DEADLINE);
    cr_assert_geq(cpu_clock(lab.cpu[0]), 1000);
    cr_assert_gt(cpu_delivered(lab.cpu[0], 0, 14), 900);
    lab_check_cycles(&lab, 0);

    lab.pending[0] = 0x40;
    cpu_interrupt(lab.cpu[0], true);
    cr_assert_eq(lab_run(lab.cpu[0], 2000), CPU_STOP_DEADLINE);
    cr_assert_eq(lab.last_port, 0x22);
    cr_assert_eq(cpu_delivered(lab.cpu[0], 0, 0x40), 1);
    const struct cpu_crossing *last = &lab.crossing[LAB_CROSSINGS - 1];

    cr_assert_eq(last->eip, ABSENT);
    lab_check_cycles(&lab, 0);
    lab_close(&lab);
}

/* The same of a handler that begins with what is no instruction. */
Test(cpu_paging, a_handler_that_is_no_code_does_not_keep_the_processor, .timeout = 20)
{
    struct lab lab;

    prepare_endless(&lab, 6, 0x132000);
    lab_gate(&lab, 14, LAB_CS0, 0x132000, GATE_TRAP);
    lab_load(&lab, 0x132000, (const uint8_t *)"\x0f\x0b", 2);
    cr_assert_eq(lab_run(lab.cpu[0], 1000), CPU_STOP_DEADLINE);
    cr_assert_gt(cpu_delivered(lab.cpu[0], 0, 6), 400);
    lab.pending[0] = 0x40;
    cpu_interrupt(lab.cpu[0], true);
    cr_assert_eq(lab_run(lab.cpu[0], 2000), CPU_STOP_DEADLINE);
    cr_assert_eq(lab.last_port, 0x22);
    lab_close(&lab);
}

/*
 * An entry is changed, and nobody tells the processor. What it had stays in use until room is made
 * for others, as in a processor's own TLB; `invlpg` and CR3 end it at once. Where stops are made
 * (LAB_STEPS) does not matter.
 */
GUEST(unflushed, "mov 0x400000, %eax\n mov %eax, 0x40020\n movl $0x301007, 0x12000\n"
                 "mov 0x400000, %eax\n mov %eax, 0x40024\n mov $0xc00000, %ecx\n"
                 "1: mov (%ecx), %eax\n add $0x800000, %ecx\n cmp $0xac00000, %ecx\n jb 1b\n"
                 "mov 0x400000, %eax\n mov %eax, 0x40028\n movl $0x300007, 0x12000\n"
                 "mov 0x400000, %eax\n mov %eax, 0x4002c\n invlpg 0x400000\n"
                 "mov 0x400000, %eax\n mov %eax, 0x40030\n movl $0x301007, 0x12000\n"
                 "mov %cr3, %eax\n mov %eax, %cr3\n mov 0x400000, %eax\n mov %eax, 0x40034\n"
                 "out %al, $0x22\n 2: jmp 2b");

Test(cpu_paging, what_is_not_flushed_lasts_until_its_place_is_wanted)
{
    static const uint32_t seen[] = {0xa, 0xa, 0xb, 0xb, 0xa, 0xb};
    struct lab lab;

    prepare(&lab, 0);
    lab_load(&lab, CODE, GUEST_CODE(unflushed));
    lab_write32(&lab, 0x300000, 0xa);
    lab_write32(&lab, 0x301000, 0xb);
    lab_write64(&lab, PT2, 0x300000 | 7);
    for (uint32_t linear = 0xc00000; linear < 0xac00000; linear += 0x800000)
        lab_write64(&lab, PD + (linear >> 21) * 8, 0x200000 | 0xe7);
    go(&lab);
    for (unsigned i = 0; i < sizeof(seen) / sizeof(seen[0]); i++)
        cr_expect_eq(lab_read32(&lab, 0x40020 + i * 4), seen[i], "read %u: %x", i,
                     lab_read32(&lab, 0x40020 + i * 4));
    lab_close(&lab);
}
