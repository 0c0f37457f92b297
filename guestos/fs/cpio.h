/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cpio.h - reading "newc" archives (cpio -H newc; Linux Documentation/driver-api/early-userspace)
 *
 * An archive is a row of entries, each 4-byte aligned: a 110-byte header of ASCII hexadecimal
 * numbers, the name with NUL, padding, the contents, padding. It ends with the name "TRAILER!!!".
 * The archive is not trusted: every length is held against the bytes that are left.
 */
#ifndef GUESTOS_CPIO_H
#define GUESTOS_CPIO_H

#include "guestos/kernel/types.h"

struct cpio_entry {
    const char *name; /* NUL-terminated, without leading "/" or "./" */
    uint32_t mode, inode, links, device, modified;
    const uint8_t *data; /* contents; of a symbolic link: the target, not terminated */
    uint32_t bytes;
};

struct cpio {
    const uint8_t *at, *end;
};

enum cpio_result { CPIO_ENTRY, CPIO_END, CPIO_BROKEN };

static inline void cpio_open(struct cpio *cpio, const void *archive, uint32_t bytes)
{
    cpio->at = archive;
    cpio->end = cpio->at + bytes;
}

enum cpio_result cpio_next(struct cpio *cpio, struct cpio_entry *entry);

#endif
