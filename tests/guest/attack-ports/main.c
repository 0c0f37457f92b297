/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Port I/O: no ring has it without IOPL. With it, an ordinary domain's ports lead nowhere; Domain
 * 0's kernel has the harmless ones, but never those that would reprogram the interrupt controllers.
 * What IOPL allows, it allows ring by ring, and by either rule of vm_assist.
 */
#include "tests/guest/kit/kit.h"

/* Of its register B: binary, 24 hours, summer time; the others are interrupts that firmware set. */
enum { CLOCK_MODE = 0x07, CLOCK_24_HOURS = 0x02 };

CODE(in_3f8, "mov $0x3f8, %edx\n" AT(in_3f8) "inb %dx, %al\nud2");
CODE(out_80, "mov $0x80, %edx\n" AT(out_80) "outb %al, %dx\nud2");
CODE(out_imm, AT(out_imm) "outb %al, $0x80\nud2");
CODE(string_in, "mov $0x80, %edx\n" AT(string_in) "insb\nud2");
CODE(clear_if, AT(clear_if) "cli\nud2");
CODE(wide_in, "mov $0x20, %edx\nxor %eax, %eax\ninl %dx, %eax\n" AT(wide_in) "ud2");

/* Register B of the clock chip, all interrupts enabled: both ports at once, and one by one. */
CODE(clock_word,
     "mov $0x70, %edx\nmov $0x720b, %eax\noutw %ax, %dx\ninb $0x71, %al\n" AT(clock_word) "ud2");
CODE(clock_bytes, "mov $0x0b, %al\noutb %al, $0x70\nmov $0x72, %al\noutb %al, $0x71\n"
                  "mov $0x0b, %al\noutb %al, $0x70\ninb $0x71, %al\n" AT(clock_bytes) "ud2");
CODE(clock_long, "mov $0x6f, %edx\nmov $0xff720bff, %eax\noutl %eax, %dx\ninb $0x71, %al\n" AT(
                     clock_long) "ud2");

/* Each of these ends with ud2, if nothing before it faults. */
static void runs(const char *what, const char *code)
{
    check(trapped((void (*)(void *))code, NULL), "%s: no trap", what);
    check(trap.vector == 6, "%s: vector %u", what, trap.vector);
}

static void runs_in_ring3(const char *what, const char *code, const char *end)
{
    struct user_state state = user_state();

    user_run(code, end, &state);
    check(trap.vector == 6, "%s: vector %u", what, trap.vector);
}

void test(void)
{
    expect_in_ring3(TRAP_CASE(in_3f8, 13, 0));
    expect_in_ring3(TRAP_CASE(out_80, 13, 0));
    expect_in_ring3(TRAP_CASE(out_imm, 13, 0));
    expect_in_ring3(TRAP_CASE(string_in, 13, 0));
    expect_in_ring3(TRAP_CASE(clear_if, 13, 0));
    expect_in_ring1(TRAP_CASE(out_80, 13, 0)); /* virtual IOPL is 0 */

    struct physdev_set_iopl iopl = {.iopl = 4};
    expect(HYPERCALL(physdev_op, PHYSDEVOP_set_iopl, &iopl), -EINVAL);
    iopl.iopl = 1;
    expect(HYPERCALL(physdev_op, PHYSDEVOP_set_iopl, &iopl), 0);
    expect_in_ring3(TRAP_CASE(out_80, 13, 0));
    expect_in_ring3(TRAP_CASE(clear_if, 13, 0));
    runs("port 0x80 in ring 1", out_80);
    runs("cli in ring 1", clear_if);
    runs("four ports of the interrupt controller", wide_in);
    check(trap.eax == 0xffffffff, "they read %x", trap.eax);
    runs("the clock chip's register B, by a word", clock_word);
    check(!privileged || (trap.eax & CLOCK_MODE) == CLOCK_24_HOURS, "it reads %x", trap.eax & 0xff);
    runs("the clock chip's register B, by bytes", clock_bytes);
    check(!privileged || (trap.eax & CLOCK_MODE) == CLOCK_24_HOURS, "it reads %x", trap.eax & 0xff);
    runs("the clock chip's register B, by four bytes", clock_long);
    check(!privileged || (trap.eax & CLOCK_MODE) == CLOCK_24_HOURS, "it reads %x", trap.eax & 0xff);
    iopl.iopl = 3;
    expect(HYPERCALL(physdev_op, PHYSDEVOP_set_iopl, &iopl), 0);
    runs_in_ring3("cli with IOPL 3", clear_if, clear_if_end);
    runs_in_ring3("port 0x80 with IOPL 3", out_80, out_80_end);

    /* The kernel counts as ring 0, and programs have what the flags of their iret say: nothing. */
    iopl.iopl = 0;
    expect(HYPERCALL(physdev_op, PHYSDEVOP_set_iopl, &iopl), 0);
    expect(HYPERCALL(vm_assist, VMASST_CMD_enable, VMASST_TYPE_architectural_iopl), 0);
    runs("cli in ring 1, architectural", clear_if);
    expect_in_ring3(TRAP_CASE(clear_if, 13, 0));
    expect(HYPERCALL(vm_assist, VMASST_CMD_disable, VMASST_TYPE_architectural_iopl), 0);
    uint32_t flags;
    asm volatile("pushf\n\tpop %0" : "=r"(flags));
    check(!(flags & 0x3000), "the processor's own IOPL is raised: %x", flags);
}
