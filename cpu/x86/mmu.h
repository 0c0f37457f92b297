/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mmu.h - the page walk as a function of memory and control registers alone
 */
#ifndef XENOLITH_CPU_MMU_H
#define XENOLITH_CPU_MMU_H

#include <stdbool.h>
#include <stdint.h>

#define CR0_PE (UINT32_C(1) << 0)
#define CR0_WP (UINT32_C(1) << 16)
#define CR0_PG (UINT32_C(1) << 31)

#define CR4_TSD        (UINT32_C(1) << 2)
#define CR4_PSE        (UINT32_C(1) << 4)
#define CR4_PAE        (UINT32_C(1) << 5)
#define CR4_PGE        (UINT32_C(1) << 7)
#define CR4_PCE        (UINT32_C(1) << 8)
#define CR4_OSFXSR     (UINT32_C(1) << 9)
#define CR4_OSXMMEXCPT (UINT32_C(1) << 10)

#define EFER_NXE (UINT32_C(1) << 11)

/* Bits of a page-table entry, the same in both formats (SDM vol. 3, 4.3 and 4.4). */
#define PTE_PRESENT  UINT64_C(0x001)
#define PTE_WRITABLE UINT64_C(0x002)
#define PTE_USER     UINT64_C(0x004)
#define PTE_ACCESSED UINT64_C(0x020)
#define PTE_DIRTY    UINT64_C(0x040)
#define PTE_LARGE    UINT64_C(0x080)
#define PTE_GLOBAL   UINT64_C(0x100)
#define PTE_NX       (UINT64_C(1) << 63)

/* Page-fault error code (SDM vol. 3, 6.15). */
#define PF_PRESENT  0x01u
#define PF_WRITE    0x02u
#define PF_USER     0x04u
#define PF_RESERVED 0x08u
#define PF_FETCH    0x10u

/* This processor has 36 physical address bits. */
#define PHYSICAL_BITS 36

struct mmu_view {
    uint8_t *ram;
    uint32_t ram_bytes; /* tables above it read as ones */
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
