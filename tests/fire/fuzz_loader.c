/* SPDX-License-Identifier: GPL-2.0-only */
/* The boot loader: Multiboot images, ELF files, notes and symbols. */
#include "sim/load/elf.h"
#include "sim/load/multiboot.h"
#include "tests/fire/fuzz.h"

#include <stdlib.h>
#include <string.h>

#define RAM_BYTES (4u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t *ram;
    const struct file file = {"input", data, size};
    struct boot_images images = {.kernel = {.file = file, .arguments = "one two"}, .modules = 2};
    struct boot_entry entry;
    struct elf elf;
    char why[512];

    if (!ram)
        ram = malloc(RAM_BYTES);
    images.module[0] = (struct boot_item){.file = file, .arguments = ""};
    images.module[1] = (struct boot_item){.file = {"empty", data, 0}, .arguments = "three"};
    if (multiboot_load(ram, RAM_BYTES, &images, &entry, why, sizeof(why)))
        fuzz_promise(entry.info < RAM_BYTES, "the information lies in memory");
    if (elf_open(&elf, &file, why, sizeof(why))) {
        uint32_t offset;
        const char *name = elf_symbol(&elf, elf.header.e_entry, &offset);

        fuzz_promise(!name || strlen(name) < size, "a symbol's name ends in the file");
        elf_has_xen_notes(&elf);
    }
    return 0;
}
