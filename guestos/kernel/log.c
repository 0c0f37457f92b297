/* SPDX-License-Identifier: GPL-2.0-only */
/* log.c - what the kernel has said last, for dmesg: see log.h */
#include "guestos/kernel/log.h"
#include "guestos/kernel/lib.h"

static char ring[LOG_BYTES];
static uint32_t produced, cleared, taken; /* bytes ever kept; those before a clear; those taken */

void log_add(const char *text, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++)
        ring[produced++ % LOG_BYTES] = text[i];
}

uint32_t log_kept(void)
{
    return MIN(produced - cleared, LOG_BYTES);
}

uint32_t log_read(uint32_t back, char *to, uint32_t bytes)
{
    uint32_t n = MIN(bytes, back);

    for (uint32_t i = 0; i < n; i++)
        to[i] = ring[(produced - back + i) % LOG_BYTES];
    return n;
}

uint32_t log_unread(void)
{
    return MIN(produced - taken, LOG_BYTES);
}

void log_take(uint32_t bytes)
{
    taken = produced - log_unread() + bytes;
}

void log_clear(void)
{
    cleared = produced;
}
