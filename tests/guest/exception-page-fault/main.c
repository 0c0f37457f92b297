/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Vector 14. The error code says what the access was: bit 0 a protection violation (clear: not
 * present), bit 1 a write, bit 2 from ring 3. The address is in vcpu_info.arch.cr2.
 */
#include "tests/guest/kit/kit.h"

#define PAGE(n)    (USER_BASE + (n)*PAGE_SIZE)
#define ABSENT     "0x403004"
#define READONLY   "0x404008"
#define SUPERVISOR "0x40500c"

CODE(read_absent, AT(read_absent) "mov " ABSENT ", %eax\nud2");
CODE(write_absent, AT(write_absent) "mov %eax, " ABSENT "\nud2");
CODE(write_readonly, "mov " READONLY ", %eax\n" AT(write_readonly) "mov %eax, " READONLY "\nud2");
CODE(read_supervisor, AT(read_supervisor) "mov " SUPERVISOR ", %eax\nud2");
CODE(write_supervisor, AT(write_supervisor) "mov %eax, " SUPERVISOR "\nud2");
CODE(fetch_absent, "mov $" ABSENT ", %eax\njmp *%eax\n" AT(fetch_absent) "ud2");

static void expect_cr2(const char *what, uint32_t address)
{
    check(trap_cr2 == address, "%s: cr2 %x, not %x", what, trap_cr2, address);
}

void test(void)
{
    void *page = page_alloc();

    expect(user_map(4, MFN_PTE(mfn_of(page), PTE_P | PTE_U)), 0);
    expect(user_map(5, MFN_PTE(mfn_of(page), PTE_P)), 0);

    expect_in_ring1(TRAP_CASE(read_absent, 14, 0));
    expect_cr2("read in ring 1", 0x403004);
    expect_in_ring3(TRAP_CASE(read_absent, 14, 4));
    expect_cr2("read in ring 3", 0x403004);
    expect_in_ring1(TRAP_CASE(write_absent, 14, 2));
    expect_in_ring3(TRAP_CASE(write_absent, 14, 6));
    expect_in_ring1(TRAP_CASE(write_readonly, 14, 3));
    expect_cr2("write in ring 1", 0x404008);
    expect_in_ring3(TRAP_CASE(write_readonly, 14, 7));
    expect_cr2("write in ring 3", 0x404008);
    expect_in_ring3(TRAP_CASE(read_supervisor, 14, 5));
    expect_cr2("read of a kernel page", 0x40500c);
    expect_in_ring3(TRAP_CASE(write_supervisor, 14, 7));

    /* A fetch: bit 4 is set as well where execution can be forbidden by page (SDM 3A 4.7). */
    struct user_state state = user_state();
    user_run(fetch_absent, fetch_absent_end, &state);
    check(trap.vector == 14 && (trap.error & ~0x10U) == 4, "fetch: vector %u error %x", trap.vector,
          trap.error);
    expect(trap.eip, 0x403004);
    expect_cr2("fetch", 0x403004);
}
