/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * set_gdt refused: too many entries, frames that are writable, tables, or nobody's, a descriptor
 * that is unsafe.
 */
#include "tests/guest/kit/kit.h"

static void load_es(void *selector)
{
    asm volatile("mov %0, %%es" : : "r"(selector));
    asm volatile("mov %0, %%es" : : "r"(FLAT_RING1_DS));
}

void test(void)
{
    uint64_t *good = page_alloc(), *bad = page_alloc();

    good[1] = flat(DESC_DATA(1));
    make_readonly(good);
    xen_pfn_t frames[16] = {mfn_of(good)};
    expect(HYPERCALL(set_gdt, frames, 512), 0);

    expect(HYPERCALL(set_gdt, frames, FIRST_RESERVED_GDT_ENTRY + 1), -EINVAL);
    expect(HYPERCALL(set_gdt, frames, 0xffffffff), -EINVAL);
    frames[0] = mfn_of(bad);
    expect(HYPERCALL(set_gdt, frames, 512), -EINVAL); /* writable */
    frames[0] = mfn_of(base_table());
    expect(HYPERCALL(set_gdt, frames, 512), -EINVAL);
    frames[0] = 0xFFFFFFF;
    expect(HYPERCALL(set_gdt, frames, 512), -EINVAL);
    bad[7] = gate(GATE_INTERRUPT, 3, FLAT_RING1_CS, 0x1000);
    make_readonly(bad);
    frames[0] = mfn_of(bad);
    expect(HYPERCALL(set_gdt, frames, 512), -EINVAL);
    frames[0] = mfn_of(good); /* the second is the bad one */
    frames[1] = mfn_of(bad);
    expect(HYPERCALL(set_gdt, frames, 1024), -EINVAL);
    make_writable(bad);
    /* A segment of DPL 0 is refused, or raised to DPL 1 where it stands. */
    bad[7] = flat(DESC_CODE(0));
    make_readonly(bad);
    long result = HYPERCALL(set_gdt, frames, 1024);
    check(result == -EINVAL || (result == 0 && (bad[7] >> 45 & 3) == 1),
          "a ring 0 segment gave %ld and is %llx", result, bad[7]);
    expect(HYPERCALL(set_gdt, frames, 512), 0);
    check(!trapped(load_es, (void *)9), "the table in use was disturbed");
    make_writable(bad);
}
