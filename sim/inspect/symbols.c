/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/inspect/symbols.h"

#include <stdio.h>

void symbols_open(struct symbols *symbols, const struct boot_images *images)
{
    const struct file *file[2] = {&images->kernel.file, &images->module[0].file};
    char why[256];

    for (unsigned i = 0; i < 2; i++) {
        symbols->has[i] = i <= images->modules && elf_has_magic(file[i]) &&
                          elf_open(&symbols->elf[i], file[i], why, sizeof(why));
        if (symbols->has[i])
            symbols_open_lines(symbols, i, file[i]);
    }
}

const char *symbols_name(const struct symbols *symbols, unsigned ring, uint32_t address, char *text)
{
    const char *name = NULL;
    uint32_t offset = 0;

    if (ring < 3 && symbols->has[ring > 0])
        name = elf_symbol(&symbols->elf[ring > 0], address, &offset);
    if (!name)
        snprintf(text, SYMBOL_BYTES, "%08x", address);
    else if (offset)
        snprintf(text, SYMBOL_BYTES, "%.70s+0x%x", name, offset);
    else
        snprintf(text, SYMBOL_BYTES, "%.70s", name);
    return text;
}

bool symbols_find(const struct symbols *symbols, const char *name, uint32_t *address)
{
    for (unsigned i = 0; i < 2; i++)
        if (symbols->has[i] && elf_address(&symbols->elf[i], name, address))
            return true;
    return false;
}
