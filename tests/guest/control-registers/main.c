/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Moves to control registers by a kernel in ring 1: CR0.TS makes the next floating point
 * instruction a trap, and nothing else of CR0 may change; CR2 is the word in vcpu_info; CR3 takes
 * another valid root and refuses what is none; CR4 cannot take paging's extensions away. RDPMC and
 * the moves of ring 3 are protection faults.
 */
#include "tests/guest/kit/kit.h"

#define CR0_TS 8u

CODE(count, "xor %ecx, %ecx\n" AT(count) "rdpmc\nud2");
CODE(write_cr0, AT(write_cr0) "mov %eax, %cr0\nud2");
CODE(write_cr2, AT(write_cr2) "mov %eax, %cr2\nud2");
CODE(write_cr4, AT(write_cr4) "mov %eax, %cr4\nud2");

#define READ(n)                                                                                    \
    static void read_cr##n(void *to)                                                               \
    {                                                                                              \
        asm volatile("mov %%cr" #n ", %0" : "=r"(*(uint32_t *)to));                                \
    }
#define MOVE(n)                                                                                    \
    static void move_cr##n(void *from)                                                             \
    {                                                                                              \
        asm volatile("mov %0, %%cr" #n : : "r"(*(uint32_t *)from) : "memory");                     \
    }
READ(0)
READ(2)
READ(3)
READ(4)
MOVE(0)
MOVE(2)
MOVE(3)
MOVE(4)

static void use_fpu(void *unused)
{
    (void)unused;
    asm volatile("fninit");
}

static uint32_t read_by(void (*code)(void *))
{
    uint32_t value = 0;

    check(!trapped(code, &value), "a read is vector %u at %x", trap.vector, trap.eip);
    return value;
}

static void moves(const char *what, void (*code)(void *), uint32_t value)
{
    check(!trapped(code, &value), "%s = %x is vector %u", what, value, trap.vector);
}

static void faults(const char *what, void (*code)(void *), uint32_t value)
{
    if (check(trapped(code, &value), "%s = %x is taken", what, value))
        check(trap.vector == 13 && trap.error == 0, "%s = %x is vector %u, error %x", what, value,
              trap.vector, trap.error);
}

static void task_switched(void)
{
    uint32_t cr0 = read_by(read_cr0);

    moves("cr0", move_cr0, cr0 | CR0_TS);
    expect(read_by(read_cr0), cr0 | CR0_TS);
    check(trapped(use_fpu, NULL) && trap.vector == 7, "the FPU with TS is vector %u", trap.vector);
    /* As there, the fault has taken TS away. */
    expect(read_by(read_cr0), cr0 & ~CR0_TS);
    check(!trapped(use_fpu, NULL), "the FPU without TS is vector %u", trap.vector);
    moves("cr0", move_cr0, cr0 | CR0_TS);
    moves("cr0", move_cr0, cr0 & ~CR0_TS);
    check(!trapped(use_fpu, NULL), "the FPU without TS is vector %u", trap.vector);
    static const uint32_t others[] = {0x80000000, 0x10000, 0x20, 4, 2, 1};
    for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        faults("cr0", move_cr0, cr0 ^ others[i]);
    faults("cr0", move_cr0, 0);
}

static void base_pointer(void)
{
    uint32_t root = xen_pfn_to_cr3(mfn_of(base_table())), other;

    moves("cr3", move_cr3, root);
    other = xen_pfn_to_cr3(mfn_of(address_space_build()));
    moves("cr3", move_cr3, other);
    expect(read_by(read_cr3), other);
    faults("cr3", move_cr3, xen_pfn_to_cr3(mfn_of(page_alloc())));
    faults("cr3", move_cr3, 0xffffffff);
    expect(read_by(read_cr3), other);
    moves("cr3", move_cr3, root);
    expect(read_by(read_cr3), root);
}

void test(void)
{
    task_switched();
    base_pointer();
    moves("cr2", move_cr2, 0x12345678);
    expect(read_by(read_cr2), 0x12345678);
    expect(vcpu()->arch.cr2, 0x12345678);

    uint32_t cr4 = read_by(read_cr4);
    moves("cr4", move_cr4, cr4);
    moves("cr4", move_cr4, 0); /* what is the hypervisor's stays */
    expect(read_by(read_cr4), cr4);
    expect(HYPERCALL(xen_version, XENVER_pagesize, NULL), 4096);

    expect_in_both_rings(TRAP_CASE(count, 13, 0));
    expect_in_ring3(TRAP_CASE(write_cr0, 13, 0));
    expect_in_ring3(TRAP_CASE(write_cr2, 13, 0));
    expect_in_ring3(TRAP_CASE(write_cr4, 13, 0));
}
