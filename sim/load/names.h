/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * names.h - a file's symbols in the order of their addresses, for who asks millions of times
 */
#ifndef XENOLITH_SIM_NAMES_H
#define XENOLITH_SIM_NAMES_H

#include "sim/load/elf.h"

struct name {
    uint32_t address, end; /* end: of the symbol, or the next one's address */
    const char *text;      /* in the file */
};

struct names {
    struct name *name;
    unsigned count;
};

/* Takes over the symbols of code and data of a file, which must outlive it. A file without symbols
 * has none. False: no memory. */
bool names_open(struct names *names, const struct file *file);
void names_close(struct names *names);

/* The symbol that covers `address`, or NULL. */
const struct name *names_find(const struct names *names, uint32_t address);

#endif
