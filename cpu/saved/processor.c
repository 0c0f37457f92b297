/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * processor.c - the processors in a saved state
 *
 * Saved between runs, with no block under way: so nothing that lives within a run or within an
 * instruction is state. What is known of code (translations, frames that hold it, what was fetched
 * last) is not either; it is found again when code runs.
 */
#include "cpu/engine/engine_calls.h"
#include "cpu/engine/unicorn.h"
#include "cpu/saved/processor.h"

#define SAVED_TYPE struct masked
static const struct saved_field masked_fields[] = {SAVED_FLAG(now), SAVED_FLAG(counted),
                                                   SAVED(since), SAVED(ended), SAVED(longest)};
SAVED_TABLE(masked)
#undef SAVED_TYPE

#define SAVED_TYPE struct cpu
static const struct saved_field cpu_fields[] = {
    /* set when the processor is opened */
    SAVED_NOT(engine),
    SAVED_NOT(index),
    SAVED_NOT(object),
    SAVED_NOT(env),
    SAVED_NOT(timing),
    SAVED_NOT(meter),
    /* by cpu_charge_to() and from the registers */
    SAVED_NOT(tally),
    SAVED_NOT(ring),
    SAVED_NOT(folded_clock),
    SAVED_NOT(folded_instructions),
    SAVED_NOT(folded_stalls),
    /* of a run or an instruction under way */
    SAVED_NOT(tail_cycles),
    SAVED_NOT(tail_instructions),
    SAVED_NOT(deadline),
    SAVED_NOT(lowered),
    SAVED_NOT(running),
    SAVED_NOT(stopping),
    SAVED_NOT(paused),
    SAVED_NOT(look_again),
    SAVED_NOT(helper),
    SAVED_NOT(walk),
    SAVED_NOT(shown),
    SAVED_NOT(x87),
    /* found again */
    SAVED_NOT(soft_tlb),
    SAVED_NOT(jump_groups),
    SAVED_NOT(fetched),
    /* a processor that has ended is not saved */
    SAVED_NOT(shutdown),
    SAVED_NOT(refused),
    SAVED_NOT(first_fault),
    SAVED_NOT(refusal),
    /* from DR7 */
    SAVED_NOT(breakpoints),

    SAVED_FLAG(interrupt),
    SAVED_FLAG(halted),
    SAVED_FLAG(waits_for_startup),
    SAVED_UP_TO(watch_hits, uint8_t, 15),
    SAVED(outer_limit),
    SAVED(large_low),
    SAVED(large_high),
    SAVED_FLAG(outer_filled),
    SAVED(software_eip),
    SAVED(software_return),
    SAVED(last_exception),
    SAVED_FLAG(delivering),
    SAVED(root),
    SAVED(tsc_offset),
    SAVED(pat),
    SAVED(delivered),
    SAVED_ARRAY(masked, masked_table),
};
SAVED_TABLE(cpu)
#undef SAVED_TYPE

const struct saved_table *const cpu_saved_tables[] = {&masked_table, &cpu_table, NULL};

static void processor(struct cpu *cpu, struct saved *saved)
{
    saved_struct(saved, &cpu_table, cpu);
    lib_saved_registers(cpu, saved);
    if (saved->loading && saved_good(saved)) {
        cpu->ring = lib_ring(cpu);
        breakpoint_loaded(cpu);
        cpu->folded_clock = *lib_clock(cpu);
        cpu->folded_instructions = *lib_instructions(cpu);
        cpu_ring_loaded(cpu);
        lib_note_segments(cpu);
    }
    if (cpu->timing && saved_good(saved))
        timing_saved(cpu->timing, saved);
    lib_saved_tlb(cpu, saved);
}

void cpu_engine_saved(struct cpu_engine *engine, struct saved *saved)
{
    for (unsigned i = 0; i < engine->config.processors && saved_good(saved); i++) {
        struct cpu *cpu = &engine->cpu[i];

        if (!saved->loading && (cpu->walk.inside || cpu->lowered))
            saved_refuse(saved,
                         "processor %u stands within a block: only a machine between blocks "
                         "can be saved",
                         i);
        else if (!saved->loading && (cpu->shutdown || cpu->refused))
            saved_refuse(saved, "processor %u has ended and cannot be saved", i);
        else
            processor(cpu, saved);
    }
}
