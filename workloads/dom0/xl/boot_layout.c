/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * boot_layout.c - the start-of-day memory of a domain
 *
 * The order is that of the public header (<xen/xen.h>, "Start-of-day memory layout"): kernel image,
 * ramdisk, list of machine frames, start_info, store page, console page, page tables, stack; each
 * on a page boundary; then at least 512 KB of room; and the mapped region ends on a 4 MB boundary.
 * Frame f is mapped at VIRT_BASE + f * 4096.
 *
 * Mapped frames are writable, but for the page tables themselves, which a domain may only read. In
 * PAE every 2 MB take an L1 table, every 1 GB an L2; the fourth L2 must exist even when nothing of
 * the kernel lies there, because the hypervisor's own range is entered through it.
 *
 * The number of L1 tables depends on the size of the region and the other way round, so the region
 * grows until it holds its own tables.
 */
#include <string.h>

#include "workloads/dom0/xl/boot_layout.h"
#include "workloads/dom0/xl/guest_memory.h"

#define ROOM_PAGES   128u       /* 512 KB after the last element */
#define REGION_BYTES (4u << 20) /* the mapped region ends on such a boundary */
#define L1_BYTES     (2u << 20) /* mapped by one L1 table */
#define XEN_SLOT     3u         /* the L3 entry that leads to the hypervisor's range */

#define PTE_PRESENT  0x001ull
#define PTE_WRITE    0x002ull
#define PTE_USER     0x004ull
#define PTE_ACCESSED 0x020ull
#define PTE_DIRTY    0x040ull
#define L1_FLAGS     (PTE_PRESENT | PTE_ACCESSED)
#define L2_FLAGS     (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED | PTE_DIRTY)
#define L3_FLAGS     (PTE_PRESENT) /* a PAE L3 entry has no other rights */

static unsigned count_bits(uint32_t set)
{
    unsigned n = 0;

    for (; set; set &= set - 1)
        n++;
    return n;
}

static struct page_range place(uint32_t *next, uint32_t pages)
{
    struct page_range range = {*next, pages};

    *next += pages;
    return range;
}

/* Sets the tables that a region ending at virtual address `end` needs; returns their number. */
static uint32_t count_tables(struct boot_layout *l, uint64_t end)
{
    l->first_table = l->virt_base / L1_BYTES;
    l->l1_count = (uint32_t)((end - 1) / L1_BYTES) - l->first_table + 1;
    l->l2_slots = 1u << XEN_SLOT;
    for (uint32_t i = 0; i < l->l1_count; i++)
        l->l2_slots |= 1u << (l->first_table + i) / PAE_ENTRIES;
    return 1 + count_bits(l->l2_slots) + l->l1_count;
}

const char *boot_layout_make(const struct kernel_image *kernel, uint32_t ramdisk_bytes,
                             uint32_t pages, struct boot_layout *layout)
{
    uint32_t next = XL_PAGES(kernel->end - kernel->virt_base);
    uint32_t tables = 0, needed;
    uint64_t end;

    memset(layout, 0, sizeof(*layout));
    layout->virt_base = kernel->virt_base;
    layout->pages = pages;
    layout->ramdisk = place(&next, XL_PAGES(ramdisk_bytes));
    layout->frame_list = place(&next, XL_PAGES((uint64_t)pages * sizeof(uint32_t)));
    layout->start_info = place(&next, 1);
    layout->store = place(&next, 1);
    layout->console = place(&next, 1);
    if (next > pages)
        return "needs more memory than the domain has";

    while (1) {
        end = layout->virt_base + (uint64_t)(next + tables + 1 + ROOM_PAGES) * XL_PAGE_SIZE;
        end = (end + REGION_BYTES - 1) / REGION_BYTES * REGION_BYTES;
        if (end > XL_HOLE_START)
            return "needs address space that belongs to the hypervisor";
        needed = count_tables(layout, end);
        if (needed <= tables)
            break;
        tables = needed;
    }
    layout->tables = place(&next, needed);
    layout->stack = place(&next, 1);
    if (next + ROOM_PAGES > pages)
        return "needs more memory than the domain has";
    layout->mapped = (uint32_t)((end - layout->virt_base) / XL_PAGE_SIZE);
    layout->mapped = layout->mapped < pages ? layout->mapped : pages;
    return NULL;
}

uint32_t boot_layout_least(const struct kernel_image *kernel, uint32_t ramdisk_bytes)
{
    struct boot_layout layout;

    for (uint32_t mb = 1; mb < 4096; mb++)
        if (!boot_layout_make(kernel, ramdisk_bytes, mb * (1u << 20) / XL_PAGE_SIZE, &layout))
            return mb;
    return 0;
}

uint32_t boot_layout_address(const struct boot_layout *layout, uint32_t frame)
{
    return layout->virt_base + frame * XL_PAGE_SIZE;
}

static uint64_t entry(uint32_t machine_frame, uint64_t flags)
{
    return (uint64_t)machine_frame * XL_PAGE_SIZE | flags;
}

void boot_layout_tables(const struct boot_layout *layout, const uint32_t *machine,
                        uint64_t (*tables)[PAE_ENTRIES])
{
    const struct page_range *t = &layout->tables;
    uint32_t l1_first = 1 + count_bits(layout->l2_slots); /* after the L3 and the L2s */
    uint32_t l2_of_slot[4] = {0}, next = 1;

    memset(tables, 0, t->count * sizeof(tables[0]));
    for (uint32_t slot = 0; slot < 4; slot++)
        if (layout->l2_slots >> slot & 1) {
            l2_of_slot[slot] = next++;
            tables[0][slot] = entry(machine[t->first + l2_of_slot[slot]], L3_FLAGS);
        }
    for (uint32_t i = 0; i < layout->l1_count; i++) {
        uint32_t region = layout->first_table + i;

        tables[l2_of_slot[region / PAE_ENTRIES]][region % PAE_ENTRIES] =
            entry(machine[t->first + l1_first + i], L2_FLAGS);
    }
    for (uint32_t frame = 0; frame < layout->mapped; frame++) {
        uint32_t page = boot_layout_address(layout, frame) / XL_PAGE_SIZE;
        uint32_t l1 = page / PAE_ENTRIES - layout->first_table;
        uint64_t write = frame - t->first < t->count ? 0 : PTE_WRITE | PTE_DIRTY;

        tables[l1_first + l1][page % PAE_ENTRIES] = entry(machine[frame], L1_FLAGS | write);
    }
}
