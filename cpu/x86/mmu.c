/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mmu.c - from linear to physical addresses
 *
 * Two formats (SDM vol. 3, 4.3 and 4.4): two levels of 1024 entries of four bytes, and with
 * CR4.PAE a root of four entries over two levels of 512 entries of eight bytes. A set PS bit in a
 * directory entry ends the walk at a page of 4 MB (if CR4.PSE) or 2 MB.
 *
 * Rules
 *   - A walk stops at the first entry that is not present; the fault's code has P clear then.
 *   - A present entry with a reserved bit set faults with RSVD and P. Reserved are: with PAE the
 *     bits above the 36 physical ones, and NX while EFER.NXE is clear; in large pages the address
 *     bits below the page's size that no feature uses.
 *   - Rights are those of all levels together: a user access needs U/S in all of them, a write R/W.
 *     Rings 0-2 ignore R/W while CR0.WP is clear. NX in any level forbids fetches.
 *   - The PAE root is read when CR3 is loaded and cached; its reserved bits are checked there.
 *   - Accessed is set in every entry used, dirty in the last one by a write, only by walks that
 *     succeed. A page is not entered as writable before its dirty bit is set.
 *   - The I/D bit of the code exists only with NX enabled.
 *
 * Rings 1-3 and the hypervisor's range. On 32-bit Xen segments truncated at the range keep guests
 * out of it. Our engine cannot check limits on every access, so the range is refused here, in the
 * translation modes of the outer rings, with what the segment would raise: #GP(0), #SS(0) for a
 * stack. Smaller segments are looked at when an access of theirs faults (segment.c).
 */
#include "cpu/x86/mmu.h"

#include "cpu/engine/engine_calls.h"
#include "cpu/engine/unicorn.h"
#include "cpu/x86/segment.h"
#include "cpu/x86/vectors.h"

static void set_bits(const struct mmu_view *view, uint64_t address, uint64_t entry, uint64_t bits)
{
    uint32_t low = (uint32_t)(entry | bits);

    if ((entry & bits) != bits && address + 4 <= view->memory.ram_bytes)
        memcpy(view->memory.ram + address, &low, sizeof(low));
}

bool mmu_load_root(const struct mmu_view *view, uint32_t cr3, uint64_t root[4])
{
    uint64_t loaded[4];

    for (unsigned i = 0; i < 4; i++) {
        loaded[i] = paging_read(view->memory, (cr3 & ~UINT32_C(0x1f)) + 8 * i, true);
        if ((loaded[i] & PTE_PRESENT) && (loaded[i] & PTE_RESERVED_ROOT))
            return false;
    }
    memcpy(root, loaded, sizeof(loaded));
    return true;
}

/* Reads the directory entry and, unless it maps a large page, the table entry. Returns how many
 * levels were read, or 0 with the fault's P and RSVD bits in *error. What was not read is 0. */
static unsigned descend(const struct mmu_view *view, uint32_t linear, struct paging_levels *level,
                        bool *large, uint32_t *error)
{
    const bool pae = view->cr4 & CR4_PAE;
    const uint64_t no_nx = view->efer & EFER_NXE ? 0 : PTE_NX;
    const uint64_t reserved = pae ? PTE_RESERVED | no_nx : 0;
    const uint64_t reserved_large = pae ? PTE_RESERVED_2MB : PTE_RESERVED_4MB;
    uint64_t top = pae ? view->root[linear >> 30] : view->cr3;

    *level = (struct paging_levels){{0, 0}, {0, 0}};
    *error = 0;
    *large = false;
    if (pae && !(top & PTE_PRESENT))
        return 0;
    level->at[0] = paging_directory_entry(top & PTE_ADDRESS, linear, pae);
    level->entry[0] = paging_read(view->memory, level->at[0], pae);
    if (!(level->entry[0] & PTE_PRESENT))
        return 0;
    *large = (level->entry[0] & PTE_LARGE) && (pae || (view->cr4 & CR4_PSE));
    *error = PF_PRESENT | PF_RESERVED;
    if (level->entry[0] & (reserved | (*large ? reserved_large : 0)))
        return 0;
    if (*large)
        return 1;
    level->at[1] = paging_table_entry(level->entry[0] & PTE_ADDRESS, linear, pae);
    level->entry[1] = paging_read(view->memory, level->at[1], pae);
    if (!(level->entry[1] & PTE_PRESENT)) {
        *error = 0;
        return 0;
    }
    return level->entry[1] & reserved ? 0 : 2;
}

static uint64_t page_address(uint64_t entry, uint32_t linear, bool pae, bool large)
{
    if (!large)
        return entry & PTE_ADDRESS;
    if (pae)
        return (entry & PTE_ADDRESS & ~UINT64_C(0x1fffff)) | (linear & 0x1ff000);
    return (entry & 0xffc00000) | (entry >> 13 & 0xf) << 32 | (linear & 0x3ff000);
}

/*
 * The common case: a page of 4 KB, nothing odd in its entries, whose accessed and dirty bits are
 * set already. False: it is another one, and nothing has been done.
 */
static inline bool walk_small(const struct mmu_view *view, uint32_t linear,
                              struct mmu_access access, bool pae, struct mmu_translation *out)
{
    const uint64_t set = PTE_PRESENT | PTE_ACCESSED;
    const uint64_t seen = set | (pae ? PTE_RESERVED | PTE_NX : 0);
    uint64_t top = pae ? view->root[linear >> 30] : view->cr3;
    struct paging_levels level;

    if (!paging_walk_small(view->memory, top, linear, pae, seen, set, &level))
        return false;
    uint64_t entry = level.entry[1], all = level.entry[0] & entry;
    bool may_write = (all & PTE_WRITABLE) || !(access.user || (view->cr0 & CR0_WP));

    if ((access.user && !(all & PTE_USER)) || (access.write && !(may_write && (entry & PTE_DIRTY))))
        return false;
    *out = (struct mmu_translation){.physical = entry & PTE_ADDRESS,
                                    .writable = may_write && (entry & PTE_DIRTY),
                                    .executable = true,
                                    .user = all & PTE_USER,
                                    .global = (view->cr4 & CR4_PGE) && (entry & PTE_GLOBAL),
                                    .entry = {(uint32_t)level.at[0], (uint32_t)level.at[1]},
                                    .walked = 2};
    return true;
}

bool mmu_walk(const struct mmu_view *view, uint32_t linear, struct mmu_access access, bool commit,
              struct mmu_translation *out)
{
    const bool pae = view->cr4 & CR4_PAE;
    const bool nx_enabled = pae && (view->efer & EFER_NXE);
    struct paging_levels level;
    uint32_t error;
    bool large;

    if ((view->cr0 & CR0_PG) && (pae ? walk_small(view, linear, access, true, out)
                                     : walk_small(view, linear, access, false, out)))
        return true;
    memset(out, 0, sizeof(*out));
    if (!(view->cr0 & CR0_PG)) {
        out->physical = linear & ~UINT32_C(0xfff);
        out->writable = out->executable = out->user = true;
        return true;
    }
    unsigned levels = descend(view, linear, &level, &large, &error);

    for (unsigned i = 0; i < 2 && level.at[i]; i++)
        out->entry[out->walked++] = (uint32_t)level.at[i];
    if (levels) {
        uint64_t last = level.entry[levels - 1];
        uint64_t all = level.entry[0] & last, any = level.entry[0] | last;
        bool may_write = (all & PTE_WRITABLE) || !(access.user || (view->cr0 & CR0_WP));
        bool may_fetch = !(nx_enabled && (any & PTE_NX));
        bool refused = (access.user && !(all & PTE_USER)) || (access.write && !may_write) ||
                       (access.fetch && !may_fetch);

        if (!refused) {
            uint64_t dirty = access.write ? PTE_DIRTY : 0;

            out->physical = page_address(last, linear, pae, large);
            out->writable = may_write && ((last | dirty) & PTE_DIRTY);
            out->executable = may_fetch;
            out->user = all & PTE_USER;
            out->global = (view->cr4 & CR4_PGE) && (last & PTE_GLOBAL);
            out->large = large;
            if (commit) {
                if (levels == 2)
                    set_bits(view, level.at[0], level.entry[0], PTE_ACCESSED);
                set_bits(view, level.at[levels - 1], last, PTE_ACCESSED | dirty);
            }
            return true;
        }
        error = PF_PRESENT;
    }
    out->error_code = error | (access.write ? PF_WRITE : 0) | (access.user ? PF_USER : 0) |
                      (access.fetch && nx_enabled ? PF_FETCH : 0);
    return false;
}

/* ---- the processor --------------------------------------------------------------------------- */

struct mmu_view mmu_view(const struct cpu *cpu)
{
    const uint64_t *cr = lib_cr(cpu);

    return (struct mmu_view){.memory = {cpu->engine->config.ram, cpu->engine->config.ram_bytes},
                             .cr0 = (uint32_t)cr[0],
                             .cr3 = (uint32_t)cr[3],
                             .cr4 = (uint32_t)cr[4],
                             .efer = *lib_efer(cpu),
                             .root = cpu->root};
}

/* An access goes on at 0 behind 4 GB, if its segment reaches as far. */
static void check_wrapping(struct cpu *cpu)
{
    unsigned vector = segment_refuses(cpu, UINT32_MAX);

    if (vector)
        lib_raise(cpu, vector, 0);
}

/*
 * An outer ring finds ones there, and FF FF is no instruction. That ring 0 goes there is worth a
 * sentence.
 */
static _Noreturn void fetch_outside(struct cpu *cpu, uint64_t physical)
{
    cpu_fetch_faults(cpu);
    if (lib_ring(cpu) != 0)
        lib_raise(cpu, VECTOR_UD, 0);
    cpu_refuse(cpu, "instruction fetch from physical address 0x%llx, which is not memory",
               (unsigned long long)physical);
    lib_abandon(cpu);
}

bool mmu_fill(struct cpu *cpu, uint64_t address, enum access_kind kind, enum access_mode mode,
              bool probe)
{
    struct mmu_view view = mmu_view(cpu);
    struct mmu_access access = {
        .write = kind == ACCESS_WRITE, .fetch = kind == ACCESS_FETCH, .user = mode == ACCESS_RING3};
    struct mmu_translation page;
    bool outer = mode != ACCESS_RING0 && lib_ring(cpu) != 0;
    uint32_t linear = (uint32_t)address;

    if (address >> 32 && !probe)
        check_wrapping(cpu);
    if (outer && cpu->outer_limit && linear >= cpu->outer_limit) {
        if (probe)
            return false;
        if (access.fetch)
            cpu_fetch_faults(cpu);
        unsigned vector = kind == ACCESS_FETCH ? 0 : segment_refuses(cpu, linear);

        lib_raise(cpu, vector ? vector : VECTOR_GP, 0);
    }
    bool present = mmu_walk(&view, linear, access, true, &page);

    if (!present) {
        if (probe)
            return false;
        if (access.fetch)
            cpu_fetch_faults(cpu);
        if (outer && kind != ACCESS_FETCH) {
            unsigned vector = segment_refuses(cpu, linear);

            if (vector)
                lib_raise(cpu, vector, 0);
        }
        if (!access.fetch && segment_operand_modified(cpu))
            page.error_code |= PF_WRITE;
        lib_cr(cpu)[2] = linear;
        lib_raise(cpu, VECTOR_PF, page.error_code);
    }
    if (access.fetch && page.physical >= cpu->engine->config.ram_bytes) {
        if (probe)
            return false;
        fetch_outside(cpu, page.physical);
    }
    if (page.large) {
        uint32_t span = (1u << LARGE_PAGE_SHIFT(view.cr4 & CR4_PAE)) - 1;

        if ((linear & ~span) < cpu->large_low)
            cpu->large_low = linear & ~span;
        if ((linear | span) > cpu->large_high)
            cpu->large_high = linear | span;
    }
    /* Ring 0 with EFLAGS.AC set shares an MMU index with rings 1 and 2. */
    if (mode == ACCESS_RING12 && !outer)
        cpu->outer_filled = true;
    lib_tlb_enter(cpu, mode, address, page.physical, true, page.writable, page.executable);
    return true;
}

bool cpu_translate(const struct cpu *cpu, uint32_t linear, uint32_t *physical)
{
    struct mmu_view view = mmu_view(cpu);
    struct mmu_translation page;

    if (!mmu_walk(&view, linear, (struct mmu_access){0}, false, &page) || page.physical >> 32)
        return false;
    *physical = (uint32_t)page.physical | (linear & 0xfff);
    return true;
}
