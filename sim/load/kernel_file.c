/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel_file.c - kernels as they are kept
 *
 * A bzImage is a loader for real mode, of some sectors, and code that unpacks the kernel proper.
 * Hypervisors need neither: since version 2.08 of the boot protocol the header says where the
 * packed kernel, an ELF file, lies. The header's other fields are not looked at. All compressors
 * but gzip are followed by the expanded size, four bytes that belong to the payload and not to the
 * stream.
 *
 * Source: Linux, Documentation/x86/boot.rst, "Details of header fields"; scripts/Makefile.lib,
 * size_append.
 */
#include "sim/load/expand.h"
#include "sim/load/kernel_file.h"

#include <stdio.h>
#include <string.h>

/* ---- bzImage --------------------------------------------------------------------------------- */

enum {
    SETUP_SECTORS = 0x1f1,
    BOOT_FLAG = 0x1fe,
    HEADER = 0x202,
    VERSION = 0x206,
    PAYLOAD_OFFSET = 0x248, /* from the end of the sectors for real mode */
    PAYLOAD_LENGTH = 0x24c,
    HEADER_END = 0x250,
    SECTOR = 512,
    SECTORS_OLD = 4, /* what 0 means */
    VERSION_PAYLOAD = 0x208,
    SIZE_BYTES = 4, /* after the stream */
};

static uint32_t word(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static bool is_bzimage(const struct file *file)
{
    const uint8_t *bytes = file->bytes;

    return file->size >= HEADER_END && memcmp(bytes + BOOT_FLAG, "\x55\xaa", 2) == 0 &&
           memcmp(bytes + HEADER, "HdrS", 4) == 0;
}

/* NULL, or what is wrong. */
static const char *find_payload(const struct file *file, const uint8_t **payload, size_t *size)
{
    const uint8_t *bytes = file->bytes;
    uint64_t sectors = bytes[SETUP_SECTORS] ? bytes[SETUP_SECTORS] : SECTORS_OLD;
    const char *name;
    uint64_t start = (sectors + 1) * SECTOR + word(bytes + PAYLOAD_OFFSET);

    *size = word(bytes + PAYLOAD_LENGTH);
    if ((word(bytes + VERSION) & 0xffff) < VERSION_PAYLOAD)
        return "is a bzImage that does not say where its kernel lies";
    if (start + *size > file->size)
        return "is damaged";
    *payload = bytes + start;
    if (!expand_knows(*payload, *size, &name))
        return "is a bzImage whose kernel is not compressed in a known way";
    if (strcmp(name, "gzip") != 0)
        *size -= *size < SIZE_BYTES ? 0 : SIZE_BYTES;
    return NULL;
}

/* ---- both ------------------------------------------------------------------------------------ */

/* Also if its beginning is damaged: that is for who expands all of it to say. */
static bool starts_well(const struct file *file, const uint8_t *packed, size_t packed_size,
                        kernel_test test)
{
    uint8_t bytes[KERNEL_START];
    struct file start = {file->path, bytes,
                         expand_start(packed, packed_size, bytes, sizeof(bytes))};

    return !start.size || test(&start);
}

bool kernel_is_packed(const struct file *file, kernel_test test)
{
    return is_bzimage(file) || (expand_knows(file->bytes, file->size, NULL) &&
                                starts_well(file, file->bytes, file->size, test));
}

bool kernel_expand(struct file *file, size_t most, kernel_test test, char *why, size_t why_bytes)
{
    const uint8_t *packed = file->bytes;
    size_t packed_size = file->size, size = 0;
    const char *wrong = NULL;
    uint8_t *bytes = NULL;

    if (is_bzimage(file))
        wrong = find_payload(file, &packed, &packed_size);
    else if (!expand_knows(packed, packed_size, NULL))
        return true;
    if (!wrong && !starts_well(file, packed, packed_size, test))
        wrong = "holds no kernel that can be booted so";
    if (!wrong)
        wrong = expand(packed, packed_size, most, &bytes, &size);
    if (wrong) {
        snprintf(why, why_bytes, "the compressed file %s %s", file->path, wrong);
        return false;
    }
    *file = (struct file){file->path, bytes, size};
    return true;
}
