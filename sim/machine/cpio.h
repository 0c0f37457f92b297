/* SPDX-License-Identifier: GPL-2.0-only */
/* cpio.h - looking into a root image, a cpio archive in "newc" format */
#ifndef XENOLITH_SIM_CPIO_H
#define XENOLITH_SIM_CPIO_H

#include "sim/machine/file.h"

/* Finds the member `name` ("bin/cint"); *member gets its content, which lies in `archive`. False:
 * no such member, or not an archive. */
bool cpio_find(const struct file *archive, const char *name, struct file *member);

#endif
