/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * multiboot.c - after the Multiboot Specification 0.6.96
 *
 * Physical memory after loading:
 *
 *   0x00009000  information structure, memory map, module list, strings
 *   0x0009fc00  extended BIOS data area, BIOS (mptable.c)
 *   0x00100000  the kernel, where it asks to be
 *   above it    modules in the order given, each on a page of its own
 *
 * A kernel may also be linked below 0x9000 or between the structure's end and 0x9fc00.
 */
#include "sim/load/multiboot.h"

#include "sim/load/elf.h"
#include "sim/load/mptable.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define HEADER_MAGIC  0x1badb002u
#define HEADER_SEARCH 8192u
#define FLAG_ALIGN    (1u << 0)
#define FLAG_MEMORY   (1u << 1)
#define FLAG_VIDEO    (1u << 2)
#define FLAG_AOUT     (1u << 16)
#define FLAGS_MUST    0xffffu /* flags of these bits must be understood */

#define INFO_BASE  0x9000u
#define HIGH_BASE  0x100000u
#define PAGE_BYTES 4096u

struct header {
    uint32_t magic, flags, checksum;
    uint32_t header_addr, load_addr, load_end_addr, bss_end_addr, entry_addr;
};

struct info {
    uint32_t flags;
    uint32_t mem_lower, mem_upper; /* kB */
    uint32_t boot_device, cmdline;
    uint32_t mods_count, mods_addr;
    uint32_t syms[4];
    uint32_t mmap_length, mmap_addr;
    uint32_t drives_length, drives_addr, config_table, boot_loader_name, apm_table;
};

#define INFO_HAS_MEMORY  (1u << 0)
#define INFO_HAS_CMDLINE (1u << 2)
#define INFO_HAS_MODULES (1u << 3)
#define INFO_HAS_MMAP    (1u << 6)
#define INFO_HAS_LOADER  (1u << 9)

struct module_entry {
    uint32_t start, end, string, reserved;
};

struct map_entry {
    uint32_t size; /* of what follows */
    uint64_t base, length;
    uint32_t type; /* 1: usable */
} __attribute__((packed));

struct loader {
    uint8_t *ram;
    uint32_t ram_bytes;
    uint32_t low_free, high_free; /* next free byte below 640 kB and above 1 MB */
    char *why;
    size_t why_bytes;
};

__attribute__((format(printf, 2, 3))) static bool fail(const struct loader *loader,
                                                       const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(loader->why, loader->why_bytes, format, arguments);
    va_end(arguments);
    return false;
}

/* ---- the kernel ------------------------------------------------------------------------------ */

/* Copies `file_bytes` of the kernel to `address`, zeroes the rest of `memory_bytes`. */
static bool place(struct loader *loader, const struct file *file, uint64_t offset,
                  uint32_t file_bytes, uint32_t address, uint64_t memory_bytes)
{
    uint64_t end = address + memory_bytes;

    if (end > loader->ram_bytes)
        return fail(loader, "%s wants memory up to 0x%llx, the machine has 0x%x bytes", file->path,
                    (unsigned long long)end, loader->ram_bytes);
    if (address < HIGH_BASE && end > INFO_BASE)
        return fail(loader, "%s wants memory at 0x%x, which belongs to the boot loader or firmware",
                    file->path, address);
    memcpy(loader->ram + address, file->bytes + offset, file_bytes);
    memset(loader->ram + address + file_bytes, 0, memory_bytes - file_bytes);
    if (end > loader->high_free)
        loader->high_free = (uint32_t)end;
    return true;
}

static bool find_header(const struct file *file, struct header *header, uint32_t *offset)
{
    size_t limit = file->size < HEADER_SEARCH ? file->size : HEADER_SEARCH;

    for (uint32_t at = 0; at + 12 <= limit; at += 4) {
        memset(header, 0, sizeof(*header));
        memcpy(header, file->bytes + at,
               file->size - at < sizeof(*header) ? file->size - at : sizeof(*header));
        if (header->magic == HEADER_MAGIC &&
            header->magic + header->flags + header->checksum == 0) {
            *offset = at;
            return true;
        }
    }
    return false;
}

bool multiboot_has_header(const struct file *file)
{
    struct header header;
    uint32_t offset;

    return find_header(file, &header, &offset);
}

/* The header's own address fields, for images in formats the loader does not know. */
static bool load_by_header(struct loader *loader, const struct file *file,
                           const struct header *header, uint32_t header_offset, uint32_t *entry)
{
    uint32_t before = header->header_addr - header->load_addr;
    uint64_t offset = (uint64_t)header_offset - before;
    uint64_t bytes, memory;

    if (header_offset + sizeof(*header) > file->size)
        return fail(loader, "%s is truncated: its Multiboot header is incomplete", file->path);
    if (header->load_addr > header->header_addr || before > header_offset)
        return fail(loader, "the Multiboot header of %s has inconsistent addresses", file->path);
    bytes = header->load_end_addr ? (uint64_t)header->load_end_addr - header->load_addr
                                  : file->size - offset;
    if (header->load_end_addr && header->load_end_addr < header->load_addr)
        return fail(loader, "the Multiboot header of %s ends before it begins", file->path);
    if (bytes > file->size - offset)
        return fail(loader,
                    "%s is truncated: its Multiboot header promises %llu bytes at offset "
                    "%llu, the file has %zu",
                    file->path, (unsigned long long)bytes, (unsigned long long)offset, file->size);
    memory = bytes;
    if (header->bss_end_addr) {
        if (header->bss_end_addr < header->load_addr + bytes)
            return fail(loader, "the Multiboot header of %s ends its bss before its data",
                        file->path);
        memory = header->bss_end_addr - header->load_addr;
    }
    *entry = header->entry_addr;
    return place(loader, file, offset, (uint32_t)bytes, header->load_addr, memory);
}

/* By program headers, at their physical addresses. The entry point is virtual where a kernel is
 * linked high: it is moved with the segment that holds it. */
static bool load_elf(struct loader *loader, const struct file *file, uint32_t *entry)
{
    struct elf elf;
    bool found = false;

    if (!elf_open(&elf, file, loader->why, loader->why_bytes))
        return false;
    for (unsigned i = 0; i < elf.header.e_phnum; i++) {
        Elf32_Phdr segment;

        if (!elf_segment(&elf, i, &segment, loader->why, loader->why_bytes))
            return false;
        if (segment.p_type != PT_LOAD || !segment.p_memsz)
            continue;
        if (!place(loader, file, segment.p_offset, segment.p_filesz, segment.p_paddr,
                   segment.p_memsz))
            return false;
        if (elf.header.e_entry - segment.p_vaddr < segment.p_memsz && !found) {
            *entry = elf.header.e_entry - segment.p_vaddr + segment.p_paddr;
            found = true;
        }
    }
    /* An entry outside every segment as virtual address may already be a physical one. */
    if (!found)
        *entry = elf.header.e_entry;
    if (*entry >= loader->high_free)
        return fail(loader, "the entry point 0x%x of %s lies outside its segments", *entry,
                    file->path);
    return true;
}

static bool load_kernel(struct loader *loader, const struct file *file, uint32_t *entry)
{
    struct header header;
    uint32_t offset;

    if (!find_header(file, &header, &offset)) {
        if (!elf_has_magic(file))
            return fail(loader, "%s is neither an ELF file nor a Multiboot image", file->path);
        return fail(loader, "%s has no Multiboot header in its first %u bytes", file->path,
                    HEADER_SEARCH);
    }
    if (header.flags & FLAGS_MUST & ~(FLAG_ALIGN | FLAG_MEMORY))
        return fail(loader, "%s asks its boot loader for features 0x%x that are not implemented%s",
                    file->path, header.flags & FLAGS_MUST & ~(FLAG_ALIGN | FLAG_MEMORY),
                    header.flags & FLAG_VIDEO ? " (a video mode)" : "");
    if (header.flags & FLAG_AOUT)
        return load_by_header(loader, file, &header, offset, entry);
    return load_elf(loader, file, entry);
}

/* ---- modules and information ----------------------------------------------------------------- */

/* A command line begins with the file's name, as loaders have it; without its folder, so that a
 * guest sees the same wherever the project lies. */
static const char *base_name(const struct file *file)
{
    const char *slash = strrchr(file->path, '/');

    return slash ? slash + 1 : file->path;
}

/* Takes `bytes` of low memory; 0 when it is full. */
static uint32_t low_room(struct loader *loader, uint32_t bytes)
{
    uint32_t at = (loader->low_free + 7) & ~7u;

    if (bytes > FIRMWARE_EBDA || at > FIRMWARE_EBDA - bytes)
        return 0;
    loader->low_free = at + bytes;
    return at;
}

static uint32_t put_string(struct loader *loader, const char *a, const char *b)
{
    size_t bytes = strlen(a) + strlen(b) + 2;
    uint32_t at = bytes < FIRMWARE_EBDA ? low_room(loader, (uint32_t)bytes) : 0;

    if (at)
        snprintf((char *)loader->ram + at, bytes, "%s%s%s", a, *a && *b ? " " : "", b);
    return at;
}

static bool load_modules(struct loader *loader, const struct boot_images *images, struct info *info)
{
    uint32_t table = low_room(loader, images->modules * (uint32_t)sizeof(struct module_entry));

    for (unsigned i = 0; i < images->modules; i++) {
        const struct boot_item *module = &images->module[i];
        uint64_t start =
            ((uint64_t)loader->high_free + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);
        struct module_entry entry = {.start = (uint32_t)start};

        if (start + module->file.size > loader->ram_bytes)
            return fail(loader, "module %s (%zu bytes) does not fit into %u MB of memory",
                        module->file.path, module->file.size, loader->ram_bytes >> 20);
        if (module->file.size)
            memcpy(loader->ram + start, module->file.bytes, module->file.size);
        loader->high_free = (uint32_t)(start + module->file.size);
        entry.end = loader->high_free;
        entry.string = put_string(loader, base_name(&module->file), module->arguments);
        if (!entry.string)
            return fail(loader, "the command lines are too long together");
        memcpy(loader->ram + table + i * sizeof(entry), &entry, sizeof(entry));
    }
    info->mods_count = images->modules;
    info->mods_addr = table;
    return true;
}

static void memory_map(struct loader *loader, struct info *info)
{
    const struct map_entry map[] = {
        {20, 0, FIRMWARE_EBDA, 1},
        {20, FIRMWARE_EBDA, 0xa0000 - FIRMWARE_EBDA, 2},
        {20, FIRMWARE_BIOS, HIGH_BASE - FIRMWARE_BIOS, 2},
        {20, HIGH_BASE, loader->ram_bytes - HIGH_BASE, 1},
    };

    info->mem_lower = FIRMWARE_EBDA >> 10;
    info->mem_upper = (loader->ram_bytes - HIGH_BASE) >> 10;
    info->mmap_length = sizeof(map);
    info->mmap_addr = low_room(loader, sizeof(map));
    memcpy(loader->ram + info->mmap_addr, map, sizeof(map));
}

bool multiboot_load(uint8_t *ram, uint32_t ram_bytes, const struct boot_images *images,
                    struct boot_entry *entry, char *why, size_t why_bytes)
{
    struct loader loader = {ram, ram_bytes, INFO_BASE, HIGH_BASE, why, why_bytes};
    struct info info = {.flags = INFO_HAS_MEMORY | INFO_HAS_CMDLINE | INFO_HAS_MODULES |
                                 INFO_HAS_MMAP | INFO_HAS_LOADER};

    entry->info = low_room(&loader, sizeof(info));
    memory_map(&loader, &info);
    if (!load_kernel(&loader, &images->kernel.file, &entry->eip) ||
        !load_modules(&loader, images, &info))
        return false;
    info.cmdline = put_string(&loader, base_name(&images->kernel.file), images->kernel.arguments);
    info.boot_loader_name = put_string(&loader, "xenolith", "");
    if (!info.cmdline || !info.boot_loader_name)
        return fail(&loader, "the command lines are too long together");
    memcpy(ram + entry->info, &info, sizeof(info));
    return true;
}
