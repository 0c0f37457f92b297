/* SPDX-License-Identifier: GPL-2.0-only */
/* extents.h - which sectors a name means: "hda", "hda2", "volume:data" */
#ifndef XENOLITH_XEND_EXTENTS_H
#define XENOLITH_XEND_EXTENTS_H

#include <stdbool.h>

#include "include/xenolith/io.h"

/* Fills in the extents. False: there is no such disk, no such partition on it, or no such
 * volume. */
bool extents_find(const char *name, struct xenolith_io_connect *connect);

#endif
