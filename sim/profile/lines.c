/* SPDX-License-Identifier: GPL-2.0-only */
/* lines.c - source lines of addresses, from the debugging information of the files (libdw) */
#include "sim/profile/profile.h"

#include <elfutils/libdw.h>

static Dwarf *lines_of(struct binary *image)
{
    if (image->lines || image->elf || !image->file.bytes)
        return image->lines;
    elf_version(EV_CURRENT);
    image->elf = elf_memory((char *)(uintptr_t)image->file.bytes, image->file.size);
    if (image->elf)
        image->lines = dwarf_begin_elf(image->elf, DWARF_C_READ, NULL);
    return image->lines;
}

bool code_line(struct code *code, uint32_t function, uint32_t pc, const char **file, int *line)
{
    struct binary *image = &code->image[code->function[function].image];
    Dwarf *lines = function ? lines_of(image) : NULL;
    Dwarf_Die unit;
    Dwarf_Line *row;

    if (!lines || !dwarf_addrdie(lines, pc, &unit))
        return false;
    row = dwarf_getsrc_die(&unit, pc);
    *file = row ? dwarf_linesrc(row, NULL, NULL) : NULL;
    return *file && dwarf_lineno(row, line) == 0 && *line > 0;
}

void lines_close(struct code *code)
{
    for (unsigned i = 0; i < code->images; i++) {
        if (code->image[i].lines)
            dwarf_end(code->image[i].lines);
        if (code->image[i].elf)
            elf_end(code->image[i].elf);
    }
}
