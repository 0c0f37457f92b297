/* SPDX-License-Identifier: GPL-2.0-only */
/* cpio.h - looking into a root image, a cpio archive in "newc" format, and adding to it */
#ifndef XENOLITH_SIM_CPIO_H
#define XENOLITH_SIM_CPIO_H

#include "sim/load/file.h"

/* Finds the member `name` ("bin/cint"); *member gets its content, which lies in `archive`. False:
 * no such member, or not an archive. */
bool cpio_find(const struct file *archive, const char *name, struct file *member);

struct cpio_member {
    const char *name; /* without a leading "/" */
    uint32_t mode;    /* type and permissions, as in <sys/stat.h> */
    struct file content;
};

/*
 * Makes `extended`, a copy of `archive` (of 0 bytes: an empty one) with the members added; free(3)
 * its bytes. False with one sentence in `why`: not an archive, a member's name is there already, no
 * memory.
 */
bool cpio_extend(const struct file *archive, const struct cpio_member *members, unsigned count,
                 struct file *extended, char *why, size_t why_bytes);

#endif
