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
    struct timing *timing;
    uint32_t cr0, cr4; /* when the TLBs were last flushed */
} models[CPU_MAX];

static struct cpu_engine *engine_of_models;

struct timing *full_timing(const struct cpu *cpu)
{
    return models[cpu->index].timing;
}

struct filter *full_filter(const struct cpu *cpu)
{
    return models[cpu->index].timing ? models[cpu->index].timing->filter : NULL;
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

void full_tell(struct cpu *cpu, const struct full_access *access)
{
    struct timing *t = models[cpu->index].timing;
    const struct cpu_config *config = &cpu->engine->config;
    uintptr_t physical = access->host - (uintptr_t)config->ram;
    /* Ring 0 may borrow the table of rings 1 and 2, which must not find what it left there. */
    bool own = access->mode != ACCESS_RING12 || lib_ring(cpu) != 0;
    struct filter_site site = {.table = access->mode,
                               .host = access->host & ~(uintptr_t)(COSTS_LINE_BYTES - 1),
                               .inline_stores = access->inline_stores};

    if (physical >= config->ram_bytes)
        timing_access_device(t, access->linear);
    else if (!t->plain && access->inline_reads && own) {
        timing_access(t, access->linear, (uint32_t)physical, access->write, &site);
        return;
    } else
        timing_access(t, access->linear, (uint32_t)physical, access->write, NULL);
    if (!t->plain)
        filter_vacate(t, access->linear >> COSTS_LINE_BITS, access->mode);
}

/* ---- struct cpu_model -------------------------------------------------------------------------- */

static void translated(unsigned index, struct block *block)
{
    (void)index;
    block->attention = UINT64_MAX;
}

static void entered(unsigned index, struct block *block)
{
    timing_fetch(models[index].timing, block);
}

/* CR3 loads leave global pages; what changes how addresses translate does not. */
static void flushed(unsigned index)
{
    const uint64_t *cr = lib_cr(&engine_of_models->cpu[index]);
    uint32_t cr0 = (uint32_t)cr[0], cr4 = (uint32_t)cr[4];
    bool global_too = cr0 != models[index].cr0 || cr4 != models[index].cr4;

    models[index].cr0 = cr0;
    models[index].cr4 = cr4;
    timing_flush(models[index].timing, global_too, cr0 & CR0_PG);
}

static void flushed_page(unsigned index, uint32_t linear)
{
    timing_flush_page(models[index].timing, linear);
}

static void accessed(unsigned index, unsigned mode, uint32_t linear, unsigned bytes, bool write)
{
    struct timing *t = models[index].timing;
    uint32_t vline = linear >> COSTS_LINE_BITS;
    struct filter_entry *entry = &t->filter->entry[mode][vline % FILTER_SLOTS];

    if ((write ? entry->write : entry->read) == filter_tag(vline) &&
        (linear + bytes - 1) >> COSTS_LINE_BITS == vline)
        entry->stamp = next_use(t);
    else
        lib_filter_tell(&engine_of_models->cpu[index], mode, linear, bytes, write);
}

static void dropped(void)
{
    for (unsigned i = 0; i < CPU_MAX; i++)
        if (models[i].timing)
            timing_forget_blocks(models[i].timing);
}

static void code_frame(uint32_t physical)
{
    for (unsigned i = 0; i < CPU_MAX; i++)
        if (models[i].timing && models[i].timing->filter)
            filter_tell_page_stores(models[i].timing, physical >> 12);
}

static const struct cpu_model full_model = {
    .translated = translated,
    .entered = entered,
    .flushed = flushed,
    .flushed_page = flushed_page,
    .accessed = accessed,
    .dropped = dropped,
    .code_frame = code_frame,
};

bool full_open(struct cpu_engine *engine)
{
    engine_of_models = engine;
    for (unsigned i = 0; i < engine->config.processors; i++) {
        struct cpu *cpu = &engine->cpu[i];
        struct timing *t = timing_open(&cpu->meter, engine->config.tell_all, page_of, cpu);

        if (!t)
            return false;
        models[i].timing = t;
        t->sequence = lib_model_clock(cpu);
        lib_filter_attach(cpu, t->filter);
    }
    if (engine->config.processors > 1)
        timing_pair(models[0].timing, models[1].timing);
    engine->model = &full_model;
    return true;
}

void full_close(struct cpu_engine *engine)
{
    (void)engine;
    for (unsigned i = 0; i < CPU_MAX; i++) {
        timing_close(models[i].timing);
        models[i].timing = NULL;
    }
}
