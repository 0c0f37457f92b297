/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel_image.c - where a kernel goes in its domain, and whether it may
 *
 * A segment belongs at p_paddr - PADDR_OFFSET + VIRT_BASE. Both default to 0; but with a text
 * instead of notes PADDR_OFFSET defaults to VIRT_BASE: physical addresses were virtual ones then.
 *
 * What is taken and what is refused is what Xen 4.17 does (libelf, the hypervisor's builder of
 * Domain 0 and the tools' libxenguest). Four departures, each to refuse what Xen loads somehow:
 *
 *   - a segment or VIRT_BASE outside the file, the address space or a page's start: Domain 0's
 *     builder of Xen trusts such a file, the tools load zeros;
 *   - a segment larger in the file than in memory;
 *   - more segments than KERNEL_SEGMENTS_MAX;
 *   - 64-bit files of any machine.
 *
 * A symbol table that does not lie in the file is left out. Its end is its real one: Xen counts 68
 * bytes too few.
 */
#include "include/image/kernel_image.h"
#include "include/freestanding/string.h"
#include "include/image/kernel_notes.h"

#include <xen/features.h>

#define MACHINE_386    3
#define SEGMENT_LOAD   1
#define SEGMENT_RIGHTS 7u /* one that nobody may read, write or execute is not loaded */

static bool in_file(uint32_t offset, uint32_t bytes, const struct image_file *file)
{
    return offset <= file->bytes && bytes <= file->bytes - offset;
}

static bool is_loaded(const struct program_header *p)
{
    return p->type == SEGMENT_LOAD && (p->flags & SEGMENT_RIGHTS) != 0;
}

static const char *check_header(const struct image_file *file, const struct elf_header *elf)
{
    uint64_t sections = (uint64_t)elf->shentsize * kernel_section_count(file, elf);

    if (file->bytes < sizeof(*elf) || memcmp(elf->ident, "\177ELF", 4) != 0)
        return "is not an ELF file";
    if (elf->ident[4] != 1 || elf->ident[5] != 1 || elf->machine != MACHINE_386)
        return "is not for a 32-bit i386";
    if (elf->phoff + (uint64_t)elf->phentsize * elf->phnum > file->bytes)
        return "is truncated: its program headers lie outside the file";
    if (elf->shoff + sections > file->bytes)
        return "is truncated: its section headers lie outside the file";
    return NULL;
}

static const char *check_wishes(const struct kernel_wishes *w, enum kernel_role role)
{
    bool of_domain_0 = role == KERNEL_OF_DOMAIN_0;

    if (!w->by_notes && !w->by_text)
        return "has neither Xen notes nor a __xen_guest section";
    if (strncmp(w->loader, "generic", 7) != 0 && strncmp(w->guest_os, "linux", 5) != 0)
        return "is neither for the generic loader nor Linux";
    if (strncmp(w->version, "xen-3.0", 7) != 0)
        return "was not made for interface xen-3.0";
    if (!w->pae)
        return "does not use PAE page tables";
    if (w->paddr_offset != UNSET && w->virt_base == UNSET)
        return "has a PADDR_OFFSET without a VIRT_BASE";
    if (!of_domain_0 && (w->required >> XENFEAT_dom0 & 1))
        return "is for Domain 0 only";
    if (of_domain_0 && w->lists_features && !(w->supported >> XENFEAT_dom0 & 1))
        return "does not support being Domain 0";
    if (of_domain_0 && (w->required >> XENFEAT_supervisor_mode_kernel & 1))
        return "requires ring 0";
    if (of_domain_0 && w->hypervisor_start != UNSET && w->hypervisor_start > KERNEL_SPACE_END)
        return "expects the hypervisor too high";
    return NULL;
}

/* Finds the physical range of all segments; an empty one if there is none. */
static void find_range(const struct image_file *file, const struct elf_header *elf, uint64_t *start,
                       uint64_t *end)
{
    *start = UNSET;
    *end = 0;
    for (unsigned i = 0; i < elf->phnum; i++) {
        struct program_header p;

        if (!image_file_entry(file, elf->phoff, elf->phentsize, i, &p, sizeof(p)))
            return;
        if (!is_loaded(&p))
            continue;
        *start = p.paddr < *start ? p.paddr : *start;
        *end = p.paddr + (uint64_t)p.memsz > *end ? p.paddr + (uint64_t)p.memsz : *end;
    }
}

/* Segments lie between image->start and image->end, as these were made of them. */
static const char *take_segments(struct kernel_image *image, const struct image_file *file,
                                 const struct elf_header *elf, uint32_t virtual_offset)
{
    uint64_t room = 2 * (uint64_t)(image->end - image->start);

    for (unsigned i = 0; i < elf->phnum; i++) {
        struct program_header p;

        if (!image_file_entry(file, elf->phoff, elf->phentsize, i, &p, sizeof(p)))
            break;
        if (!is_loaded(&p) || p.memsz == 0)
            continue;
        if (image->segment_count == KERNEL_SEGMENTS_MAX)
            return "has more loadable segments than a kernel needs";
        if (!in_file(p.offset, p.filesz, file))
            return "is truncated: a segment lies outside the file";
        if (p.filesz > p.memsz)
            return "has a segment that is larger in the file than in memory";
        if (p.memsz > room)
            return "has segments that overlap again and again";
        room -= p.memsz;
        image->segment[image->segment_count++] =
            (struct kernel_segment){p.paddr + virtual_offset, p.offset, p.filesz, p.memsz};
    }
    return image->segment_count ? NULL : "has nothing to load";
}

/* The first symbol table, if its strings are what they should be. False: there is none. */
static bool find_symbols(const struct image_file *file, const struct elf_header *elf,
                         struct symbols_section *symbols, struct symbols_section *strings)
{
    unsigned count = kernel_section_count(file, elf);

    for (unsigned i = 1; i < count; i++) {
        if (!image_file_entry(file, elf->shoff, elf->shentsize, i, symbols, sizeof(*symbols)))
            return false;
        if (symbols->type != SYMBOLS_SECTION_SYMTAB)
            continue;
        return symbols->link > 0 && symbols->link < count &&
               image_file_entry(file, elf->shoff, elf->shentsize, symbols->link, strings,
                                sizeof(*strings)) &&
               strings->type == SYMBOLS_SECTION_STRTAB &&
               in_file(symbols->offset, symbols->size, file) &&
               in_file(strings->offset, strings->size, file);
    }
    return false;
}

static void take_symbols(struct kernel_image *image, const struct image_file *file,
                         const struct elf_header *elf)
{
    uint32_t at = (image->end + 3) & ~3u, strings_offset;
    struct symbols_section symbols, strings;

    if (!find_symbols(file, elf, &symbols, &strings) ||
        image->segment_count + 2 > KERNEL_SEGMENTS_MAX ||
        !kernel_symbols_describe(&image->symbols, elf, &symbols, &strings, &strings_offset) ||
        at >= KERNEL_SPACE_END || image->symbols.bytes + 4 > KERNEL_SPACE_END - at)
        return;
    image->symbols_at = at;
    image->segment[image->segment_count++] = (struct kernel_segment){
        at + (uint32_t)sizeof(image->symbols), symbols.offset, symbols.size, symbols.size};
    image->segment[image->segment_count++] =
        (struct kernel_segment){at + strings_offset, strings.offset, strings.size, strings.size};
    image->end = at + 4 + image->symbols.bytes;
}

/* Turns the wishes into addresses of the domain; physical ones are from find_range(). */
static const char *place(struct kernel_image *image, const struct kernel_wishes *w,
                         uint64_t physical_start, uint64_t physical_end, uint64_t *virtual_offset)
{
    uint64_t base = w->virt_base == UNSET ? 0 : w->virt_base, start, end;
    uint64_t paddr_offset = w->paddr_offset != UNSET ? w->paddr_offset : w->by_notes ? 0 : base;

    *virtual_offset = base - paddr_offset;
    start = physical_start + *virtual_offset;
    end = physical_end + *virtual_offset;
    if (physical_end == 0 || start > end || base > start)
        return "has nothing to load, or loads it below its VIRT_BASE";
    if (base % KERNEL_PAGE_SIZE || end > KERNEL_SPACE_END)
        return "has a VIRT_BASE inside a page, or lies in the hypervisor's range";
    image->virt_base = (uint32_t)base;
    image->start = (uint32_t)start;
    image->end = (uint32_t)end;
    return NULL;
}

/* What can only be said of the whole, symbols included. */
static const char *check_places(struct kernel_image *image, const struct kernel_wishes *w,
                                enum kernel_role role, uint64_t entry)
{
    if (entry < image->start || entry > image->end)
        return "has an entry point outside its segments";
    if (w->frame_list != UNSET && w->frame_list >= image->start && w->frame_list < image->end)
        return "wants its list of frames inside itself";
    if (role == KERNEL_OF_ANOTHER && image->start % KERNEL_PAGE_SIZE)
        return "begins inside a page";
    image->entry = (uint32_t)entry;
    image->hypercall_page = NO_HYPERCALL_PAGE;
    if (w->hypercall_page == UNSET)
        return NULL;
    if (w->hypercall_page < image->virt_base ||
        w->hypercall_page > KERNEL_SPACE_END - KERNEL_PAGE_SIZE)
        return "has a hypercall page outside its domain";
    image->hypercall_page = (uint32_t)w->hypercall_page;
    if (role == KERNEL_OF_ANOTHER) /* the tools ask for a frame */
        image->hypercall_page &= ~(KERNEL_PAGE_SIZE - 1);
    return NULL;
}

const char *kernel_image_read(const struct image_file *file, enum kernel_role role,
                              struct kernel_image *image)
{
    uint64_t physical_start, physical_end, virtual_offset;
    struct kernel_wishes wishes;
    struct elf_header elf;
    const char *wrong;

    memset(image, 0, sizeof(*image));
    image_file_fetch(file, 0, &elf, sizeof(elf));
    if ((wrong = check_header(file, &elf)))
        return wrong;
    if (!kernel_notes_read(file, &elf, &wishes))
        return "requires a feature that is not known";
    find_range(file, &elf, &physical_start, &physical_end);
    if ((wrong = check_wishes(&wishes, role)) ||
        (wrong = place(image, &wishes, physical_start, physical_end, &virtual_offset)) ||
        (wrong = take_segments(image, file, &elf, (uint32_t)virtual_offset)))
        return wrong;
    if (wishes.symbols)
        take_symbols(image, file, &elf);
    return check_places(image, &wishes, role, wishes.entry == UNSET ? elf.entry : wishes.entry);
}

static void read_memory(uint64_t where, uint32_t offset, void *to, uint32_t bytes)
{
    memcpy(to, (const char *)(uintptr_t)where + offset, bytes);
}

struct image_file image_in_memory(const void *data, uint32_t bytes)
{
    return (struct image_file){(uintptr_t)data, bytes, read_memory};
}
