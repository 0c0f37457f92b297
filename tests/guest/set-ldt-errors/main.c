/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MMUEXT_SET_LDT refused for a base that is not page aligned and for too many entries. A page that
 * cannot be a descriptor page shows when it is used: the load faults at the table's own address,
 * or as a protection fault.
 */
#include "tests/guest/kit/kit.h"

CODE(load, "mov $0x0f, %eax\n" AT(load) "mov %eax, %fs\nud2");

static void expect_unusable(const char *what, uint64_t *ldt)
{
    expect(mmuext(MMUEXT_SET_LDT, (unsigned long)ldt, 16), 0);
    check(trapped((void (*)(void *))load, NULL), "%s: loaded", what);
    check(trap.vector == 14 || trap.vector == 13, "%s: vector %u", what, trap.vector);
    if (trap.vector == 14)
        check(trap_cr2 == (uint32_t)&ldt[1], "%s: cr2 %x", what, trap_cr2);
    expect(trap.eip, load_at);
}

void test(void)
{
    uint64_t *ldt = page_alloc();

    ldt[1] = flat(DESC_DATA(3));
    expect(mmuext(MMUEXT_SET_LDT, (unsigned long)ldt + 8, 4), -EINVAL);
    expect(mmuext(MMUEXT_SET_LDT, (unsigned long)ldt, 8193), -EINVAL);
    expect(mmuext(MMUEXT_SET_LDT, (unsigned long)ldt, 0xffffffff), -EINVAL);
    expect_unusable("a writable page", ldt);
    ldt[2] = gate(GATE_INTERRUPT, 3, FLAT_RING1_CS, 0x1000);
    make_readonly(ldt);
    expect_unusable("a page with a gate", ldt);
    expect(mmuext(MMUEXT_SET_LDT, 0, 0), 0);
    make_writable(ldt);
    expect_unusable("no page", (uint64_t *)0x20000000);
    expect_unusable("a page table", base_table());
    ldt[2] = 0;
    make_readonly(ldt);
    expect(mmuext(MMUEXT_SET_LDT, (unsigned long)ldt, 16), 0);
    expect_in_ring3(&(struct trap_case){"a good page", load, load_end, load_end - 2, 6, 0});
}
