/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * access.h - how the code below reaches the PC that it runs on: ports and physical memory
 *
 * A kernel fills it in once; a test fills it in with a machine of its own.
 */
#ifndef XENOLITH_PC_ACCESS_H
#define XENOLITH_PC_ACCESS_H

#include "include/freestanding/types.h"

struct pc_access {
    /* One access of 1, 2 or 4 bytes. */
    uint32_t (*in)(uint16_t port, unsigned bytes);
    void (*out)(uint16_t port, uint32_t value, unsigned bytes);
    /* Copies physical memory. False: it cannot be reached; nothing is copied then. */
    bool (*read)(uint32_t physical, void *to, size_t bytes);
    /* Physical 0 to 1 MB, where the BIOS keeps its data and VGA its text. */
    uint8_t *low;
};

/* The BIOS data area's words, by physical address (IBM PS/2 BIOS Technical Reference). */
#define BIOS_EBDA_SEGMENT  0x40e
#define BIOS_VIDEO_MODE    0x449 /* a byte */
#define BIOS_COLUMNS       0x44a
#define BIOS_CRT_PORT      0x463
#define BIOS_KEYS_START    0x480 /* the keyboard's buffer, as an offset in segment 40 */
#define BIOS_KEYS_END      0x482
#define BIOS_KEYS_AT_START 0x1e
#define BIOS_KEYS_AT_END   0x3e

static inline uint16_t pc_low_word(const struct pc_access *pc, unsigned address)
{
    return (uint16_t)(pc->low[address] | pc->low[address + 1] << 8);
}

/* About a microsecond: the time of an access to a port on the ISA bus that nobody listens at. */
static inline void pc_delay(const struct pc_access *pc)
{
    pc->out(0x80, 0, 1);
}

#endif
