/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * memory.c - pseudo-physical memory and the linear map
 *
 * The domain builder leaves page tables that map, from KERNEL_BASE, the kernel, the ramdisk, the
 * list of machine frames (p2m), start_info, those tables themselves and at least 512 kB more. The
 * rest is mapped here: each new table page is filled while it is ordinary memory, made read-only
 * and then linked, which is when the hypervisor checks it. The pages for the tables are taken in
 * order from the first free one on, and since a table page maps 512 others, what has been mapped
 * always runs ahead of what is taken.
 *
 * Two tables translate frame numbers: p2m, the domain's own (pfn to machine frame), and m2p, the
 * hypervisor's, readable by all. A machine frame is ours if m2p and p2m agree about it.
 */
#include "guestos/arch/x86/port.h"
#include "guestos/arch/xen/front.h"
#include "guestos/kernel/options.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"

#define ENTRIES     512
#define KERNEL_PAGE (PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY)
#define KERNEL_LINK (PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_USER)

extern char kernel_start[], kernel_end[];

struct pagetable kernel_pagetable;

static const uint32_t *p2m, *m2p;
static uint32_t frames;

uint64_t port_frame(uint32_t pfn)
{
    ASSERT(pfn < frames);
    return p2m[pfn];
}

uint32_t port_pfn(uint64_t frame)
{
    uint32_t pfn = m2p[(uint32_t)frame];

    if (pfn >= frames || p2m[pfn] != (uint32_t)frame)
        panic("machine frame %llx is not this domain's", frame);
    return pfn;
}

uint64_t machine_address(const void *address)
{
    return port_frame(address_pfn(address)) << PAGE_SHIFT | ((uint32_t)address & ~PAGE_MASK);
}

void memory_set_frame(const void *page, uint32_t frame)
{
    ((uint32_t *)start_info->mfn_list)[address_pfn(page)] = frame;
}

void map_page(const void *address, uint64_t entry)
{
    int error = HYPERCALL_4(update_va_mapping, address, entry, entry >> 32, UVMF_INVLPG);

    if (error)
        panic("cannot map %p: error %d", address, -error);
}

static uint64_t *directory(void)
{
    const uint64_t *root = page_address(kernel_pagetable.root);

    return page_address(pte_pfn(root[3]));
}

/* Frames that the builder has filled end here; all below this is mapped. */
static uint32_t first_free(uint32_t stack)
{
    uint32_t end = MAX(PAGE_UP(stack), PAGE_UP((uint32_t)kernel_end));

    end = MAX(end, PAGE_UP((uint32_t)start_info + sizeof(*start_info)));
    end = MAX(end, (uint32_t)start_info->pt_base + (uint32_t)start_info->nr_pt_frames * PAGE_SIZE);
    end = MAX(end, PAGE_UP((uint32_t)start_info->mfn_list + frames * sizeof(*p2m)));
    if (start_info->mod_len)
        end = MAX(end, PAGE_UP((uint32_t)start_info->mod_start + (uint32_t)start_info->mod_len));
    return address_pfn((void *)end);
}

static void map_all(uint32_t *free)
{
    uint64_t *top = directory();

    for (uint32_t pfn = 0; pfn < frames;) {
        uint64_t *link = &top[pfn / ENTRIES];
        uint32_t end = MIN((pfn | (ENTRIES - 1)) + 1, frames);

        if (*link & PTE_PRESENT) {
            const uint64_t *table = page_address(pte_pfn(*link));

            for (; pfn < end; pfn++)
                if (!(table[pfn % ENTRIES] & PTE_PRESENT))
                    map_page(page_address(pfn), pte_make(pfn, KERNEL_PAGE));
            continue;
        }
        uint32_t table_pfn = (*free)++;
        uint64_t *table = page_address(table_pfn);
        memset(table, 0, PAGE_SIZE);
        for (; pfn < end; pfn++)
            table[pfn % ENTRIES] = pte_make(pfn, KERNEL_PAGE);
        queue_protect(table_pfn, true);
        queue_update(machine_address(link), pte_make(table_pfn, KERNEL_LINK));
        queue_flush();
    }
}

void memory_init(uint32_t stack, const char *command_line)
{
    struct xen_platform_parameters parameters;
    int error = HYPERCALL_2(xen_version, XENVER_platform_parameters, &parameters);

    m2p = (const uint32_t *)(error ? HYPERVISOR_VIRT_START : parameters.virt_start);
    p2m = (const uint32_t *)start_info->mfn_list;
    frames = MIN((uint32_t)start_info->nr_pages, (KERNEL_TOP - KERNEL_BASE) >> PAGE_SHIFT);
    const char *wanted = option_value(command_line, "mem");
    if (wanted && option_size(wanted))
        frames = MIN(frames, (uint32_t)(option_size(wanted) >> PAGE_SHIFT));
    kernel_pagetable.root = address_pfn((void *)start_info->pt_base);
    uint32_t free = first_free(stack);
    if (free + 64 > frames)
        panic("%u kB of memory are too little", frames * 4);
    map_all(&free);
    uint32_t map = free, map_frames = PAGE_UP(frames * sizeof(struct page)) >> PAGE_SHIFT;
    pages_init(page_address(map), frames);
    if (option_value(command_line, "placement"))
        pages_scatter(option_seed(option_value(command_line, "placement")));
    pages_add(0, address_pfn(kernel_start));
    pages_add(map + map_frames, frames);
}
