/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/load/names.h"

#include <stdlib.h>
#include <string.h>

/* By address; of those at one address the longest, then a function before the rest. */
static int compare(const void *a, const void *b)
{
    const struct name *one = a, *other = b;

    if (one->address != other->address)
        return one->address < other->address ? -1 : 1;
    if (one->end != other->end)
        return one->end > other->end ? -1 : 1;
    return one->text < other->text ? -1 : one->text > other->text;
}

static void take(void *owner, const char *text, uint32_t address, uint32_t bytes)
{
    struct names *names = owner;

    if (!strncmp(text, ".L", 2)) /* a label within a function */
        return;
    names->name[names->count++] =
        (struct name){.address = address, .end = address + bytes, .text = text};
}

bool names_open(struct names *names, const struct file *file)
{
    struct elf elf;
    char why[256];
    unsigned kept = 0;

    *names = (struct names){0};
    if (!elf_has_magic(file) || !elf_open(&elf, file, why, sizeof(why)))
        return true;
    names->name = calloc(elf_symbol_count(&elf) + 1, sizeof(*names->name));
    if (!names->name)
        return false;
    elf_each_symbol(&elf, take, names);
    qsort(names->name, names->count, sizeof(*names->name), compare);
    for (unsigned i = 0; i < names->count; i++)
        if (!kept || names->name[i].address != names->name[kept - 1].address)
            names->name[kept++] = names->name[i];
    names->count = kept;
    for (unsigned i = 0; i < kept; i++)
        if (names->name[i].end <= names->name[i].address)
            names->name[i].end = i + 1 < kept ? names->name[i + 1].address : UINT32_MAX;
    return true;
}

void names_close(struct names *names)
{
    free(names->name);
    *names = (struct names){0};
}

const struct name *names_find(const struct names *names, uint32_t address)
{
    unsigned low = 0, high = names->count;

    while (low < high) {
        unsigned middle = (low + high) / 2;

        if (names->name[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low && address < names->name[low - 1].end ? &names->name[low - 1] : NULL;
}
