/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * soft_entry.h - an entry of the engine's software TLB, as its inline comparison reads it
 *
 * Three tags by enum access_kind, and what a matching address is added to. From 2.1 on the library
 * keeps the physical address besides, which nothing here reads, and fills up to 64 bytes.
 */
#ifndef XENOLITH_CPU_MODEL_SOFT_ENTRY_H
#define XENOLITH_CPU_MODEL_SOFT_ENTRY_H

#include <stdint.h>
#include <unicorn/unicorn.h>

#define LIB_VERSION (UC_API_MAJOR * 10000 + UC_API_MINOR * 100 + UC_API_PATCH)

struct soft_entry {
    uint64_t tag[3]; /* page address, or flags that force the slow path */
#if LIB_VERSION >= 20100
    uint64_t physical;
#endif
    uint64_t addend; /* host address minus linear address */
#if LIB_VERSION >= 20100
    uint64_t unused[3];
#endif
};

#endif
