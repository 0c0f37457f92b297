/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * full.c - what the processors tell the full timing model
 *
 * The model keeps TLBs and caches of its own (hierarchy.h). The software TLB of the engine and its
 * page walks are accelerators, so what happens there is not its concern; it walks the page tables
 * itself when its own TLBs miss.
 */
#include "cpu/full.h"

#include "cpu/filter.h"
#include "cpu/mmu.h"
#include "cpu/unicorn.h"

static struct {
    uint32_t cr0, cr4; /* when the TLBs were last flushed */
} flushes[CPU_MAX];

static struct cpu_engine *engine_of_models;

static struct cpu *cpu_of(unsigned index)
{
    return &engine_of_models->cpu[index];
}

static void page_of(void *data, uint32_t linear, struct timing_page *page)
{
    const struct cpu *cpu = data;
    struct mmu_view view = mmu_view(cpu);
    struct mmu_translation found;

    mmu_walk(&view, linear, (struct mmu_access){0}, false, &found);
    page->entries = (uint8_t)found.walked;
    for (unsigned i = 0; i < found.walked; i++)
        page->entry[i] = found.entry[i];
    page->shift = !found.large ? 12 : view.cr4 & CR4_PAE ? 21 : 22;
    page->global = found.global;
}

/* ---- struct cpu_model -------------------------------------------------------------------------- */

static void translated(unsigned index, struct block *block)
{
    timing_prepare(cpu_of(index)->timing, block);
}

static void entered(unsigned index, struct block *block)
{
    lib_code_place(cpu_of(index), block);
    timing_fetch(cpu_of(index)->timing, block);
}

/* CR3 loads leave global pages; what changes how addresses translate does not. */
static void flushed(unsigned index)
{
    const uint64_t *cr = lib_cr(cpu_of(index));
    uint32_t cr0 = (uint32_t)cr[0], cr4 = (uint32_t)cr[4];
    bool global_too = cr0 != flushes[index].cr0 || cr4 != flushes[index].cr4;

    flushes[index].cr0 = cr0;
    flushes[index].cr4 = cr4;
    timing_flush(cpu_of(index)->timing, global_too, cr0 & CR0_PG);
}

static void flushed_page(unsigned index, uint32_t linear)
{
    timing_flush_page(cpu_of(index)->timing, linear);
}

static void accessed(unsigned index, unsigned mode, uint32_t linear, unsigned bytes, bool write)
{
    struct timing *t = cpu_of(index)->timing;
    uint32_t vline = linear >> COSTS_LINE_BITS;
    struct filter_entry *entry = &t->filter->entry[mode][vline % FILTER_SLOTS];

    if ((write ? entry->write : entry->read) == filter_tag(vline) &&
        (linear + bytes - 1) >> COSTS_LINE_BITS == vline)
        entry->stamp = next_use(t);
    else
        lib_filter_tell(cpu_of(index), mode, linear, bytes, write);
}

static void code_frame(uint32_t physical)
{
    for (unsigned i = 0; i < engine_of_models->config.processors; i++)
        filter_tell_page_stores(cpu_of(i)->timing, physical >> 12);
}

static const struct cpu_model full_model = {
    .translated = translated,
    .entered = entered,
    .flushed = flushed,
    .flushed_page = flushed_page,
    .accessed = accessed,
    .code_frame = code_frame,
};

bool full_open(struct cpu_engine *engine)
{
    engine_of_models = engine;
    for (unsigned i = 0; i < engine->config.processors; i++) {
        struct cpu *cpu = &engine->cpu[i];

        cpu->timing = timing_open(&cpu->meter, engine->config.tell_all, page_of, cpu);
        if (!cpu->timing)
            return false;
        cpu->timing->sequence = lib_model_clock(cpu);
        flushes[i].cr0 = flushes[i].cr4 = 0;
        lib_filter_attach(cpu, cpu->timing->filter);
    }
    if (engine->config.processors > 1)
        timing_pair(engine->cpu[0].timing, engine->cpu[1].timing);
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
