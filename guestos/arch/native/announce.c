/* SPDX-License-Identifier: GPL-2.0-only */
/* announce.c - telling a simulator who runs and what was counted (include/xenolith/announce.h) */
#include "guestos/arch/native/native.h"
#include "include/xenolith/announce.h"

static bool heard; /* a simulator listens */

static void cpuid(uint32_t leaf, uint32_t argument, uint32_t result[4])
{
    __asm__ volatile("cpuid"
                     : "=a"(result[0]), "=b"(result[1]), "=c"(result[2]), "=d"(result[3])
                     : "0"(leaf), "2"(argument));
}

void announce_init(void)
{
    uint32_t r[4];

    cpuid(ANNOUNCE_LEAF_SIGNATURE, 0, r);
    heard = r[1] == ANNOUNCE_SIGNATURE_EBX && r[2] == ANNOUNCE_SIGNATURE_ECX &&
            r[3] == ANNOUNCE_SIGNATURE_EDX;
}

void arch_announce_context(uint32_t pid)
{
    if (heard)
        write_msr(ANNOUNCE_MSR_CONTEXT, pid);
}

void arch_announce_end(uint32_t pid)
{
    if (heard)
        write_msr(ANNOUNCE_MSR_CONTEXT_END, pid);
}

void arch_announce_counters(const void *table)
{
    uint32_t r[4];

    if (heard)
        cpuid(ANNOUNCE_LEAF_COUNTERS, (uint32_t)table, r);
}

void arch_announce_ramdisk(const void *record)
{
    uint32_t r[4];

    if (heard)
        cpuid(ANNOUNCE_LEAF_RAMDISK, (uint32_t)record, r);
}
