/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * symbols.h - names of addresses, by the ring whose code they are
 *
 * Ring 0 is the booted kernel (the hypervisor, or a bare kernel); rings 1 and 2 are the first
 * module, where it is an ELF file. Programs of ring 3 have no names.
 */
#ifndef XENOLITH_SIM_INSPECT_SYMBOLS_H
#define XENOLITH_SIM_INSPECT_SYMBOLS_H

#include "sim/load/elf.h"
#include "sim/load/multiboot.h"

#define SYMBOL_BYTES 96

struct symbols {
    bool has[2]; /* of ring 0; of rings 1 and 2 */
    struct elf elf[2];
    void *lines[2], *lines_elf[2]; /* of libdw, or NULL */
};

void symbols_open(struct symbols *symbols, const struct boot_images *images);

/* "name+0x12", or eight digits where nothing is known. Returns `text` (SYMBOL_BYTES). */
const char *symbols_name(const struct symbols *symbols, unsigned ring, uint32_t address,
                         char *text);

/* A line of source code, and the code that it became: from `low` on, up to `high`. */
struct source {
    const char *file; /* as the compiler was told; lives as long as `symbols` */
    int line;
    uint32_t low, high;
};

/* The line of an address in a ring's code. False: the image has no such information. */
bool symbols_line(const struct symbols *symbols, unsigned ring, uint32_t address,
                  struct source *source);
/* Of one image, which lives as long; it may have none. */
void symbols_open_lines(struct symbols *symbols, unsigned image, const struct file *file);
void symbols_close(struct symbols *symbols);

/* The address of a name, ring 0's first. False: nobody has it. */
bool symbols_find(const struct symbols *symbols, const char *name, uint32_t *address);

#endif
