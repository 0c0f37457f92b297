/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * announce_work.c - tells the simulator about finished work; silent everywhere else
 */
#include <stdbool.h>

#include "include/xenolith/announce.h"
#include "workloads/cint/announce_work.h"

static void cpuid(uint32_t leaf, uint32_t argument, uint32_t r[4])
{
    __asm__ volatile("cpuid"
                     : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
                     : "0"(leaf), "2"(argument));
}

static bool simulated;

void announce_open(void)
{
    uint32_t r[4];

    cpuid(ANNOUNCE_LEAF_SIGNATURE, 0, r);
    simulated = r[1] == ANNOUNCE_SIGNATURE_EBX && r[2] == ANNOUNCE_SIGNATURE_ECX &&
                r[3] == ANNOUNCE_SIGNATURE_EDX && r[0] >= ANNOUNCE_LEAF_WORK;
}

void announce_work(uint32_t units)
{
    uint32_t r[4];

    if (simulated)
        cpuid(ANNOUNCE_LEAF_WORK, units, r);
}
