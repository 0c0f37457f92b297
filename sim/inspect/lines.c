/* SPDX-License-Identifier: GPL-2.0-only */
/* lines.c - source lines of code, from the debugging information of the images (libdw) */
#include "sim/inspect/symbols.h"

#include <elfutils/libdw.h>

void symbols_open_lines(struct symbols *symbols, unsigned image, const struct file *file)
{
    elf_version(EV_CURRENT);
    symbols->lines_elf[image] = elf_memory((char *)(uintptr_t)file->bytes, file->size);
    if (symbols->lines_elf[image])
        symbols->lines[image] = dwarf_begin_elf(symbols->lines_elf[image], DWARF_C_READ, NULL);
}

/* Rows are in the order of their addresses: the last that begins at or before one. */
static bool find_row(Dwarf_Die *unit, uint32_t address, struct source *source)
{
    size_t count, low = 0, high;
    Dwarf_Addr begins = 0, ends = 0;
    Dwarf_Lines *rows;

    if (dwarf_getsrclines(unit, &rows, &count) != 0 || count < 2)
        return false;
    for (high = count; low < high;) {
        size_t middle = low + (high - low) / 2;

        if (dwarf_lineaddr(dwarf_onesrcline(rows, middle), &begins) == 0 && begins <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || low == count || dwarf_lineaddr(dwarf_onesrcline(rows, low - 1), &begins) != 0 ||
        dwarf_lineaddr(dwarf_onesrcline(rows, low), &ends) != 0)
        return false;
    source->low = (uint32_t)begins;
    source->high = (uint32_t)ends;
    source->file = dwarf_linesrc(dwarf_onesrcline(rows, low - 1), NULL, NULL);
    return source->file && dwarf_lineno(dwarf_onesrcline(rows, low - 1), &source->line) == 0 &&
           source->line > 0;
}

bool symbols_line(const struct symbols *symbols, unsigned ring, uint32_t address,
                  struct source *source)
{
    Dwarf *lines = ring < 3 ? symbols->lines[ring > 0] : NULL;
    Dwarf_Die unit;

    return lines && dwarf_addrdie(lines, address, &unit) && find_row(&unit, address, source);
}

void symbols_close(struct symbols *symbols)
{
    for (unsigned i = 0; i < 2; i++) {
        if (symbols->lines[i])
            dwarf_end(symbols->lines[i]);
        if (symbols->lines_elf[i])
            elf_end(symbols->lines_elf[i]);
    }
}
