/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * full.c - what the processors notify the full timing model of
 *
 * The model keeps TLBs and caches of its own (hierarchy.h). The software TLB of the engine and its
 * page walks are accelerators, so what happens there is not its concern; it walks the page tables
 * itself when its own TLBs miss.
 */
#include "cpu/model/full.h"

#include <string.h>

#include "cpu/model/filter.h"
#include "cpu/x86/mmu.h"
#include "cpu/engine/unicorn.h"

/* What a walk finds whatever it finds. */
static void page_of_any(const struct cpu *cpu, uint32_t linear, struct timing_page *page)
{
    struct mmu_view view = mmu_view(cpu);
    struct mmu_translation found;

    mmu_walk(&view, linear, (struct mmu_access){0}, false, &found);
    page->entries = (uint8_t)found.walked;
    for (unsigned i = 0; i < found.walked; i++)
        page->entry[i] = found.entry[i];
    page->shift = found.large ? LARGE_PAGE_SHIFT(view.cr4 & CR4_PAE) : 12;
    page->global = found.global;
}

/* The common case by itself: a present page of 4 KB, and nothing odd in its entries. */
static inline bool page_of_small(const struct cpu *cpu, uint32_t linear, bool pae, uint64_t top,
                                 bool global, struct timing_page *page)
{
    const struct paging_memory memory = {cpu->engine->config.ram, cpu->engine->config.ram_bytes};
    struct paging_levels level;

    if (!paging_walk_small(memory, top, linear, pae, PTE_PRESENT | PTE_RESERVED, PTE_PRESENT,
                           &level))
        return false;
    *page = (struct timing_page){.entry = {(uint32_t)level.at[0], (uint32_t)level.at[1]},
                                 .entries = 2,
                                 .shift = 12,
                                 .global = global && level.entry[1] & PTE_GLOBAL};
    return true;
}

static void page_of(void *data, uint32_t linear, struct timing_page *page)
{
    const struct cpu *cpu = data;
    const uint64_t *cr = lib_cr(cpu);
    bool global = cr[4] & CR4_PGE;

    if (cr[4] & CR4_PAE ? !page_of_small(cpu, linear, true, cpu->root[linear >> 30], global, page)
                        : !page_of_small(cpu, linear, false, cr[3], global, page))
        page_of_any(cpu, linear, page);
}

/* ---- struct cpu_model ------------------------------------------------------------------------ */

static void translated(struct cpu *cpu, struct block *block)
{
    timing_prepare(cpu->timing, block);
}

static void entered(struct cpu *cpu, struct block *block)
{
    lib_code_place(cpu, block);
    timing_fetch(cpu->timing, block);
}

/* Accesses are ordered by their position within a block, which begins at one again. */
static void walked(struct cpu *cpu)
{
    next_use(cpu->timing);
}

/* CR3 loads leave global pages; what changes how addresses translate does not. */
static void flushed(struct cpu *cpu)
{
    const uint64_t *cr = lib_cr(cpu);
    uint32_t cr0 = (uint32_t)cr[0], cr4 = (uint32_t)cr[4];
    bool global_too = cr0 != cpu->timing->flushed_cr0 || cr4 != cpu->timing->flushed_cr4;

    cpu->timing->flushed_cr0 = cr0;
    cpu->timing->flushed_cr4 = cr4;
    timing_flush(cpu->timing, global_too, cr0 & CR0_PG);
}

static void flushed_page(struct cpu *cpu, uint32_t linear)
{
    timing_flush_page(cpu->timing, linear);
}

static void accessed(struct cpu *cpu, unsigned mode, uint32_t linear, unsigned bytes, bool write)
{
    struct timing *t = cpu->timing;
    uint32_t vline = linear >> COSTS_LINE_BITS;
    struct filter_entry *entry = &t->filter->entry[mode][vline % FILTER_SLOTS];

    if ((write ? entry->write : entry->read) == filter_tag(vline) &&
        (linear + bytes - 1) >> COSTS_LINE_BITS == vline)
        entry->stamp = next_use(t);
    else
        lib_filter_notify(cpu, mode, linear, bytes, write);
}

static void code_frame(struct cpu_engine *engine, uint32_t physical)
{
    for (unsigned i = 0; i < engine->config.processors; i++)
        filter_notify_page_stores(engine->cpu[i].timing, physical >> 12);
}

static const struct cpu_model full_model = {
    .translated = translated,
    .entered = entered,
    .walked = walked,
    .flushed = flushed,
    .flushed_page = flushed_page,
    .accessed = accessed,
    .code_frame = code_frame,
};

bool full_open(struct cpu_engine *engine)
{
    for (unsigned i = 0; i < engine->config.processors; i++) {
        struct cpu *cpu = &engine->cpu[i];

        cpu->timing = timing_open(&cpu->meter, engine->config.no_filter, page_of, cpu);
        if (!cpu->timing)
            return false;
        cpu->timing->sequence = lib_model_clock(cpu);
        lib_filter_attach(cpu, cpu->timing->filter);
        if (i > 0)
            timing_join(cpu->timing, engine->cpu[0].timing);
    }
    engine->model = &full_model;
    return true;
}

void full_close(struct cpu_engine *engine)
{
    for (unsigned i = 0; i < CPU_MAX; i++) {
        timing_close(engine->cpu[i].timing);
        engine->cpu[i].timing = NULL; /* closing the library flushes its TLBs once more */
    }
}
