/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * multiboot.c - what the boot loader says (Multiboot 1 specification, 3.3)
 *
 * The information, its strings and lists lie anywhere in physical memory; only the first 4 MB are
 * shown at this point. Loaders put them there; if one does not, that is said.
 */
#include "hv/include/arch/boot.h"
#include "hv/include/arch/layout.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"

#define INFO_MEMORY       0x001
#define INFO_COMMAND_LINE 0x004
#define INFO_MODULES      0x008
#define INFO_MEMORY_MAP   0x040

struct multiboot_information {
    uint32_t flags, mem_lower, mem_upper, boot_device, command_line;
    uint32_t modules_count, modules;
    uint32_t symbols[4];
    uint32_t map_length, map;
};

struct multiboot_module {
    uint32_t start, end, string, reserved;
};

struct PACKED multiboot_region {
    uint32_t size;
    uint64_t base, length;
    uint32_t type; /* 1: RAM */
};

struct boot_information boot_information;

/* Memory above the image window is shown through the low 4 MB one to one only: not at all. */
static const void *loader_memory(uint32_t physical, const char *what)
{
    if (physical >= IMAGE_WINDOW_SIZE - PAGE_SIZE)
        panic("the boot loader left the %s at %x, above 4 MB", what, physical);
    return low_memory(physical);
}

static void read_regions(const struct multiboot_information *info)
{
    struct boot_information *boot = &boot_information;

    if (info->flags & INFO_MEMORY_MAP) {
        const char *map = loader_memory(info->map, "memory map");
        uint32_t at = 0;

        while (at < info->map_length && boot->regions < MAX_REGIONS) {
            const struct multiboot_region *r = (const void *)(map + at);

            /* Above 4 GB: not managed, like any PAE root must lie below. */
            if (r->type == 1 && r->base < 1ull << 32)
                boot->region[boot->regions++] =
                    (struct memory_region){r->base, MIN(r->base + r->length, 1ull << 32)};
            at += r->size + sizeof(r->size);
        }
    } else if (info->flags & INFO_MEMORY) {
        boot->region[boot->regions++] =
            (struct memory_region){MB, MB + (uint64_t)info->mem_upper * KB};
    }
}

static void read_modules(const struct multiboot_information *info)
{
    struct boot_information *boot = &boot_information;
    const struct multiboot_module *list;

    if (!(info->flags & INFO_MODULES) || info->modules_count == 0)
        return;
    list = loader_memory(info->modules, "list of modules");
    for (unsigned i = 0; i < info->modules_count && i < MAX_MODULES; i++) {
        struct boot_module *m = &boot->module[boot->modules++];

        m->start = list[i].start;
        m->end = list[i].end;
        if (list[i].string)
            copy_string(m->command_line, loader_memory(list[i].string, "module's string"),
                        sizeof(m->command_line));
    }
}

void multiboot_read(uint32_t magic, uint32_t information)
{
    const struct multiboot_information *info;

    if (magic != MULTIBOOT_LOADED)
        panic("not started by a Multiboot loader");
    info = loader_memory(information, "information");
    if ((info->flags & INFO_COMMAND_LINE) && info->command_line)
        copy_string(boot_information.command_line,
                    loader_memory(info->command_line, "command line"),
                    sizeof(boot_information.command_line));
    read_regions(info);
    read_modules(info);
}

bool option(const char *name, char *value, size_t size)
{
    const char *p = boot_information.command_line;
    size_t length = strlen(name);

    while (*p) {
        while (*p == ' ')
            p++;
        if (strncmp(p, name, length) == 0 && (p[length] == '=' || p[length] == ' ' || !p[length])) {
            const char *from = p + length + (p[length] == '=');
            size_t i;

            for (i = 0; i + 1 < size && from[i] && from[i] != ' '; i++)
                value[i] = from[i];
            value[i] = '\0';
            return true;
        }
        while (*p && *p != ' ')
            p++;
    }
    return false;
}
