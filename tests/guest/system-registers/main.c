/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a kernel has of control, debug and model-specific registers: CR0 but for TS cannot be
 * changed, CR2 and CR3 are the interface's under other names, CR4 has TSD and DE, which rule RDTSC
 * and breakpoints on ports; such a breakpoint, and single steps, stop behind the instruction
 * although it was emulated. Registers that describe the processor to a kernel that looks can be
 * read.
 */
#include "tests/guest/kit/kit.h"

#define CR4_TSD     0x004U
#define CR4_DE      0x008U
#define DR7_FIXED   0x400U
#define PORT_IN_DR1 0x00200008U /* G1: R/W 10, one byte */
#define PORT        "$0x80"

#define READ(name, reg)                                                                            \
    static uint32_t name(void)                                                                     \
    {                                                                                              \
        uint32_t value;                                                                            \
        asm volatile("mov %%" #reg ", %0" : "=r"(value));                                          \
        return value;                                                                              \
    }
#define WRITE(name, reg)                                                                           \
    static void name(void *value)                                                                  \
    {                                                                                              \
        asm volatile("mov %0, %%" #reg : : "r"(value) : "memory");                                 \
    }
READ(cr0, cr0)
READ(cr2, cr2)
READ(cr3, cr3)
READ(cr4, cr4)
READ(dr4, dr4)
READ(dr7, dr7)
WRITE(set_cr0, cr0)
WRITE(set_cr2, cr2)
WRITE(set_cr3, cr3)
WRITE(set_cr4, cr4)
WRITE(set_dr4, dr4)
WRITE(set_dr7, dr7)

#define VALUE(number) ((void *)(unsigned long)(number))

/* Whether writing the value is a protection fault. */
static bool refused(void (*write)(void *), uint32_t value)
{
    return trapped(write, VALUE(value)) && trap.vector == 13 && trap.error == 0;
}

CODE(stamp, AT(stamp) "rdtsc\nud2");
CODE(stamp_works, "rdtsc\n" AT(stamp_works) "ud2");
CODE(output, "outb %al, " PORT "\n" AT(output) "nop\nud2");
CODE(stepped, "pushf\norl $0x100, (%esp)\npopf\nclts\n" AT(stepped) "nop\nud2");

static void control_registers(void)
{
    uint32_t before = cr4();

    check((cr0() & 0x80010031) == 0x80010031, "cr0 is %x", cr0());
    check(!trapped(set_cr0, VALUE(cr0())), "cr0 as it is: vector %u", trap.vector);
    check(refused(set_cr0, cr0() ^ 0x10000), "cr0.wp could be cleared");
    check(!trapped(set_cr2, VALUE(0x12345678)), "cr2: vector %u", trap.vector);
    expect(cr2(), 0x12345678);
    expect(vcpu()->arch.cr2, 0x12345678);
    check(!trapped(set_cr3, VALUE(cr3())), "cr3 as it is: vector %u", trap.vector);
    check(refused(set_cr3, 0xfffff000), "cr3 is no frame of ours");

    set_cr4(VALUE(before | CR4_TSD));
    check(cr4() & CR4_TSD, "cr4 is %x", cr4());
    expect_in_ring3(TRAP_CASE(stamp, 13, 0));
    expect_in_ring1(TRAP_CASE(stamp_works, 6, 0));
    set_cr4(VALUE(before));
    expect_in_ring3(TRAP_CASE(stamp_works, 6, 0));
    set_cr4(VALUE(before | 0x40000000));
    expect(cr4(), before);
}

static void port_breakpoints(void)
{
    uint32_t before = cr4(), iopl = 1;

    check(!trapped(set_dr7, VALUE(0)), "dr7: vector %u", trap.vector);
    expect(dr7(), DR7_FIXED);
    expect(HYPERCALL(set_debugreg, 7, 0x2000), -EPERM); /* general detect */
    expect(HYPERCALL(set_debugreg, 7, PORT_IN_DR1), -EPERM);
    check(refused(set_dr7, PORT_IN_DR1), "a breakpoint on a port without cr4.de");
    expect(dr4(), 0xffff0ff0);

    set_cr4(VALUE(before | CR4_DE));
    check(trapped(set_dr4, NULL) && (trap.vector == 6 || trap.vector == 13), "dr4 with cr4.de");
    expect(HYPERCALL(get_debugreg, 5), -ENODEV);
    expect(HYPERCALL(set_debugreg, 1, 0x80), 0);
    check(!trapped(set_dr7, VALUE(PORT_IN_DR1)), "dr7: vector %u", trap.vector);
    expect(dr7(), PORT_IN_DR1 | DR7_FIXED);
    expect(HYPERCALL(physdev_op, PHYSDEVOP_set_iopl, &iopl), 0);
    expect_in_ring1(TRAP_CASE(output, 1, 0));
    expect(HYPERCALL(get_debugreg, 6) & 0xf, 2);

    /* Without cr4.de what is set stays, and cannot be set again. */
    set_cr4(VALUE(before));
    check(refused(set_dr7, PORT_IN_DR1), "a breakpoint on a port without cr4.de");
    expect(dr7(), PORT_IN_DR1 | DR7_FIXED);
    expect(HYPERCALL(set_debugreg, 7, 0), 0);
}

static uint32_t steps; /* that ended where `stepped` says */

static bool count_step(struct trap_frame *frame)
{
    steps += frame->eip == (uint32_t)stepped_at && (HYPERCALL(get_debugreg, 6) & 0x4000);
    if (frame->eip >= (uint32_t)stepped_at)
        frame->eflags &= ~0x100U;
    return true;
}

static void single_steps(void)
{
    trap_hooks[1] = count_step;
    trapped((void (*)(void *))(unsigned long)stepped, NULL);
    trap_hooks[1] = NULL;
    expect(trap.vector, 6);
    expect(steps, 1);
}

static uint32_t number;
static uint64_t content;
static void read_register(void *unused)
{
    (void)unused;
    asm volatile("rdmsr" : "=A"(content) : "c"(number));
}
static void write_register(void *unused)
{
    (void)unused;
    asm volatile("wrmsr" : : "A"(content), "c"(number));
}

static void model_specific(void)
{
    static const uint32_t readable[] = {0x10, 0x179, 0x17a, 0x8b}, absent[] = {0x4b580000, 0x8e};

    for (unsigned i = 0; i < sizeof(readable) / sizeof(readable[0]); i++) {
        number = readable[i];
        check(!trapped(read_register, NULL), "msr %x: vector %u", number, trap.vector);
    }
    content = 0;
    for (unsigned i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
        number = absent[i];
        check(trapped(read_register, NULL) && trap.vector == 13, "msr %x can be read", number);
        check(trapped(write_register, NULL) && trap.vector == 13, "msr %x can be written", number);
    }
    number = 0x1b; /* the local APIC: enabled, at its place */
    check(!trapped(read_register, NULL), "apic base: vector %u", trap.vector);
    expect((uint32_t)content & 0xfffff800, 0xfee00800);
    check(trapped(write_register, NULL) && trap.vector == 13, "apic base can be written");
    number = 0xc0000080; /* EFER: only what it holds may be written */
    check(!trapped(read_register, NULL), "efer: vector %u", trap.vector);
    check(!trapped(write_register, NULL), "efer as it is: vector %u", trap.vector);
    content ^= 0x800;
    check(trapped(write_register, NULL) && trap.vector == 13, "efer.nxe can be changed");
}

void test(void)
{
    control_registers();
    port_breakpoints();
    single_steps();
    model_specific();
}
