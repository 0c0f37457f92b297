/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * walk.c - stops between instructions that change no result
 *
 * A block is charged and fetched as a whole when it begins (cpu.c). If a run that is to stop were
 * cut into blocks of one instruction, each would be charged, fetched and looked at for interrupts,
 * and the clocks would differ from a run that does not stop.
 *
 * So a block is walked through: it is entered as ever, with its deadline, interrupt, fetch and
 * whole charge; then its instructions run as blocks of one, uncharged, and no interrupt is looked
 * at between them. Whatever depends on how far the block has got is computed from the whole: the
 * tail while a callback looks, what a fault takes back, whether a store hits the block that runs.
 * The model's order of accesses goes on with each instruction, for positions within a block begin
 * at one again.
 *
 * Rules
 *   - A stop is before an instruction, and before what comes before it (traps, interrupts).
 *   - While a run is stopped within a block the rest of it is the tail (state.h), so clock and
 *     tallies are those of the instructions that have completed.
 *   - A run that goes on finishes the block first, whatever the deadline: without the stop it
 *     would have run, too.
 *   - After a stop, the instruction at which it was stops the next run only if it comes again.
 *
 * Blocks are walked while instructions are counted, and where they contain a breakpoint. While
 * there is any breakpoint all blocks enter by the slow path.
 */
#include "cpu/walk.h"

#include <stdlib.h>
#include <string.h>

#include "cpu/engine/unicorn.h"

bool walk_is_inside(const struct cpu *cpu)
{
    return cpu->walk.inside && cpu->walk.begun < cpu->walk.whole.instructions;
}

bool walk_watches(const struct cpu *cpu)
{
    return cpu->walk.steps != WALK_NO_END || cpu->walk.breakpoints != 0 || cpu->walk.watches != 0 ||
           cpu->walk.look || cpu->shown.grain == CPU_GRAIN_INSTRUCTION;
}

static void stop(struct cpu *cpu, uint32_t pc, enum cpu_stop why)
{
    struct walk *walk = &cpu->walk;

    walk->stopped = true;
    walk->why = why;
    walk->passing = true;
    walk->passed = pc;
    lib_stop(cpu);
}

bool walk_steps_over(struct cpu *cpu, uint32_t pc)
{
    if (cpu->walk.steps != 0)
        return false;
    stop(cpu, pc, CPU_STOP_STEP);
    return true;
}

/* Whether who looks at each instruction wants a stop before this one. */
static bool is_wanted(struct cpu *cpu, uint32_t pc)
{
    const struct walk *walk = &cpu->walk;
    uint64_t ahead = 0;
    struct cpu_place place;

    if (walk->inside)
        ahead = walk->whole.cost - cpu_block_cycles(&walk->whole, walk->begun);
    place = cpu_place(cpu, pc, ahead);
    return walk->look(walk->look_owner, cpu->index, &place);
}

bool walk_breaks(struct cpu *cpu, uint32_t pc)
{
    struct walk *walk = &cpu->walk;

    if (walk->touched) {
        walk->touched = false;
        stop(cpu, pc, CPU_STOP_WATCH);
        return true;
    }
    if (walk->look && is_wanted(cpu, pc)) {
        stop(cpu, pc, CPU_STOP_LOOK);
        return true;
    }
    if (walk->passing && walk->passed == pc)
        return false;
    for (unsigned i = 0; i < walk->breakpoints; i++)
        if (walk->breakpoint[i] == pc) {
            stop(cpu, pc, CPU_STOP_BREAK);
            return true;
        }
    return false;
}

static void begin_instruction(struct walk *walk)
{
    walk->passing = false;
    if (walk->steps != WALK_NO_END)
        walk->steps--;
}

/* Whether a run may have to stop, or to be shown, before an instruction of the block that is not
 * its first. */
static bool may_stop_within(const struct cpu *cpu, const struct block *block)
{
    const struct walk *walk = &cpu->walk;

    if (block->instructions == 1)
        return false;
    if (walk->steps != WALK_NO_END || walk->watches || walk->look ||
        cpu->shown.grain == CPU_GRAIN_INSTRUCTION)
        return true;
    for (unsigned i = 0; i < walk->breakpoints; i++)
        if (walk->breakpoint[i] - block->pc - 1 < block->bytes - 1u)
            return true;
    return false;
}

bool walk_begin(struct cpu *cpu, const struct block *block)
{
    struct walk *walk = &cpu->walk;

    if (!may_stop_within(cpu, block)) {
        begin_instruction(walk);
        return false;
    }
    if (block->instructions > WALK_BLOCK_MOST)
        abort(); /* the library has another limit */
    walk->whole = *block;
    walk->whole.tb = NULL;
    if (block->table) { /* the record may go while the block is walked through */
        memcpy(walk->table, block->table, block->instructions * sizeof(*block->table));
        walk->whole.table = walk->table;
    }
    walk->inside = true;
    walk->begun = 0;
    cpu_update_limit(cpu);
    lib_single(cpu);
    return true;
}

bool walk_next(struct cpu *cpu, const struct block *block)
{
    struct walk *walk = &cpu->walk;

    if (block->instructions > 1) {
        lib_single(cpu);
        return false;
    }
    if (walk_steps_over(cpu, block->pc) || walk_breaks(cpu, block->pc))
        return false;
    if (cpu->shown.grain == CPU_GRAIN_INSTRUCTION)
        cpu_show(cpu, block->pc, walk->whole.cost - cpu_block_cycles(&walk->whole, walk->begun));
    begin_instruction(walk);
    walk->begun++;
    if (cpu->engine->model->walked)
        cpu->engine->model->walked(cpu);
    return true;
}

void walk_again(struct cpu *cpu, uint32_t pc)
{
    struct walk *walk = &cpu->walk;

    walk->passing = true;
    walk->passed = pc;
    if (walk->steps != WALK_NO_END)
        walk->steps++;
}

void walk_end(struct cpu *cpu)
{
    cpu->walk.inside = false;
    cpu_update_limit(cpu);
}

/* ---- stopped -------------------------------------------------------------------------------- */

static uint64_t unpriced_ahead(const struct walk *walk)
{
    return walk->whole.unpriced - decoded_unpriced(walk->table, walk->begun);
}

void walk_pause(struct cpu *cpu)
{
    struct walk *walk = &cpu->walk;

    if (!walk_is_inside(cpu)) {
        walk->inside = false;
        return;
    }
    cpu->tail_instructions = walk->whole.instructions - walk->begun;
    cpu->tail_cycles = walk->whole.cost - cpu_block_cycles(&walk->whole, walk->begun);
    if (walk->whole.unpriced)
        cpu->meter.n[CPU_instructions_unpriced] -= unpriced_ahead(walk);
}

void walk_resume(struct cpu *cpu)
{
    if (!cpu->walk.inside)
        return;
    lib_tail_end(cpu);
    if (cpu->walk.whole.unpriced)
        cpu->meter.n[CPU_instructions_unpriced] += unpriced_ahead(&cpu->walk);
}

void walk_abandon(struct cpu *cpu)
{
    if (!cpu->walk.inside)
        return;
    walk_resume(cpu);
    cpu_block_left(cpu, NULL, 1);
}

/* ---- breakpoints ---------------------------------------------------------------------------- */

bool cpu_break_set(struct cpu *cpu, uint32_t linear)
{
    struct walk *walk = &cpu->walk;

    for (unsigned i = 0; i < walk->breakpoints; i++)
        if (walk->breakpoint[i] == linear)
            return true;
    if (walk->breakpoints == CPU_BREAKPOINTS)
        return false;
    walk->breakpoint[walk->breakpoints++] = linear;
    return true;
}

void cpu_break_clear(struct cpu *cpu, uint32_t linear)
{
    struct walk *walk = &cpu->walk;

    for (unsigned i = 0; i < walk->breakpoints; i++)
        if (walk->breakpoint[i] == linear) {
            walk->breakpoint[i] = walk->breakpoint[--walk->breakpoints];
            return;
        }
}

void cpu_look(struct cpu *cpu,
              bool (*look)(void *owner, unsigned cpu, const struct cpu_place *place), void *owner)
{
    cpu->walk.look = look;
    cpu->walk.look_owner = owner;
}
