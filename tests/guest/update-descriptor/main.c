/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * update_descriptor: an entry of the table in use changes and is used; in a frame that is no
 * descriptor table it is a plain write of the eight bytes; misaligned or foreign addresses are
 * refused.
 */
#include "tests/guest/kit/kit.h"

static long update(const void *at, uint64_t value)
{
    uint64_t machine = machine_of(at);

    return HYPERCALL(update_descriptor, machine, machine >> 32, value, value >> 32);
}

/* All but the limit, which the hypervisor may cut so that the segment ends below it. */
static bool alike(uint64_t have, uint64_t want)
{
    uint64_t limit = 0x000f00000000ffffULL;

    return (have & ~limit) == (want & ~limit) && (have & limit) <= (want & limit);
}

static void load_es(void *selector)
{
    asm volatile("mov %0, %%es" : : "r"(selector));
    asm volatile("mov %0, %%es" : : "r"(FLAT_RING1_DS));
}

void test(void)
{
    uint64_t *gdt = page_alloc(), *plain = page_alloc();

    make_readonly(gdt);
    xen_pfn_t frame = mfn_of(gdt);
    expect(HYPERCALL(set_gdt, &frame, 512), 0);
    check(trapped(load_es, (void *)0x21) && trap.vector == 13, "an empty entry was loaded");
    expect(update(&gdt[4], flat(DESC_DATA(1))), 0);
    check(!trapped(load_es, (void *)0x21), "the new entry was not loaded, vector %u", trap.vector);
    check(alike(gdt[4], flat(DESC_DATA(1))), "the entry is %llx", gdt[4]);
    expect(update(&gdt[4], 0), 0);
    check(trapped(load_es, (void *)0x21) && trap.vector == 13, "the entry is still there");

    expect(update(&plain[3], flat(DESC_DATA(3))), 0);
    check(alike(plain[3], flat(DESC_DATA(3))), "the plain entry is %llx", plain[3]);
    expect(update((char *)&plain[3] + 4, flat(DESC_DATA(3))), -EINVAL);
    expect(HYPERCALL(update_descriptor, 0xFFFFF000, 0xff, 0, 0), -EINVAL);
    expect(update(base_table(), flat(DESC_DATA(3))), -EINVAL);
    expect(update(l1_entry((unsigned long)plain), 0), -EINVAL);
}
