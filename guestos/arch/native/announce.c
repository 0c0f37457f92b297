/* SPDX-License-Identifier: GPL-2.0-only */
/* announce.c - telling a simulator who runs and what was counted (include/xenolith/announce.h) */
#include "guestos/arch/native/native.h"
#include "include/xenolith/announce.h"

static bool heard; /* a simulator listens */

static void cpuid(u32 leaf, u32 argument, u32 result[4])
{
    __asm__ volatile("cpuid"
                     : "=a"(result[0]), "=b"(result[1]), "=c"(result[2]), "=d"(result[3])
                     : "0"(leaf), "2"(argument));
}

void announce_init(void)
{
    u32 r[4];
    cpuid(ANNOUNCE_LEAF_SIGNATURE, 0, r);
    heard = r[1] == ANNOUNCE_SIGNATURE_EBX && r[2] == ANNOUNCE_SIGNATURE_ECX &&
            r[3] == ANNOUNCE_SIGNATURE_EDX;
}

void arch_announce_context(u32 pid)
{
    if (heard)
        write_msr(ANNOUNCE_MSR_CONTEXT, pid);
}

void arch_announce_end(u32 pid)
{
    if (heard)
        write_msr(ANNOUNCE_MSR_CONTEXT_END, pid);
}

void arch_announce_counters(const void *table)
{
    u32 r[4];
    if (heard)
        cpuid(ANNOUNCE_LEAF_COUNTERS, (u32)table, r);
}

void arch_announce_ramdisk(const void *record)
{
    u32 r[4];
    if (heard)
        cpuid(ANNOUNCE_LEAF_RAMDISK, (u32)record, r);
}
