/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * uaccess.h - reading and writing a guest's memory
 *
 * Through the guest's own address space, only below HV_VIRT_START, and safe against its faults.
 * A guest's second processor may change memory under our eyes: copy once, then check the copy.
 */
#ifndef HV_UACCESS_H
#define HV_UACCESS_H

#include "hv/include/arch/layout.h"
#include "hv/include/mm.h"
#include "hv/include/arch/percpu.h"
#include "hv/include/types.h"

/*
 * arch/entry.S: bytes not copied. Through translations that the processor may still keep after
 * their entry has gone, so a flush that was put off to the way out (mm/flush.c) comes before it.
 */
uint32_t copy_bytes_checked(void *to, const void *from, uint32_t bytes);

static inline uint32_t copy_by_guest_address(void *to, const void *from, uint32_t bytes)
{
    if (this_cpu()->flush_deferred)
        flush_local();
    return copy_bytes_checked(to, from, bytes);
}

/* Whether [address, address + bytes) is the guest's part of the address space. */
static inline bool guest_range(uint32_t address, uint32_t bytes)
{
    return address < HV_VIRT_START && bytes <= HV_VIRT_START - address;
}

/* 0, or true if anything could not be copied. */
static inline bool copy_from_guest(void *to, const void *from, uint32_t bytes)
{
    return !guest_range((uint32_t)(uintptr_t)from, bytes) || copy_by_guest_address(to, from, bytes);
}

static inline bool copy_to_guest(void *to, const void *from, uint32_t bytes)
{
    return !guest_range((uint32_t)(uintptr_t)to, bytes) || copy_by_guest_address(to, from, bytes);
}

/*
 * One word, by this processor, to where copy_from_guest has read before, which has seen that it is
 * the guest's part: what ends each call of a multicall.
 */
static inline bool word_to_guest(const struct cpu *cpu, void *to, uint32_t word)
{
    if (cpu->flush_deferred)
        flush_local();
    __asm__ goto("1: movl %0, (%1)\n\t"
                 ".pushsection .ex_table, \"a\"\n\t"
                 ".long 1b, %l[fault]\n\t"
                 ".popsection"
                 :
                 : "r"(word), "r"(to)
                 : "memory"
                 : fault);
    return false;
fault:
    return true;
}

#endif
