/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mmu.h - the page walk as a function of memory and control registers alone
 */
#ifndef XENOLITH_CPU_MMU_H
#define XENOLITH_CPU_MMU_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu/x86/paging.h"
#include "cpu/x86/registers.h"

/* Page-fault error code (SDM vol. 3, 6.15). */
#define PF_PRESENT  0x01u
#define PF_WRITE    0x02u
#define PF_USER     0x04u
#define PF_RESERVED 0x08u
#define PF_FETCH    0x10u

struct mmu_view {
    struct paging_memory memory; /* that holds the tables */
    uint32_t cr0, cr3, cr4;
    uint64_t efer;
    const uint64_t *root; /* PAE: the four page-directory pointers, as loaded with CR3 */
};

struct mmu_access {
    bool write, fetch, user;
};

struct mmu_translation {
    uint64_t physical; /* of the page of 4 KB that holds the address */
    bool writable;     /* a store needs no further walk: rights and dirty bit are there */
    bool executable;
    bool user, global, large;
    unsigned walked;     /* table entries read */
    uint32_t entry[3];   /* their physical addresses */
    uint32_t error_code; /* of the page fault, when the walk fails */
};

/*
 * Translates a linear address. True: *out describes the page, and accessed and dirty bits are set
 * if `commit`. False: a page fault with out->error_code; no bit was set.
 */
bool mmu_walk(const struct mmu_view *view, uint32_t linear, struct mmu_access access, bool commit,
              struct mmu_translation *out);

/* Reads the four PAE page-directory pointers at CR3. False if a present one has reserved bits set,
 * which makes the load of CR3, CR0 or CR4 raise #GP(0); root is unchanged then. */
bool mmu_load_root(const struct mmu_view *view, uint32_t cr3, uint64_t root[4]);

struct cpu;
struct mmu_view mmu_view(const struct cpu *cpu);

#endif
