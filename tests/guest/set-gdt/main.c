/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * set_gdt: descriptors of our own become usable at the selectors of their frames, the hypervisor's
 * flat ones stay where they are, and with no entries only those remain.
 */
#include "tests/guest/kit/kit.h"

CODE(use3, "mov $0x13, %eax\nmov %eax, %fs\nmov %fs:0, %ebx\nint $0x80\n" AT(use3) "ud2");

static void load_es(void *selector)
{
    asm volatile("mov %0, %%es" : : "r"(selector));
    asm volatile("mov %0, %%es" : : "r"(FLAT_RING1_DS));
}

static uint32_t read_through(uint32_t selector, uint32_t offset)
{
    uint32_t value;

    asm volatile("push %%fs\n\tmov %1, %%fs\n\tmov %%fs:(%2), %0\n\tpop %%fs"
                 : "=&r"(value)
                 : "r"(selector), "r"(offset));
    return value;
}

void test(void)
{
    static uint32_t marker[4] = {1, 2, 0x77, 4};
    uint64_t *first = page_alloc(), *second = page_alloc();
    uint32_t *user_data = page_alloc();

    user_data[0] = 0x5eed;
    first[1] = descriptor((uint32_t)marker, 0xfffff, DESC_DATA(1), 0xc);
    first[2] = descriptor(USER_BASE + 2 * PAGE_SIZE, 0xfff, DESC_DATA(3), 4);
    second[0] = descriptor((uint32_t)marker + 4, 0xfffff, DESC_DATA(1), 0xc);
    make_readonly(first);
    make_readonly(second);
    expect(user_map(2, USER_ENTRY(user_data)), 0);

    xen_pfn_t frames[2] = {mfn_of(first), mfn_of(second)};
    expect(HYPERCALL(set_gdt, frames, 1024), 0);
    expect(read_through(0x09, 8), 0x77);
    expect(read_through(512 * 8 + 1, 4), 0x77);
    check(!trapped(load_es, (void *)FLAT_RING1_DS), "the flat selector is gone");
    expect_in_ring3(TRAP_CASE(use3, 0x80, 0));
    expect(trap.ebx, 0x5eed);
    expect(map(first, MFN_PTE(mfn_of(first), PTE_P | PTE_W)), -EBUSY);

    expect(HYPERCALL(set_gdt, frames, 512), 0); /* one frame only */
    expect(read_through(0x09, 8), 0x77);
    make_writable(second);
    check(trapped(load_es, (void *)(512 * 8 + 1)) && trap.vector == 13,
          "the second frame still serves");
    expect(HYPERCALL(set_gdt, NULL, 0), 0);
    check(trapped(load_es, (void *)9) && trap.vector == 13, "the first frame still serves");
    make_writable(first);
}
