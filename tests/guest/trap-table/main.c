/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * set_trap_table: the table ends at the entry with address 0; entries not named stay; NULL removes
 * all; an entry with bit 2 of flags masks events for its handler.
 */
#include "tests/guest/kit/kit.h"

CODE(call80, "int $0x80\n" AT(call80) "ret");
CODE(divide, "xor %ecx, %ecx\n" AT(divide) "div %ecx\nret");
extern char trap_entries[];

void test(void)
{
    struct trap_info traps[3] = {
        {.vector = 0x80,
         .flags = 3 | 4,
         .cs = FLAT_RING1_CS,
         .address = (unsigned long)trap_entries + 16 * 0x80},
        {0},
        {.vector = 0, .flags = 0, .cs = FLAT_RING1_CS, .address = 0x1000}, /* behind the end */
    };

    expect(HYPERCALL(set_trap_table, traps), 0);
    expect_in_both_rings(TRAP_CASE(divide, 0, 0));

    events_on();
    check(trapped((void (*)(void *))call80, NULL), "no trap");
    expect(trap.vector, 0x80);
    expect(trap_mask, 1);
    expect(trap.saved_mask, 0);
    check(trap.eflags & 0x200, "eflags %x", trap.eflags);
    events_on();
    check(trapped((void (*)(void *))divide, NULL), "no trap");
    expect(trap_mask, 0); /* this one does not mask */
    events_off();
    check(trapped((void (*)(void *))divide, NULL), "no trap");
    expect(trap.saved_mask, 1);
    check(!(trap.eflags & 0x200), "eflags %x with events masked", trap.eflags);

    expect(HYPERCALL(set_trap_table, NULL), 0);
    expect(traps_install(), 0);
    expect_in_both_rings(TRAP_CASE(call80, 0x80, 0));
}
