/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The address space a kernel starts in: its pages one to one from VIRT_BASE, the tables themselves
 * mapped read-only, at least 512 kB mapped past the last bootstrap element, the image loaded and
 * its bss zero.
 */
#include "tests/guest/kit/kit.h"

static const unsigned in_text = 0x600dda7a;
static unsigned in_data = 0x600dda7b, in_bss[1024];

static void write_word(void *at)
{
    *(volatile uint64_t *)at = 0;
}

void test(void)
{
    expect(*(volatile const unsigned *)&in_text, 0x600dda7a);
    expect(*(volatile unsigned *)&in_data, 0x600dda7b);
    unsigned set = 0;
    for (unsigned i = 0; i < 1024; i++)
        set |= in_bss[i];
    expect(set, 0);

    unsigned long end =
        (start->pt_base + start->nr_pt_frames * PAGE_SIZE + PAGE_SIZE + 0x80000) & ~(PAGE_SIZE - 1);
    unsigned tables = 0;
    for (unsigned long at = VIRT_BASE; at < end; at += PAGE_SIZE) {
        uint64_t *entry = l1_entry(at);

        if (!check(entry && *entry & PTE_P, "%lx is not mapped", at))
            break;
        if (at == (unsigned long)shared)
            continue; /* the kit has put another frame there */
        unsigned long mfn = (*entry & PTE_FRAME) >> 12;
        check(mfn == p2m[(at - VIRT_BASE) / PAGE_SIZE], "%lx maps frame %lx", at, mfn);
        bool is_table =
            at >= start->pt_base && at < start->pt_base + start->nr_pt_frames * PAGE_SIZE;
        if (is_table)
            tables++;
        check(!(*entry & PTE_W) == is_table, "%lx: entry %llx, %s", at, *entry,
              is_table ? "a table" : "no table");
    }
    expect(tables, start->nr_pt_frames);
    check(trapped(write_word, base_table()) && trap.vector == 14, "the base table is writable");

    /* CR3 reads as the base table's frame, in the interface's form. */
    uint32_t cr3;
    asm volatile("mov %%cr3, %0" : "=r"(cr3));
    expect(xen_cr3_to_pfn(cr3), mfn_of(base_table()));
}
