/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Privileged instructions that a ring-1 kernel may find in old code: reads of CR0, CR2, CR3 and
 * CR4, clts, and rdtsc work from ring 1; from ring 3 each of the privileged ones is a protection
 * fault.
 */
#include "tests/guest/kit/kit.h"

CODE(read_cr0, AT(read_cr0) "mov %cr0, %eax\nud2");
CODE(read_cr3, AT(read_cr3) "mov %cr3, %eax\nud2");
CODE(write_cr3, "xor %eax, %eax\n" AT(write_cr3) "mov %eax, %cr3\nud2");
CODE(clear_ts, AT(clear_ts) "clts\nud2");
CODE(read_msr, "mov $0x1b, %ecx\n" AT(read_msr) "rdmsr\nud2");
CODE(write_msr, "mov $0x1b, %ecx\n" AT(write_msr) "wrmsr\nud2");
CODE(flush_caches, AT(flush_caches) "wbinvd\nud2");
CODE(touch, "fninit\n" AT(touch) "ud2");

static void read_all(void *values)
{
    uint32_t *to = values;

    asm volatile("mov %%cr0, %0" : "=r"(to[0]));
    asm volatile("mov %%cr3, %0" : "=r"(to[1]));
    asm volatile("mov %%cr4, %0" : "=r"(to[2]));
    asm volatile("rdtsc" : "=a"(to[3]) : : "edx");
}

static void do_clts(void *unused)
{
    (void)unused;
    asm volatile("clts");
}

void test(void)
{
    uint32_t values[4];

    expect(HYPERCALL(fpu_taskswitch, 1), 0);
    if (check(!trapped(read_all, values), "a read from ring 1: vector %u at %x", trap.vector,
              trap.eip)) {
        check((values[0] & 0x80010001) == 0x80010001 && values[0] & 8, "cr0 is %x", values[0]);
        expect(xen_cr3_to_pfn(values[1]), mfn_of(base_table()));
        check(values[2] & 0x20, "cr4 is %x", values[2]);
    }
    check(!trapped(do_clts, NULL), "clts in ring 1: vector %u", trap.vector);
    expect_in_ring1(TRAP_CASE(touch, 6, 0));

    expect_in_ring3(TRAP_CASE(read_cr0, 13, 0));
    expect_in_ring3(TRAP_CASE(read_cr3, 13, 0));
    expect_in_ring3(TRAP_CASE(write_cr3, 13, 0));
    expect_in_ring3(TRAP_CASE(clear_ts, 13, 0));
    expect_in_ring3(TRAP_CASE(read_msr, 13, 0));
    expect_in_ring3(TRAP_CASE(write_msr, 13, 0));
    expect_in_ring3(TRAP_CASE(flush_caches, 13, 0));
}
