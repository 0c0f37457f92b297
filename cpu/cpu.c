/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cpu.c - processors that run until a deadline, and whom their cycles are charged to
 *
 * Time. A block is charged as it begins (unicorn_emit.c). Before that its prologue compares the
 * clock with a limit; reaching the limit leads to cpu_block_entry() here, which stops the run when
 * the deadline has come, takes an interrupt that waits, or lets the block go on. The limit is the
 * deadline, or nothing at all while INTR is up, so that the first block that may take the interrupt
 * does. Lowering the limit is also the one safe way to stop from within a callback: the
 * instruction that called back has not finished yet.
 *
 * Accounting. Three things move the clock: blocks (issue cycles), charges through the meter, and
 * waiting. The meter's are in the tally at once. Issue cycles and instructions are folded into the
 * tally when the ring or the context changes or somebody asks: what the clock moved since the last
 * fold, less what the meter charged to this tally since then, is issue. So the rows cycles_* sum to
 * the clock by construction, as long as nobody moves the clock behind the meter's back.
 *
 * Within a block the clock is ahead: the prologue has charged instructions that are yet to run.
 * While a callback looks, tail_* say by how much, and a fold leaves the tail to the next tally.
 */
#include "cpu/cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/model/full.h"
#include "cpu/walk.h"
#include "cpu/x86/mmu.h"
#include "cpu/engine/twins.h"
#include "cpu/engine/unicorn.h"
#include "cpu/x86/vectors.h"
#include "cpu/engine/engine_calls.h"

static const struct cpu_model no_model;

/* ---- accounting ------------------------------------------------------------------------------ */

static uint64_t stalls(const uint64_t *n)
{
    return n[CPU_cycles_l1] + n[CPU_cycles_memory] + n[CPU_cycles_tlb] + n[CPU_cycles_crossing] +
           n[CPU_cycles_cr3] + n[CPU_cycles_control] + n[CPU_cycles_halted];
}

void cpu_fold(struct cpu *cpu)
{
    uint64_t clock = *lib_clock(cpu) - cpu->tail_cycles;
    uint64_t instructions = *lib_instructions(cpu) - cpu->tail_instructions;
    uint64_t *n = cpu->meter.n;
    uint64_t stalled = stalls(n);

    n[CPU_cycles_issue] += clock - cpu->folded_clock - (stalled - cpu->folded_stalls);
    n[CPU_instructions] += instructions - cpu->folded_instructions;
    cpu->folded_clock = clock;
    cpu->folded_instructions = instructions;
    cpu->folded_stalls = stalled;
}

static void point_meter(struct cpu *cpu)
{
    cpu->meter.n = cpu->tally[cpu->ring].n;
    cpu->folded_stalls = stalls(cpu->meter.n);
}

void cpu_ring_changed(struct cpu *cpu)
{
    unsigned ring = lib_ring(cpu);

    cpu_fold(cpu);
    if (ring == 0)
        *lib_hflags(cpu) |= HF_SMAP;
    else
        *lib_hflags(cpu) &= ~HF_SMAP;
    if (cpu->ring == 0 && cpu->outer_filled) {
        lib_tlb_flush_outer(cpu);
        cpu->outer_filled = false;
    }
    cpu->ring = ring;
    point_meter(cpu);
}

void cpu_ring_loaded(struct cpu *cpu)
{
    point_meter(cpu);
}

void cpu_charge_to(struct cpu *cpu, struct cpu_tally *tally)
{
    cpu_fold(cpu);
    cpu->tally = tally;
    point_meter(cpu);
}

void cpu_settle(struct cpu *cpu)
{
    cpu_fold(cpu);
}

uint64_t cpu_clock(const struct cpu *cpu)
{
    return *lib_clock(cpu) - cpu->tail_cycles;
}

uint64_t cpu_instructions(const struct cpu *cpu)
{
    return *lib_instructions(cpu) - cpu->tail_instructions;
}

uint64_t cpu_delivered(const struct cpu *cpu, unsigned ring, uint8_t vector)
{
    return cpu->delivered[ring][vector];
}

bool cpu_models(const struct cpu_engine *engine, enum cpu_event event)
{
    return timing_models(engine->config.timing, event);
}

/* ---- blocks ---------------------------------------------------------------------------------- */

uint64_t cpu_block_cycles(const struct block *block, unsigned completed)
{
    if (!block->table)
        return completed;
    return completed ? block->table[completed - 1].cycles : 0;
}

void cpu_block_left(struct cpu *cpu, struct block *block, unsigned completed)
{
    const struct cpu_model *model = cpu->engine->model;

    if (cpu->walk.inside) {
        block = &cpu->walk.whole;
        completed += cpu->walk.begun - 1;
        walk_end(cpu);
    }
    if (completed >= block->instructions)
        return;
    *lib_clock(cpu) -= block->cost - cpu_block_cycles(block, completed);
    *lib_instructions(cpu) -= block->instructions - completed;
    if (block->unpriced)
        cpu->meter.n[CPU_instructions_unpriced] -=
            block->unpriced - decoded_unpriced(block->table, completed);
    if (model->left)
        model->left(cpu, block, completed);
}

static bool interrupts_enabled(const struct cpu *cpu)
{
    return (*lib_raw_eflags(cpu) & EFLAGS_IF) && !(*lib_hflags(cpu) & HF_INHIBIT_IRQ);
}

/*
 * What comes before the next instruction, in the order of SDM vol. 3, table 6-2: the traps of the
 * last one, interrupts, breakpoints on its first byte. False: it may not run now, and the loop is
 * left.
 */
static bool may_go_on(struct cpu *cpu, uint32_t pc)
{
    if (*lib_clock(cpu) >= cpu->deadline) {
        lib_stop(cpu);
        return false;
    }
    breakpoint_trap_data(cpu, pc);
    if (cpu->interrupt && interrupts_enabled(cpu)) {
        lib_break(cpu);
        return false;
    }
    return true;
}

void cpu_fetch_faults(struct cpu *cpu)
{
    uint32_t pc = (uint32_t)lib_segment(cpu, SEG_CS)->base + (uint32_t)*lib_eip(cpu);

    if (!may_go_on(cpu, pc))
        lib_leave(cpu);
    if (cpu->breakpoints)
        breakpoint_trap_execution(cpu, pc);
}

struct cpu_place cpu_place(struct cpu *cpu, uint32_t pc, uint64_t ahead)
{
    uint32_t esp = (uint32_t)lib_gpr(cpu)[ESP];

    return (struct cpu_place){.pc = pc,
                              .stack = (uint32_t)lib_segment(cpu, SEG_SS)->base + esp,
                              .cr3 = (uint32_t)lib_cr(cpu)[3],
                              .ring = (uint8_t)lib_ring(cpu),
                              .clock = *lib_clock(cpu) - ahead};
}

void cpu_show(struct cpu *cpu, uint32_t pc, uint64_t ahead)
{
    struct cpu_place place = cpu_place(cpu, pc, ahead);

    cpu->shown.show(cpu->shown.owner, cpu->index, &place);
}

void cpu_show_places(struct cpu *cpu, enum cpu_grain grain,
                     void (*show)(void *owner, unsigned cpu, const struct cpu_place *place),
                     void *owner)
{
    cpu->shown = (struct shown){grain, show, owner};
}

bool cpu_block_entry(struct cpu *cpu, struct block *block)
{
    const struct cpu_model *model = cpu->engine->model;

    if (walk_is_inside(cpu))
        return walk_next(cpu, block);
    if (cpu->walk.inside)
        walk_end(cpu);
    if (walk_steps_over(cpu, block->pc) || !may_go_on(cpu, block->pc))
        return false;
    if (cpu->look_again) {
        cpu->look_again = false;
        cpu_update_limit(cpu);
        lib_look_again(cpu);
        return false;
    }
    if (cpu->breakpoints && !breakpoint_may_run(cpu, block))
        return false;
    if ((block->flags & HF_LIMITED) && !lib_within_limit(cpu, block)) {
        if (block->instructions > 1) {
            lib_single(cpu);
            return false;
        }
        *lib_eip(cpu) = block->pc - (uint32_t)lib_segment(cpu, SEG_CS)->base;
        lib_raise(cpu, VECTOR_GP, 0);
    }
    if (block->raises) {
        bool trap = block->raises == VECTOR_DB;

        if (block->instructions > 1) {
            lib_single(cpu);
            return false;
        }
        *lib_eip(cpu) =
            block->pc - (uint32_t)lib_segment(cpu, SEG_CS)->base + (trap ? block->bytes : 0u);
        lib_raise(cpu, block->raises, 0);
    }
    if (walk_breaks(cpu, block->pc))
        return false;
    if (cpu->shown.grain != CPU_GRAIN_NONE)
        cpu_show(cpu, block->pc, 0);
    meter_count(&cpu->meter, CPU_instructions_unpriced, block->unpriced);
    if (model->entered)
        model->entered(cpu, block);
    *lib_clock(cpu) += block->cost;
    *lib_instructions(cpu) += block->instructions;
    return !(walk_watches(cpu) && walk_begin(cpu, block));
}

void cpu_update_limit(struct cpu *cpu)
{
    bool slow = cpu->interrupt || cpu->breakpoints || cpu->look_again || cpu->walk.inside ||
                walk_watches(cpu) || cpu->shown.grain != CPU_GRAIN_NONE;

    *lib_limit(cpu) = slow ? UINT64_MAX : cpu->deadline - 1;
}

/* ---- running --------------------------------------------------------------------------------- */

static enum cpu_stop run_once(struct cpu *cpu, uint64_t deadline)
{
    if (cpu->refused)
        return CPU_STOP_REFUSED;
    if (cpu->shutdown)
        return CPU_STOP_RESET;
    if (cpu->waits_for_startup)
        return CPU_STOP_HALT;
    if (cpu->halted) {
        if (!cpu->interrupt || !interrupts_enabled(cpu))
            return CPU_STOP_HALT;
        cpu->halted = false;
    }
    if (cpu_clock(cpu) >= deadline && !cpu->walk.inside)
        return CPU_STOP_DEADLINE;

    walk_resume(cpu);
    cpu->walk.stopped = false;
    cpu->deadline = deadline;
    cpu->paused = false;
    cpu->look_again = false; /* a run begins by looking */
    cpu_update_limit(cpu);
    lib_run(cpu);
    walk_pause(cpu);

    if (cpu->refused)
        return CPU_STOP_REFUSED;
    if (lib_stopped_by_shutdown(cpu)) {
        cpu_shut_down(cpu);
        return CPU_STOP_RESET;
    }
    if (lib_halted(cpu)) {
        cpu->halted = true;
        if (!cpu->masked.now)
            masked_count(cpu);
        return CPU_STOP_HALT;
    }
    if (cpu->walk.stopped)
        return cpu->walk.why;
    return cpu->paused ? CPU_STOP_PAUSE : CPU_STOP_DEADLINE;
}

/* A stop of a tool's leaves the run open: the next one goes on with it, up to a deadline that a
 * callback has lowered. */
static enum cpu_stop run(struct cpu *cpu, uint64_t deadline)
{
    enum cpu_stop stop;

    if (cpu->lowered && cpu->deadline < deadline)
        deadline = cpu->deadline;
    stop = run_once(cpu, deadline);
    if (stop != CPU_STOP_STEP && stop != CPU_STOP_BREAK && stop != CPU_STOP_WATCH &&
        stop != CPU_STOP_LOOK)
        cpu->lowered = false;
    return stop;
}

enum cpu_stop cpu_run(struct cpu *cpu, uint64_t deadline)
{
    return run(cpu, deadline);
}

enum cpu_stop cpu_step(struct cpu *cpu, uint64_t deadline, uint64_t *instructions)
{
    enum cpu_stop stop = CPU_STOP_STEP;

    if (*instructions) {
        cpu->walk.steps = *instructions;
        stop = run(cpu, deadline);
        *instructions = cpu->walk.steps;
        cpu->walk.steps = WALK_NO_END;
    }
    return stop;
}

bool cpu_within_block(const struct cpu *cpu)
{
    return cpu->walk.inside;
}

void cpu_deadline(struct cpu *cpu, uint64_t deadline)
{
    if (deadline < cpu->deadline) {
        cpu->deadline = deadline;
        cpu->lowered = true;
        cpu_update_limit(cpu);
    }
}

void cpu_skip(struct cpu *cpu, uint64_t clock)
{
    if (clock > cpu_clock(cpu))
        meter_charge(&cpu->meter, CPU_cycles_halted, clock - cpu_clock(cpu));
}

void cpu_interrupt(struct cpu *cpu, bool asserted)
{
    cpu->interrupt = asserted;
    cpu_update_limit(cpu);
}

void cpu_spend(struct cpu *cpu, uint64_t cycles)
{
    if (cpu->engine->config.timing != CPU_TIMING_UNIT)
        meter_charge(&cpu->meter, CPU_cycles_control, cycles);
}

bool cpu_halted(const struct cpu *cpu)
{
    return cpu->halted;
}

/* ---- opening --------------------------------------------------------------------------------- */

static void release(struct cpu_engine *engine)
{
    if (!engine)
        return;
    if (engine->decoder)
        decoder_close(engine->decoder);
    twins_close(engine->twins);
    free(engine->code_frames);
    free(engine);
}

struct cpu_engine *cpu_engine_open(const struct cpu_config *config, char *why, size_t why_bytes)
{
    bool unit = config->timing == CPU_TIMING_UNIT;

    if (config->processors < 1 || config->processors > CPU_MAX) {
        snprintf(why, why_bytes, "%u processors; 1 to %d are simulated", config->processors,
                 CPU_MAX);
        return NULL;
    }
    if (config->ram_bytes < 0x100000 || (config->ram_bytes & 0xfff) ||
        config->ram_bytes > config->mmio_base) {
        snprintf(why, why_bytes, "%u bytes of memory do not fit below the devices at 0x%x",
                 config->ram_bytes, config->mmio_base);
        return NULL;
    }
    struct cpu_engine *engine = calloc(1, sizeof(*engine));

    if (engine) {
        engine->config = *config;
        engine->model = &no_model;
        engine->code_frames = calloc(config->ram_bytes >> 12, 1);
        engine->twins = twins_open(config->ram, config->ram_bytes);
    }
    if (!engine || !engine->code_frames || !engine->twins) {
        snprintf(why, why_bytes, "no memory for the processors");
        release(engine);
        return NULL;
    }
    for (unsigned i = 0; i < config->processors; i++) {
        struct cpu *cpu = &engine->cpu[i];

        cpu->engine = engine;
        cpu->index = i;
        cpu->tally = engine->nobody;
        cpu->walk.steps = WALK_NO_END;
        cpu->meter.n = engine->nobody[0].n;
        cpu->meter.costs = unit ? &timing_no_costs : config->costs;
    }
    engine->decoder = decoder_open(unit ? &timing_no_costs : config->costs, why, why_bytes);
    if (!engine->decoder || !lib_open(engine, why, why_bytes)) {
        release(engine);
        return NULL;
    }
    if (config->timing == CPU_TIMING_FULL && !full_open(engine)) {
        snprintf(why, why_bytes, "no memory for the caches");
        cpu_engine_close(engine);
        return NULL;
    }
    for (unsigned i = 0; i < config->processors; i++) {
        struct cpu *cpu = &engine->cpu[i];

        cpu_init(cpu);
        cpu->folded_clock = cpu->folded_instructions = 0;
        memset(cpu->meter.n, 0, CPU_NR_EVENTS * sizeof(*cpu->meter.n));
        cpu->folded_stalls = 0;
        memset(cpu->delivered, 0, sizeof(cpu->delivered));
    }
    return engine;
}

void cpu_engine_close(struct cpu_engine *engine)
{
    full_close(engine); /* its records hang on the library's blocks */
    lib_close(engine);
    release(engine);
}

struct cpu *cpu_get(struct cpu_engine *engine, unsigned index)
{
    return index < engine->config.processors ? &engine->cpu[index] : NULL;
}

/* ---- inspection ------------------------------------------------------------------------------ */

void cpu_memory_written(struct cpu_engine *engine, uint32_t physical, uint32_t bytes)
{
    lib_code_invalidate(engine, physical, bytes);
}

void cpu_device_access(struct cpu_engine *engine, uint32_t physical, uint32_t bytes, bool write,
                       struct cpu_device_lines *lines)
{
    if (engine->cpu[0].timing)
        timing_device(engine->cpu[0].timing, physical, bytes, write, lines);
    if (write)
        lib_code_invalidate(engine, physical, bytes);
}

void cpu_host_figures(const struct cpu_engine *engine, struct cpu_host_figures *out)
{
    *out = engine->figures;
    out->code_bytes_used = lib_code_bytes_used(engine);
    out->texts = twins_texts(engine->twins);
}
