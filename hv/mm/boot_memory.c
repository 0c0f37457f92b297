/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * boot_memory.c - who gets which part of RAM
 *
 *   0-1 MB          the PC's: BIOS tables, the second processor's trampoline
 *   1 MB-image_end  this program
 *   modules         until Domain 0 is built, then the domains'
 *   top of RAM      the heap: M2P, frame table, pages
 *   everything else the domains'
 *
 * Domain frames are handed out from the lowest up, so that runs are repeatable.
 */
#include "hv/include/mm.h"
#include "hv/include/lib.h"
#include "hv/include/arch/percpu.h"

#define HEAP_PAGES_BYTES (16 * MB)
#define LARGE_PAGE       (1u << L2_SHIFT)
#define ROUND_UP(n, to)  (((n) + (to)-1) / (to) * (to))

uint32_t *m2p;
mfn heap_first_frame, heap_frames;
static mfn highest_frame;

mfn max_frame(void)
{
    return highest_frame;
}

static void map_heap(uint64_t physical, uint32_t bytes, uint32_t m2p_bytes)
{
    for (uint32_t at = 0; at < bytes; at += LARGE_PAGE)
        hv_top_l2[((HEAP_VIRT_START + at) >> L2_SHIFT) & (TABLE_ENTRIES - 1)] =
            (physical + at) | PTE_PRESENT | PTE_RW | PTE_PSE | PTE_GLOBAL;
    for (uint32_t at = 0; at < m2p_bytes; at += LARGE_PAGE)
        hv_top_l2[((M2P_VIRT_START + at) >> L2_SHIFT) & (TABLE_ENTRIES - 1)] =
            (physical + at) | PTE_PRESENT | PTE_PSE | PTE_GLOBAL;
}

/* Not for domains: what lies below the image's end, the modules and the heap. */
static bool reserved(mfn number)
{
    uint64_t address = (uint64_t)number << PAGE_SHIFT;

    if (address < ROUND_UP(image_physical(image_end), (uint32_t)PAGE_SIZE))
        return true;
    for (unsigned i = 0; i < boot_information.modules; i++) {
        const struct boot_module *m = &boot_information.module[i];

        if (address + PAGE_SIZE > m->start && address < m->end)
            return true;
    }
    return number >= heap_first_frame && number < heap_first_frame + heap_frames;
}

static void add_frames(void)
{
    for (unsigned r = 0; r < boot_information.regions; r++) {
        mfn first = (mfn)ROUND_UP(boot_information.region[r].start, PAGE_SIZE) >> PAGE_SHIFT;
        mfn end = (mfn)(boot_information.region[r].end >> PAGE_SHIFT);

        for (mfn n = first; n < end && n < frame_table_size; n++) {
            if (reserved(n))
                continue;
            frame_table[n].flags = FRAME_RAM;
            frame_table[n].owner = OWNER_NONE;
            alloc_add(n, n + 1);
        }
    }
}

/*
 * The machine-to-physical table is lent to nobody in particular, read-only: it has a use that is
 * typed, of no type that anything could be added to.
 */
static void lend_m2p(uint32_t m2p_bytes)
{
    for (mfn n = heap_first_frame; n < heap_first_frame + (m2p_bytes >> PAGE_SHIFT); n++)
        frame_table[n] = (struct frame){.count = 1,
                                        .type = FRAME_NONE,
                                        .type_count = 1,
                                        .flags = FRAME_RAM | FRAME_HV,
                                        .owner = DOMID_XEN};
}

void memory_init(void)
{
    uint64_t top = 0;
    uint32_t m2p_bytes, table_bytes, bitmap_bytes, total;
    char *next;

    for (unsigned r = 0; r < boot_information.regions; r++) {
        if (boot_information.region[r].end > top)
            top = boot_information.region[r].end;
    }
    top &= ~(uint64_t)(LARGE_PAGE - 1);
    highest_frame = (mfn)(top >> PAGE_SHIFT);
    m2p_bytes = ROUND_UP(highest_frame * sizeof(uint32_t), LARGE_PAGE);
    table_bytes = ROUND_UP(highest_frame * sizeof(struct frame), (uint32_t)PAGE_SIZE);
    bitmap_bytes = ROUND_UP(highest_frame / 8, (uint32_t)PAGE_SIZE);
    total = ROUND_UP(m2p_bytes + table_bytes + bitmap_bytes + HEAP_PAGES_BYTES, LARGE_PAGE);
    if (top < 32 * MB || total > HEAP_VIRT_END - HEAP_VIRT_START ||
        m2p_bytes > M2P_VIRT_END - M2P_VIRT_START)
        panic("cannot manage %u MB of memory", (unsigned)(top / MB));

    heap_frames = total >> PAGE_SHIFT;
    heap_first_frame = highest_frame - heap_frames;
    map_heap((uint64_t)heap_first_frame << PAGE_SHIFT, total, m2p_bytes);

    next = (char *)(uintptr_t)HEAP_VIRT_START;
    memset(next, 0, m2p_bytes + table_bytes + bitmap_bytes);
    m2p = (uint32_t *)next;
    memset(m2p, 0xff, m2p_bytes);
    next += m2p_bytes;
    frame_table = (struct frame *)next;
    frame_table_size = highest_frame;
    next += table_bytes;
    alloc_init((uint32_t *)next, highest_frame);
    next += bitmap_bytes;
    heap_init(next, (char *)(uintptr_t)HEAP_VIRT_START + total);
    frame_validator = &page_table_validator;

    for (mfn n = 0; n < highest_frame; n++)
        frame_table[n].owner = OWNER_HV;
    lend_m2p(m2p_bytes);
    add_frames();
    zero_mfn = heap_mfn(heap_page());
    print("RAM %u MB: %u MB for domains, %u kB for the hypervisor at %x\n", (unsigned)(top / MB),
          frames_free_count() / 256, total / KB, heap_first_frame << PAGE_SHIFT);
}

void memory_free_modules(void)
{
    for (unsigned i = 0; i < boot_information.modules; i++) {
        const struct boot_module *m = &boot_information.module[i];

        for (mfn n = m->start >> PAGE_SHIFT; n < (m->end + PAGE_SIZE - 1) >> PAGE_SHIFT; n++) {
            if (n <= (image_physical(image_end) >> PAGE_SHIFT) || n >= heap_first_frame ||
                frame_of(n))
                continue;
            frame_table[n].flags = FRAME_RAM;
            frame_table[n].owner = OWNER_NONE;
            alloc_add(n, n + 1);
        }
    }
}
