/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dom0.c - Domain 0 from the boot modules
 *
 * Module 0 is its kernel, module 1 its ramdisk. Its memory is laid out as xen/xen.h prescribes
 * under "Start-of-day memory layout", page by page from the virtual base, where virtual page n
 * shows pseudo-physical frame n:
 *
 *     kernel | ramdisk | list of frames | start_info | page tables | stack | at least 512 kB
 *
 * The region ends at a multiple of 4 MB; all of it is mapped writable, but for the page tables.
 * They are the root, four L2 tables and the L1 tables, in this order.
 */
#include "hv/include/arch/boot.h"
#include "hv/include/domain.h"
#include "hv/include/hypercall.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/arch/percpu.h"
#include "hv/include/sched.h"
#include "include/image/kernel_image.h"

#define ENTRIES_A_PAGE  (PAGE_SIZE / sizeof(uint32_t))
#define DEFAULT_MB      256u
#define SLACK           (512 * KB)
#define REGION_ALIGN    (4 * MB)
#define ROUND_UP(n, to) (((n) + (to)-1) / (to) * (to))

/* All in bytes from the virtual base, which is where pseudo-physical memory begins. */
struct layout {
    uint32_t base; /* virtual */
    uint32_t ramdisk, ramdisk_bytes, frame_list, start_info, tables, table_pages, stack, end;
    uint32_t pages; /* of the domain */
};

static struct domain *dom0;
static mfn *frame_lists[1024]; /* pfn to mfn while building, a heap page for 1024 each */

static mfn frame_at(uint32_t offset)
{
    uint32_t pfn = offset >> PAGE_SHIFT;

    return frame_lists[pfn / ENTRIES_A_PAGE][pfn % ENTRIES_A_PAGE];
}

/* Writes into the domain's pseudo-physical memory; from NULL: zeros. */
static void write_domain(uint32_t offset, const void *from, uint32_t bytes)
{
    const char *source = from;

    while (bytes > 0) {
        uint32_t part = MIN(bytes, PAGE_SIZE - (offset & (PAGE_SIZE - 1)));
        char *page = map_frame(frame_at(offset));

        if (source)
            memcpy(page + (offset & (PAGE_SIZE - 1)), source, part);
        else
            memset(page + (offset & (PAGE_SIZE - 1)), 0, part);
        unmap_frame(page);
        offset += part;
        source += source ? part : 0;
        bytes -= part;
    }
}

static void copy_physical(uint32_t offset, uint32_t physical, uint32_t bytes)
{
    while (bytes > 0) {
        uint32_t part = MIN(bytes, PAGE_SIZE - (physical & (PAGE_SIZE - 1)));
        const char *page = map_frame(physical >> PAGE_SHIFT);

        write_domain(offset, page + (physical & (PAGE_SIZE - 1)), part);
        unmap_frame(page);
        offset += part;
        physical += part;
        bytes -= part;
    }
}

/* An image_file's read(): `where` is a physical address. */
static void read_module(uint64_t where, uint32_t offset, void *to, uint32_t bytes)
{
    char *target = to;

    while (bytes > 0) {
        uint32_t at = (uint32_t)where + offset;
        uint32_t part = MIN(bytes, PAGE_SIZE - (at & (PAGE_SIZE - 1)));
        const char *page = map_frame(at >> PAGE_SHIFT);

        memcpy(target, page + (at & (PAGE_SIZE - 1)), part);
        unmap_frame(page);
        target += part;
        offset += part;
        bytes -= part;
    }
}

static uint32_t memory_pages(void)
{
    char text[16];
    const char *unit;
    uint64_t megabytes;

    if (!option("dom0_mem", text, sizeof(text)))
        return MIN(DEFAULT_MB * 256, frames_free_count() / 2);
    megabytes = parse_number(text, &unit);
    if (strcmp(unit, "G") == 0)
        megabytes *= 1024;
    else if (strcmp(unit, "M") != 0)
        panic("dom0_mem=%s: expected a size such as 64M", text);
    if (megabytes < 4 || megabytes * 256 > frames_free_count())
        panic("dom0_mem=%s: the machine has %u MB for domains", text, frames_free_count() / 256);
    return (uint32_t)megabytes * 256;
}

static void plan(struct layout *l, const struct kernel_image *image)
{
    uint32_t next = ROUND_UP(image->end - image->virt_base, (uint32_t)PAGE_SIZE);

    l->base = image->virt_base;
    l->pages = memory_pages();
    l->ramdisk = next;
    if (boot_information.modules > 1)
        l->ramdisk_bytes = boot_information.module[1].end - boot_information.module[1].start;
    next += ROUND_UP(l->ramdisk_bytes, (uint32_t)PAGE_SIZE);
    l->frame_list = next;
    next += ROUND_UP(l->pages * (uint32_t)sizeof(uint32_t), (uint32_t)PAGE_SIZE);
    l->start_info = next;
    l->tables = next + PAGE_SIZE;
    /* The tables cover themselves: try until they do. */
    for (l->table_pages = 6;; l->table_pages++) {
        uint32_t first, last;

        l->stack = l->tables + l->table_pages * PAGE_SIZE;
        l->end = ROUND_UP(l->base + l->stack + PAGE_SIZE + SLACK, REGION_ALIGN) - l->base;
        first = l->base >> L2_SHIFT;
        last = (l->base + l->end - 1) >> L2_SHIFT;
        if (l->table_pages >= 5 + last - first + 1)
            break;
    }
    if (l->end > (uint64_t)l->pages * PAGE_SIZE)
        panic("Domain 0 needs %u MB at the least", l->end / MB);
    if (l->base + l->end > HV_VIRT_START)
        panic("Domain 0 does not fit below %x", HV_VIRT_START);
    if (image->hypercall_page != NO_HYPERCALL_PAGE &&
        image->hypercall_page - l->base > l->end - PAGE_SIZE)
        panic("Domain 0's kernel has a hypercall page outside what is mapped");
}

static void allocate(const struct layout *l)
{
    dom0->max_pages = l->pages;
    for (uint32_t pfn = 0; pfn < l->pages; pfn++) {
        mfn **list = &frame_lists[pfn / ENTRIES_A_PAGE], number;

        if (!*list)
            *list = heap_page();
        if (!*list || frames_alloc(dom0, 0, pfn, &number))
            panic("out of memory for Domain 0");
        (*list)[pfn % ENTRIES_A_PAGE] = number;
    }
}

static void build_tables(const struct layout *l)
{
    uint32_t l1_tables = l->tables + 5 * PAGE_SIZE;
    uint32_t first_l2 = l->base >> L2_SHIFT;

    for (unsigned i = 0; i < ROOT_ENTRIES; i++) {
        pte entry = MAKE_PTE(frame_at(l->tables + (1 + i) * PAGE_SIZE), PTE_PRESENT);

        write_domain(l->tables + i * sizeof(pte), &entry, sizeof(entry));
    }
    for (uint32_t at = 0; at < l->end; at += PAGE_SIZE) {
        uint32_t address = l->base + at, l2 = address >> L2_SHIFT;
        uint32_t l1 = l1_tables + (l2 - first_l2) * PAGE_SIZE;
        bool table = at >= l->tables && at < l->tables + l->table_pages * PAGE_SIZE;
        pte entry =
            MAKE_PTE(frame_at(at), PTE_PRESENT | PTE_ACCESSED | (table ? 0 : PTE_RW | PTE_DIRTY));

        write_domain(l1 + (address >> PAGE_SHIFT) % TABLE_ENTRIES * sizeof(pte), &entry,
                     sizeof(entry));
        entry = MAKE_PTE(frame_at(l1), PTE_PRESENT | PTE_RW | PTE_USER | PTE_ACCESSED | PTE_DIRTY);
        write_domain(l->tables + (1 + (address >> L3_SHIFT)) * PAGE_SIZE +
                         l2 % TABLE_ENTRIES * sizeof(pte),
                     &entry, sizeof(entry));
    }
}

/* The loader's string is the file's name, then the arguments; the kernel gets the arguments. */
static const char *arguments(const char *string)
{
    while (*string && *string != ' ')
        string++;
    while (*string == ' ')
        string++;
    return string;
}

static void write_start_info(const struct layout *l)
{
    static struct start_info info;

    copy_string(info.magic, "xen-3.0-x86_32p", sizeof(info.magic));
    info.nr_pages = l->pages;
    info.shared_info = dom0->shared_mfn << PAGE_SHIFT;
    info.flags = SIF_PRIVILEGED | SIF_INITDOMAIN;
    info.pt_base = l->base + l->tables;
    info.nr_pt_frames = l->table_pages;
    info.mfn_list = l->base + l->frame_list;
    if (l->ramdisk_bytes) {
        info.mod_start = l->base + l->ramdisk;
        info.mod_len = l->ramdisk_bytes;
    }
    copy_string((char *)info.cmd_line, arguments(boot_information.module[0].command_line),
                sizeof(info.cmd_line));
    info.first_p2m_pfn = l->frame_list >> PAGE_SHIFT;
    info.nr_p2m_frames = (l->start_info - l->frame_list) >> PAGE_SHIFT;
    write_domain(l->start_info, &info, sizeof(info));
}

static void load_kernel(const struct boot_module *module, const struct kernel_image *image)
{
    static uint8_t stubs[PAGE_SIZE];

    for (unsigned i = 0; i < image->segment_count; i++) {
        const struct kernel_segment *s = &image->segment[i];
        uint32_t to = s->address - image->virt_base;

        copy_physical(to, module->start + s->file_offset, s->file_bytes);
        write_domain(to + s->file_bytes, NULL, s->memory_bytes - s->file_bytes);
    }
    if (image->symbols_at)
        write_domain(image->symbols_at - image->virt_base, &image->symbols, sizeof(image->symbols));
    if (image->hypercall_page != NO_HYPERCALL_PAGE) {
        hypercall_page_write(stubs);
        write_domain(image->hypercall_page - image->virt_base, stubs, sizeof(stubs));
    }
}

void dom0_build(void)
{
    static struct vcpu_guest_context context;
    static struct kernel_image image;
    const struct boot_module *module = &boot_information.module[0];
    struct layout l = {0};
    struct image_file file = {module->start, module->end - module->start, read_module};
    const char *problem;
    status result;

    if (boot_information.modules == 0)
        panic("no kernel for Domain 0: the first boot module is missing");
    problem = kernel_image_read(&file, KERNEL_OF_DOMAIN_0, &image);
    if (problem)
        panic("Domain 0's kernel %s", problem);
    plan(&l, &image);
    if (domain_create(0, true, &dom0))
        panic("out of memory for Domain 0");
    allocate(&l);
    load_kernel(module, &image);
    if (l.ramdisk_bytes)
        copy_physical(l.ramdisk, boot_information.module[1].start, l.ramdisk_bytes);
    for (uint32_t i = 0; i < l.pages; i += ENTRIES_A_PAGE)
        write_domain(l.frame_list + i * (uint32_t)sizeof(uint32_t), frame_lists[i / ENTRIES_A_PAGE],
                     MIN(l.pages - i, ENTRIES_A_PAGE) * (uint32_t)sizeof(uint32_t));
    write_start_info(&l);
    build_tables(&l);

    context.user_regs.eip = image.entry;
    context.user_regs.cs = SEL_RING1_CODE;
    context.user_regs.ds = context.user_regs.es = context.user_regs.ss = SEL_RING1_DATA;
    context.user_regs.fs = context.user_regs.gs = SEL_RING1_DATA;
    context.user_regs.esp = l.base + l.stack + PAGE_SIZE;
    context.user_regs.esi = l.base + l.start_info;
    context.kernel_ss = SEL_RING1_DATA;
    context.kernel_sp = context.user_regs.esp;
    context.ctrlreg[3] = xen_pfn_to_cr3(frame_at(l.tables));
    lock(&mm_lock);
    result = frame_pin(frame_at(l.tables), 0, FRAME_L3);
    unlock(&mm_lock);
    if (!result)
        result = vcpu_set_context(&dom0->vcpu[0], &context);
    if (result)
        panic("Domain 0's tables do not conform (%d)", result);
    for (unsigned i = 0; i < ARRAY_SIZE(frame_lists); i++) {
        heap_free(frame_lists[i]);
        frame_lists[i] = NULL;
    }
    print("d0: %u MB, kernel at %x, ramdisk %u kB\n", l.pages / 256, image.virt_base,
          l.ramdisk_bytes / KB);
}
