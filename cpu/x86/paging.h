/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * paging.h - page-table entries: their bits, and where a walk finds them
 *
 * With CR4.PAE an entry has eight bytes (SDM vol. 3, 4.4.2):
 *
 *    63  62          36 35                          12 11   9  8   7   6   5   4   3   2   1   0
 *   +---+--------------+------------------------------+------+---+---+---+---+---+---+---+---+---+
 *   |NX | must be zero |  physical address, bits 35-12 | free | G |PS | D | A |PCD|PWT|U/S|R/W| P |
 *   +---+--------------+------------------------------+------+---+---+---+---+---+---+---+---+---+
 *
 *   P    present: while clear, the other 63 bits are software's
 *   R/W  writes allowed                 A   used by a walk (set by the processor)
 *   U/S  ring 3 allowed                 D   written to; in an entry that maps a page
 *   PWT, PCD  caching, not modelled     G   kept by loads of CR3, if CR4.PGE; in an entry that maps
 *   PS   of a directory entry: it maps a page of 2 MB, and address bits 20-13 must be zero. In a
 *        table entry the same bit is PAT, not modelled
 *   NX   no fetches; must be zero unless EFER.NXE
 *
 * A linear address: two bits of root, nine of directory, nine of table, twelve of offset. Without
 * PAE (4.3) an entry has four bytes, bits 31-0 of the picture, and there is no root: ten bits of
 * directory, ten of table. PS maps 4 MB there, if CR4.PSE; bits 16-13 of such an entry are bits
 * 35-32 of the address (PSE-36), and bits 21-17 must be zero.
 *
 * A root entry (4.4.1) has P, PWT, PCD, free bits and the address. All else must be zero.
 *
 * An entry of four bytes is read into 64 bits, so the masks serve both formats.
 */
#ifndef XENOLITH_CPU_PAGING_H
#define XENOLITH_CPU_PAGING_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define PTE_PRESENT  UINT64_C(0x001)
#define PTE_WRITABLE UINT64_C(0x002)
#define PTE_USER     UINT64_C(0x004)
#define PTE_ACCESSED UINT64_C(0x020)
#define PTE_DIRTY    UINT64_C(0x040)
#define PTE_LARGE    UINT64_C(0x080)
#define PTE_GLOBAL   UINT64_C(0x100)
#define PTE_NX       (UINT64_C(1) << 63)

#define PHYSICAL_BITS 36 /* of this processor's addresses */
#define PHYSICAL_MASK ((UINT64_C(1) << PHYSICAL_BITS) - 1)
#define PAGE_OFFSET   UINT64_C(0xfff)

#define PTE_ADDRESS       (PHYSICAL_MASK & ~PAGE_OFFSET)
#define PTE_RESERVED      (~PTE_NX & ~PHYSICAL_MASK) /* and PTE_NX without EFER.NXE */
#define PTE_RESERVED_2MB  UINT64_C(0x1fe000)         /* bit 12 is PAT */
#define PTE_RESERVED_4MB  UINT64_C(0x3e0000)
#define PTE_RESERVED_ROOT (PTE_RESERVED | PTE_NX | UINT64_C(0x1e6))

#define LARGE_PAGE_SHIFT(pae) ((pae) ? 21u : 22u)

static inline unsigned paging_entry_bytes(bool pae)
{
    return pae ? 8 : 4;
}

/* Physical addresses of the entries for a linear address, in a directory or table at `base`. */
static inline uint64_t paging_directory_entry(uint64_t base, uint32_t linear, bool pae)
{
    return base + (pae ? linear >> 21 & 0x1ff : linear >> 22) * paging_entry_bytes(pae);
}

static inline uint64_t paging_table_entry(uint64_t base, uint32_t linear, bool pae)
{
    return base + (linear >> 12 & (pae ? 0x1ff : 0x3ff)) * paging_entry_bytes(pae);
}

/* Physical memory, and an entry in it. What lies above it reads as ones. */
struct paging_memory {
    uint8_t *ram;
    uint32_t ram_bytes;
};

static inline uint64_t paging_read(struct paging_memory memory, uint64_t address, bool pae)
{
    uint64_t entry = 0;

    if (address + paging_entry_bytes(pae) > memory.ram_bytes)
        return pae ? UINT64_MAX : UINT32_MAX;
    memcpy(&entry, memory.ram + address, paging_entry_bytes(pae));
    return entry;
}

/* The two levels of a walk: where the entries are, and what they hold. */
struct paging_levels {
    uint64_t at[2], entry[2];
};

/*
 * The walk that is made most, to a page of 4 KB: from `top`, which is CR3 or the root's entry. True
 * if in both entries just the bits `set` are set of `seen`, which include PTE_PRESENT. Else
 * nothing is known.
 */
static inline bool paging_walk_small(struct paging_memory memory, uint64_t top, uint32_t linear,
                                     bool pae, uint64_t seen, uint64_t set,
                                     struct paging_levels *out)
{
    if (pae && !(top & PTE_PRESENT))
        return false;
    out->at[0] = paging_directory_entry(top & PTE_ADDRESS, linear, pae);
    out->entry[0] = paging_read(memory, out->at[0], pae);
    if ((out->entry[0] & (seen | PTE_LARGE)) != set)
        return false;
    out->at[1] = paging_table_entry(out->entry[0] & PTE_ADDRESS, linear, pae);
    out->entry[1] = paging_read(memory, out->at[1], pae);
    return (out->entry[1] & seen) == set;
}

#endif
