/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cpu_delivery.c - delivery through gates and the ways back
 *
 * A case enters a ring by iret, runs a few bytes there and looks at what the handler found. The
 * handler ends the run through port 0x22, which IOPL 3 allows in every ring.
 */
#include <criterion/criterion.h>

#include "tests/unit/cpu_lab.h"

enum { CODE = 0x110000, HANDLER = 0x120000, STACK = 0x88000, FRAME = 0x3f20 };
enum { GATE_PRESENT = 0x80, GATE_INTERRUPT = 0x0e, GATE_TRAP = 0x0f, FLAGS = 0x3202 };

GUEST(enter, LAB_TABLES "pushl 0x3f20\n pushl 0x3f24\n pushl 0x3f28\n pushl 0x3f2c\n pushl 0x3f30\n"
                        "iret");
GUEST(handler, "out %al, $0x22\n 1: jmp 1b");

static const uint16_t code_selector[] = {LAB_CS0, LAB_CS1, LAB_CS2, LAB_CS3};
static const uint16_t data_selector[] = {LAB_DS0, LAB_DS1, LAB_DS2, LAB_DS3};
static const uint32_t ring_stack[] = {LAB_STACK0, LAB_STACK1, LAB_STACK2};

static void prepare(struct lab *lab, unsigned ring)
{
    lab_open(lab, 1, CPU_TIMING_UNIT, NULL);
    lab_tables(lab);
    lab_load(lab, LAB_CODE, GUEST_CODE(enter));
    lab_load(lab, HANDLER, GUEST_CODE(handler));
    const uint32_t frame[] = {data_selector[ring], STACK, FLAGS, code_selector[ring], CODE};

    memcpy(lab->ram + FRAME, frame, sizeof(frame));
}

static void code(struct lab *lab, const char *bytes, size_t count)
{
    lab_load(lab, CODE, (const uint8_t *)bytes, count);
}

static void handle(struct lab *lab, unsigned vector, unsigned ring, unsigned type, unsigned dpl)
{
    lab_gate(lab, vector, code_selector[ring], HANDLER, GATE_PRESENT | dpl << 5 | type);
}

static struct cpu_registers go(struct lab *lab)
{
    struct cpu_registers r;
    enum cpu_stop stop;

    cpu_start_protected(lab->cpu[0], LAB_CODE, 0x1234, 0);
    stop = lab_run(lab->cpu[0], 100000);
    cpu_registers(lab->cpu[0], &r);
    cr_assert_eq(stop, CPU_STOP_DEADLINE, "stop %d: %s", stop, cpu_refusal(lab->cpu[0]));
    cr_assert_eq(lab->last_port, 0x22, "the handler did not run: eip %08x", r.eip);
    lab_check_cycles(lab, 0);
    return r;
}

static uint32_t pushed(struct lab *lab, const struct cpu_registers *r, unsigned index)
{
    return lab_read32(lab, r->gpr[4] + 4 * index);
}

Test(cpu_delivery, every_vector_and_ring_pair_by_int_n)
{
    for (unsigned from = 0; from < 4; from++)
        for (unsigned to = 0; to <= from; to++)
            for (unsigned vector = 0; vector < 256; vector += from == 3 && to == 1 ? 1 : 17) {
                struct lab lab;
                char bytes[] = {(char)0xcd, (char)vector};
                bool trap = vector & 1;

                prepare(&lab, from);
                code(&lab, bytes, 2);
                handle(&lab, vector, to, trap ? GATE_TRAP : GATE_INTERRUPT, from);
                struct cpu_registers r = go(&lab);
                uint32_t top = from == to && from != 0 ? STACK
                               : from == 0             ? 0 /* whatever it was */
                                                       : ring_stack[to];

                cr_assert_eq(r.ring, to);
                cr_assert_eq(r.selector[1], code_selector[to]);
                cr_assert_eq(pushed(&lab, &r, 0), CODE + 2u, "vector %u", vector);
                cr_assert_eq(pushed(&lab, &r, 1), code_selector[from]);
                cr_assert_eq(pushed(&lab, &r, 2), (uint32_t)FLAGS);
                cr_assert_eq(r.eflags & 0x200, trap ? 0x200u : 0u);
                if (top)
                    cr_assert_eq(r.gpr[4], top - (from == to ? 12 : 20));
                if (from != to) {
                    cr_assert_eq(pushed(&lab, &r, 3), (uint32_t)STACK);
                    cr_assert_eq(pushed(&lab, &r, 4), data_selector[from]);
                    cr_assert_eq(r.selector[2], data_selector[to]);
                }
                cr_assert_eq(cpu_delivered(lab.cpu[0], from, (uint8_t)vector), 1);
                cr_assert_eq(lab_event(&lab, 0, CPU_software_interrupts), 1);
                cr_assert_eq(lab_event(&lab, 0, CPU_cross_0_0 + 4 * from + to),
                             from == 0 ? 2u : 1u);
                const struct cpu_crossing *last = &lab.crossing[lab.crossings - 1];

                cr_assert_eq(last->kind, CPU_GATE_SOFTWARE);
                cr_assert_eq(last->vector, vector);
                cr_assert_eq(last->from, from);
                cr_assert_eq(last->to, to);
                lab_close(&lab);
            }
}

/* What a program does, and the exception with the error code that a handler in ring 0 finds. */
struct fault {
    char what[28];
    uint8_t ring, bytes;
    unsigned char code[16];
    uint8_t vector, offset; /* of the pushed EIP into the code */
    int64_t error;          /* -1: none is pushed */
};

enum { AT_DEVICE = 0xff }; /* in place of an offset */

static const struct fault faults[] = {
    {"divide", 3, 4, {0x31, 0xc9, 0xf7, 0xf1}, 0, 2, -1},
    {"int3", 3, 1, {0xcc}, 3, 1, -1},
    {"into", 3, 5, {0xb0, 0x7f, 0x04, 0x01, 0xce}, 4, 5, -1},
    {"ud2", 3, 3, {0x90, 0x0f, 0x0b}, 6, 1, -1},
    {"icebp", 3, 2, {0x90, 0xf1}, 1, 2, -1},
    {"rdpmc", 0, 2, {0x0f, 0x33}, 13, 0, 0},
    {"rdpmc in ring 3", 3, 2, {0x0f, 0x33}, 13, 0, 0},
    {"8f /1", 3, 3, {0x90, 0x8f, 0xc8}, 6, 1, -1},
    {"fetch from a device", 3, 7, {0xb8, 0, 0, 0xc0, 0xfe, 0xff, 0xe0}, 6, AT_DEVICE, -1},
    {"fetch from it in ring 1", 1, 7, {0xb8, 0, 0, 0xc0, 0xfe, 0xff, 0xe0}, 6, AT_DEVICE, -1},
    /* push flags with VM; push CS; push where the ud2 is; iret */
    {"iret with VM in ring 3",
     3,
     15,
     {0x68, 2, 2, 2, 0, 0x6a, LAB_CS3, 0x68, 13, 0, 0x11, 0, 0xcf, 0x0f, 0x0b},
     6,
     13,
     -1},
    {"iret with VM in ring 1",
     1,
     15,
     {0x68, 2, 2, 2, 0, 0x6a, LAB_CS1, 0x68, 13, 0, 0x11, 0, 0xcf, 0x0f, 0x0b},
     6,
     13,
     -1},
    {"ud2 in ring 1", 1, 2, {0x0f, 0x0b}, 6, 0, -1},
    {"rdtscp", 3, 3, {0x0f, 0x01, 0xf9}, 6, 0, -1},
    {"syscall", 3, 2, {0x0f, 0x05}, 6, 0, -1},
    {"hlt in ring 3", 3, 2, {0x90, 0xf4}, 13, 1, 0},
    {"hlt in ring 1", 1, 2, {0x90, 0xf4}, 13, 1, 0},
    {"mov cr3 in ring 1", 1, 4, {0x90, 0x0f, 0x22, 0xd8}, 13, 1, 0},
    {"rdmsr in ring 1", 1, 2, {0x0f, 0x32}, 13, 0, 0},
    {"unknown msr", 0, 7, {0xb9, 0x34, 0x12, 0, 0, 0x0f, 0x32}, 13, 5, 0},
    {"bad selector", 3, 6, {0x66, 0xb8, 0x53, 0x00, 0x8e, 0xd8}, 13, 4, 0x50},
    {"selector of ring 0", 3, 6, {0x66, 0xb8, 0x10, 0x00, 0x8e, 0xd8}, 13, 4, 0x10},
    {"ldt selector", 3, 6, {0x66, 0xb8, 0x0f, 0x00, 0x8e, 0xd8}, 13, 4, 0xc},
    {"absent segment", 3, 6, {0x66, 0xb8, 0x5b, 0x00, 0x8e, 0xd8}, 11, 4, 0x58},
    {"absent stack", 0, 6, {0x66, 0xb8, 0x60, 0x00, 0x8e, 0xd0}, 12, 4, 0x60},
    {"null stack", 3, 4, {0x31, 0xc0, 0x8e, 0xd0}, 13, 2, 0},
    {"int n without a gate", 3, 2, {0xcd, 0xc8}, 13, 0, 0xc8 * 8 + 2},
    {"int n of inner dpl", 3, 3, {0x90, 0xcd, 0x0e}, 13, 1, 14 * 8 + 2},
    {"int n, gate not present", 3, 2, {0xcd, 0xc9}, 11, 0, 0xc9 * 8 + 2},
    {"int n, bad code segment", 3, 2, {0xcd, 0xca}, 13, 0, 0x50},
    {"int n, data segment", 3, 2, {0xcd, 0xcb}, 13, 0, 0x10},
    {"int n, outward", 0, 2, {0xcd, 0xcc}, 13, 0, 0x38},
    {"int n, null selector", 3, 2, {0xcd, 0xcd}, 13, 0, 0},
    {"int n beyond the idt", 3, 2, {0xcd, 0xff}, 13, 0, 0xff * 8 + 2},
    {"sysenter without cs", 3, 2, {0x0f, 0x34}, 13, 0, 0},
    {"sysexit in ring 3", 3, 2, {0x0f, 0x35}, 13, 0, 0},
    {"cr4 reserved bit", 0, 8, {0xb8, 0, 0, 0x10, 0, 0x0f, 0x22, 0xe0}, 13, 5, 0},
    {"cr0 pg without pe", 0, 8, {0xb8, 0, 0, 0, 0x80, 0x0f, 0x22, 0xc0}, 13, 5, 0},
};

Test(cpu_delivery, exceptions_and_their_codes)
{
    for (unsigned i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        const struct fault *f = &faults[i];
        struct lab lab;

        prepare(&lab, f->ring);
        code(&lab, (const char *)f->code, f->bytes);
        for (unsigned vector = 0; vector < 20; vector++)
            handle(&lab, vector, 0, GATE_INTERRUPT, vector == 3 || vector == 4 ? 3 : 0);
        lab_descriptor(&lab, 0x58, 0, 0xfffff, 0x73, 0xc); /* absent, DPL 3 */
        lab_descriptor(&lab, 0x60, 0, 0xfffff, 0x13, 0xc); /* absent, DPL 0 */
        lab_gate(&lab, 0xc9, LAB_CS0, HANDLER, 0x6e);
        lab_gate(&lab, 0xca, 0x50, HANDLER, 0xee);
        lab_gate(&lab, 0xcb, LAB_DS0, HANDLER, 0xee);
        lab_gate(&lab, 0xcc, LAB_CS3, HANDLER, 0xee);
        lab_gate(&lab, 0xcd, 0, HANDLER, 0xee);
        lab_write32(&lab, 0x3f08, (0xff * 8 - 1) | (uint32_t)LAB_IDT << 16);
        struct cpu_registers r = go(&lab);
        const struct cpu_crossing *last = &lab.crossing[lab.crossings - 1];
        unsigned at = f->error >= 0;

        cr_assert_eq(last->vector, f->vector, "%s: vector %u", f->what, last->vector);
        if (f->error >= 0)
            cr_assert_eq(pushed(&lab, &r, 0), (uint32_t)f->error, "%s: error code %x", f->what,
                         pushed(&lab, &r, 0));
        cr_assert_eq(pushed(&lab, &r, at),
                     f->offset == AT_DEVICE ? (uint32_t)LAB_DEVICE : CODE + (uint32_t)f->offset,
                     "%s: eip %x", f->what, pushed(&lab, &r, at));
        cr_assert_eq(pushed(&lab, &r, at + 2) & 0x20000, 0u, "%s: VM", f->what);
        cr_assert_eq(pushed(&lab, &r, at + 1), code_selector[f->ring], "%s", f->what);
        cr_assert_eq(cpu_delivered(lab.cpu[0], f->ring, f->vector), 1, "%s", f->what);
        lab_close(&lab);
    }
}

/* What is wrong with the TSS or the stack it names shows as #TS or #SS, with EXT for hardware. */
Test(cpu_delivery, bad_inner_stacks)
{
    static const struct {
        uint32_t ss0, limit;
        uint8_t vector;
        uint32_t code;
    } cases[] = {
        {0, 0x67, 10, 0},          {LAB_DS1, 0x67, 10, 0x20}, {0x50, 0x67, 10, 0x50},
        {LAB_CS0, 0x67, 10, 0x08}, {0x60, 0x67, 12, 0x60},    {LAB_DS0, 7, 10, LAB_TR},
    };

    for (unsigned hardware = 0; hardware < 2; hardware++)
        for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            struct lab lab;

            /* From ring 3 to ring 0 with a bad stack; #TS itself is handled in ring 3. */
            prepare(&lab, 3);
            lab_descriptor(&lab, 0x60, 0, 0xfffff, 0x13, 0xc);
            lab_descriptor(&lab, LAB_TR, LAB_TSS, cases[i].limit, 0x89, 0);
            if (hardware)
                code(&lab, "\xb0\x40\xe6\x21\x90\xeb\xfd", 7);
            else
                code(&lab, "\xcd\x40", 2);
            lab_write32(&lab, LAB_TSS + 8, cases[i].ss0);
            handle(&lab, 0x40, 0, GATE_INTERRUPT, 3);
            handle(&lab, cases[i].vector, 3, GATE_INTERRUPT, 0);
            struct cpu_registers r = go(&lab);

            cr_assert_eq(lab.crossing[lab.crossings - 1].vector, cases[i].vector);
            cr_assert_eq(pushed(&lab, &r, 0), cases[i].code | hardware, "case %u: %x", i,
                         pushed(&lab, &r, 0));
            cr_assert_eq(pushed(&lab, &r, 1), CODE + (hardware ? 4u : 0u));
            lab_close(&lab);
        }
}

Test(cpu_delivery, double_fault)
{
    struct lab lab;

    prepare(&lab, 3);
    code(&lab, "\x0f\x34", 2); /* #GP, whose gate has no code segment: a second #GP */
    lab_gate(&lab, 13, 0x50, HANDLER, 0x8e);
    handle(&lab, 8, 0, GATE_INTERRUPT, 0);
    struct cpu_registers r = go(&lab);

    cr_assert_eq(lab.crossing[lab.crossings - 1].vector, 8);
    cr_assert_eq(pushed(&lab, &r, 0), 0);
    cr_assert_eq(pushed(&lab, &r, 1), (uint32_t)CODE);
    lab_close(&lab);
}

Test(cpu_delivery, triple_fault_is_reported)
{
    struct lab lab;

    prepare(&lab, 3);
    code(&lab, "\x90\x0f\x0b", 3); /* #UD, and an empty IDT */
    cpu_start_protected(lab.cpu[0], LAB_CODE, 0, 0);
    cr_assert_eq(lab_run(lab.cpu[0], 100000), CPU_STOP_RESET);
    cr_assert(strstr(cpu_refusal(lab.cpu[0]), "#UD"), "%s", cpu_refusal(lab.cpu[0]));
    cr_assert(strstr(cpu_refusal(lab.cpu[0]), "eip 00110001"), "%s", cpu_refusal(lab.cpu[0]));
    cr_assert_eq(lab_run(lab.cpu[0], 200000), CPU_STOP_RESET);
    lab_close(&lab);
}

Test(cpu_delivery, interrupts_wait_for_if_and_shadows)
{
    struct lab lab;

    /* cli; raise; nop; nop; sti; nop <- taken after this one */
    prepare(&lab, 0);
    lab_write32(&lab, FRAME + 8, 0x3002);
    code(&lab, "\xb0\x40\xe6\x21\x90\x90\xfb\x90\x90\xeb\xfd", 11);
    handle(&lab, 0x40, 0, GATE_INTERRUPT, 0);
    struct cpu_registers r = go(&lab);

    cr_assert_eq(pushed(&lab, &r, 0), CODE + 8u, "eip %x", pushed(&lab, &r, 0));
    cr_assert_eq(lab_event(&lab, 0, CPU_interrupts), 1);
    lab_close(&lab);
}

/* After a load of SS the next instruction still belongs to the program. */
Test(cpu_delivery, a_stack_load_holds_interrupts_off)
{
    struct lab lab;

    /* mov ebx, ds; mov al, 0x40; cli; out 0x21; sti; mov ss, ebx; nop <- after this one */
    prepare(&lab, 0);
    code(&lab, "\x8c\xdb\xb0\x40\xfa\xe6\x21\xfb\x8e\xd3\x90\x90\xeb\xfd", 14);
    handle(&lab, 0x40, 0, GATE_INTERRUPT, 0);
    struct cpu_registers r = go(&lab);

    /* sti shadows the load, and of two shadows in a row only the first counts. */
    cr_assert_eq(pushed(&lab, &r, 0), CODE + 10u, "eip %x", pushed(&lab, &r, 0));
    lab_close(&lab);

    /* The same without sti in front: raised by the out with IF set, so taken before; then nothing
     * shadows but the load itself. */
    prepare(&lab, 0);
    code(&lab, "\x8c\xdb\xb0\x40\xe6\x21\x8e\xd3\x90\x90\xeb\xfd", 12);
    handle(&lab, 0x40, 0, GATE_INTERRUPT, 0);
    r = go(&lab);
    /* One block up to the load: the interrupt is seen at the next, which the load shadows. */
    cr_assert_eq(pushed(&lab, &r, 0), CODE + 9u, "eip %x", pushed(&lab, &r, 0));
    lab_close(&lab);
}

Test(cpu_delivery, halt_wakes_on_an_interrupt)
{
    struct lab lab;
    struct cpu_registers r;

    prepare(&lab, 0);
    code(&lab, "\xfb\xf4\x90\xeb\xfd", 5);
    handle(&lab, 0x40, 0, GATE_INTERRUPT, 0);
    cpu_start_protected(lab.cpu[0], LAB_CODE, 0, 0);
    cr_assert_eq(lab_run(lab.cpu[0], 1000), CPU_STOP_HALT);
    cr_assert(cpu_halted(lab.cpu[0]));
    cr_assert_eq(lab_run(lab.cpu[0], 1000), CPU_STOP_HALT);
    cpu_skip(lab.cpu[0], 500);
    lab.pending[0] = 0x40;
    cpu_interrupt(lab.cpu[0], true);
    cr_assert_eq(lab_run(lab.cpu[0], 1000), CPU_STOP_DEADLINE);
    cpu_registers(lab.cpu[0], &r);
    cr_assert_eq(pushed(&lab, &r, 0), CODE + 2u);
    lab_check_cycles(&lab, 0);
    lab_close(&lab);
}

GUEST(iret_ring1,
      "mov $0x120100, %eax\n pushl $0x43\n pushl $0x88000\n pushl $0x3202\n pushl $0x3b\n"
      "push %eax\n iret");
GUEST(iret_target, "int $0x82");

Test(cpu_delivery, ring_1_returns_to_ring_3)
{
    struct lab lab;

    prepare(&lab, 1);
    lab_load(&lab, CODE, GUEST_CODE(iret_ring1));
    lab_load(&lab, 0x120100, GUEST_CODE(iret_target));
    handle(&lab, 0x82, 0, GATE_INTERRUPT, 3);
    struct cpu_registers r = go(&lab);

    cr_assert_eq(lab_event(&lab, 0, CPU_cross_1_3), 1);
    cr_assert_eq(lab_event(&lab, 0, CPU_cross_3_0), 1);
    cr_assert_eq(pushed(&lab, &r, 1), LAB_CS3);
    lab_close(&lab);
}

GUEST(bad_iret,
      "pushl $0x43\n pushl $0x88000\n pushl $0x3202\n pushl $0x13\n pushl $0x110000\n iret");

Test(cpu_delivery, bad_iret_faults_at_the_iret)
{
    struct lab lab;

    prepare(&lab, 1);
    lab_load(&lab, CODE, GUEST_CODE(bad_iret));
    handle(&lab, 13, 0, GATE_INTERRUPT, 0);
    struct cpu_registers r = go(&lab);

    cr_assert_eq(pushed(&lab, &r, 0), 0x10);
    cr_assert_eq(pushed(&lab, &r, 1), CODE + (uint32_t)(guest_end_bad_iret - guest_bad_iret) - 1);
    lab_close(&lab);
}

GUEST(call_gate, "lcall $0x5b, $0");
GUEST(call_target, "out %al, $0x22\n nop\n lret");

Test(cpu_delivery, call_gate_and_far_return)
{
    struct lab lab;

    prepare(&lab, 3);
    lab_load(&lab, CODE, GUEST_CODE(call_gate));
    lab_load(&lab, CODE + 7, (const uint8_t *)"\xeb\xfe", 2);
    lab_load(&lab, HANDLER, GUEST_CODE(call_target));
    /* Call gate 58, DPL 3, to 08:HANDLER. */
    lab_write32(&lab, LAB_GDT + 0x58, (HANDLER & 0xffff) | (uint32_t)LAB_CS0 << 16);
    lab_write32(&lab, LAB_GDT + 0x5c, (HANDLER & 0xffff0000u) | 0xec00);
    go(&lab);
    lab_run(lab.cpu[0], cpu_clock(lab.cpu[0]) + 10);
    cr_assert_eq(lab_event(&lab, 0, CPU_cross_3_0), 1);
    cr_assert_eq(lab_event(&lab, 0, CPU_cross_0_3), 2); /* the entering iret and the lret */
    lab_close(&lab);
}

GUEST(sysenter_setup, LAB_TABLES "xor %edx, %edx\n mov $0x174, %ecx\n mov $0x68, %eax\n wrmsr\n"
                                 "mov $0x175, %ecx\n mov $0x90000, %eax\n wrmsr\n"
                                 "mov $0x176, %ecx\n mov $0x120000, %eax\n wrmsr\n"
                                 "mov $0x110000, %edx\n mov $0x88000, %ecx\n sysexit");

Test(cpu_delivery, sysexit_and_sysenter)
{
    struct lab lab;

    prepare(&lab, 0);
    lab_load(&lab, LAB_CODE, GUEST_CODE(sysenter_setup));
    code(&lab, "\x90\x0f\x34", 3);
    struct cpu_registers r = go(&lab);

    cr_assert_eq(lab_event(&lab, 0, CPU_cross_0_3), 1);
    cr_assert_eq(lab_event(&lab, 0, CPU_cross_3_0), 1);
    cr_assert_eq(r.gpr[4], 0x90000);
    cr_assert_eq(r.selector[1], 0x68);
    cr_assert_eq(r.selector[2], 0x70);
    cr_assert_eq(r.eflags & 0x200, 0);
    lab_close(&lab);
}

/* IOPL below the ring: the TSS's bitmap decides, bit by bit. */
Test(cpu_delivery, port_permissions)
{
    static const struct {
        uint8_t ring, iopl, bitmap, allowed;
        uint16_t limit;
    } cases[] = {
        {3, 3, 0xff, 1, 0x67}, {3, 2, 0x00, 0, 0x67}, {1, 1, 0xff, 1, 0x67}, {1, 0, 0xff, 0, 0xff},
        {1, 0, 0x04, 0, 0xff}, {1, 0, 0xfb, 1, 0xff}, {3, 0, 0xfb, 1, 0xff}, {3, 0, 0xfb, 0, 0x6c},
        {3, 0, 0xfb, 1, 0x6d}, {0, 0, 0xff, 1, 0x67},
    };

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lab lab;

        prepare(&lab, cases[i].ring);
        lab_descriptor(&lab, LAB_TR, LAB_TSS, cases[i].limit, 0x89, 0);
        lab_write32(&lab, FRAME + 8, 0x2u | (uint32_t)cases[i].iopl << 12);
        memset(lab.ram + LAB_TSS + 0x68, cases[i].bitmap, 0x98);
        code(&lab, "\xe6\x22\xeb\xfe", 4); /* port 0x22: byte 4, bit 2 */
        handle(&lab, 13, 0, GATE_INTERRUPT, 0);
        go(&lab);
        cr_assert_eq(cpu_delivered(lab.cpu[0], cases[i].ring, 13), !cases[i].allowed, "case %u", i);
        lab_close(&lab);
    }
}

Test(cpu_delivery, faulting_instructions_are_not_counted)
{
    struct lab lab;

    /* nop; nop; load bad selector (faults): 6 instructions enter, iret included. */
    prepare(&lab, 3);
    code(&lab, "\x90\x90\x66\xb8\x53\x00\x8e\xd8\x90\x90\xeb\xfe", 12);
    handle(&lab, 13, 0, GATE_INTERRUPT, 0);
    go(&lab);
    cpu_settle(lab.cpu[0]);
    cr_assert_eq(lab.tally[0][3].n[CPU_instructions], 3);
    cr_assert_eq(lab.tally[0][3].n[CPU_exceptions], 1);
    cr_assert_eq(lab.tally[0][0].n[CPU_instructions], 5 + 6 + 2);
    lab_close(&lab);
}
