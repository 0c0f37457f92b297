/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Touching the hypervisor's addresses from rings 1 and 3: every read, write and jump above the
 * machine-to-phys table traps, as a page fault or, behind truncated segments, as a protection
 * fault. The table itself can be read, not written.
 */
#include "tests/guest/kit/kit.h"

CODE(read, "mov %eax, %esi\n" AT(read) "mov (%esi), %eax\nud2");
CODE(write, "mov %eax, %esi\n" AT(write) "incl (%esi)\nud2");
CODE(jump, AT(jump) "jmp *%eax\nud2");

static const uint32_t targets[] = {0xF7000000, 0xFB000000, 0xFC000000, 0xFC100000, 0xFD000000,
                                   0xFE000000, 0xFEE00000, 0xFF800000, 0xFFFFF000, 0xFFFFFFFC};

static uint32_t target;

static void read_word(void *unused)
{
    (void)unused;
    (void)*(volatile uint32_t *)target;
}

static void write_word(void *unused)
{
    (void)unused;
    *(volatile uint32_t *)target = 0;
}

static void expect_stopped(const char *what)
{
    check(trap.vector == 13 || trap.vector == 14, "%s %x: vector %u", what, target, trap.vector);
    if (trap.vector == 14)
        check(trap_cr2 == target, "%s %x: cr2 %x", what, target, trap_cr2);
}

void test(void)
{
    struct user_state state = user_state();

    for (unsigned i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        target = targets[i];
        if (check(trapped(read_word, NULL), "ring 1 read %x", target))
            expect_stopped("ring 1 reading");
        if (check(trapped(write_word, NULL), "ring 1 wrote %x", target))
            expect_stopped("ring 1 writing");
        state.eax = target;
        user_run(read, read_end, &state);
        expect_stopped("ring 3 reading");
        user_run(write, write_end, &state);
        expect_stopped("ring 3 writing");
        user_run(jump, jump_end, &state);
        expect_stopped("ring 3 jumping to");
    }
    target = HYPERVISOR_VIRT_START;
    check(trapped(write_word, NULL), "ring 1 wrote the machine-to-phys table");
    expect_stopped("ring 1 writing");
}
