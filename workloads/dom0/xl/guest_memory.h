/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guest_memory.h - the few facts about a 32-bit domain's memory that need no Xen header
 *
 * Kept apart so that the loader and the layout can be tested on the build host, whose Xen headers
 * describe 64-bit domains.
 */
#ifndef XENOLITH_XL_GUEST_MEMORY_H
#define XENOLITH_XL_GUEST_MEMORY_H

#include <stdint.h>

#define XL_PAGE_SIZE    4096u
#define XL_PAGES(bytes) /* rounded up */                                                           \
    ((uint32_t)(((uint64_t)(bytes) + XL_PAGE_SIZE - 1) / XL_PAGE_SIZE))

/* The hypervisor's hole (HYPERVISOR_VIRT_START_PAE); guests map nothing from here on. */
#define XL_HOLE_START 0xF5800000u

#endif
