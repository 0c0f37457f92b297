/* SPDX-License-Identifier: GPL-2.0-only */
/* memory_map.h - memory as the PC's BIOS would describe it (core/memory_map.c) */
#ifndef HV_MEMORY_MAP_H
#define HV_MEMORY_MAP_H

#include "hv/include/errors.h"

/* XENMEM_memory_map, _set_memory_map, _machine_memory_map; their results. */
status memory_map(void *guest);
status memory_map_set(const void *guest);
status machine_memory_map(void *guest);

#endif
