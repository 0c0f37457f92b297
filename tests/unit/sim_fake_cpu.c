/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/unit/sim_fake_cpu.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char fake_journal[4096];
struct cpu_engine *fake_engine;

void fake_journal_clear(void)
{
    fake_journal[0] = 0;
}

static void note(const char *what, const struct cpu *cpu, uint64_t before)
{
    size_t used = strlen(fake_journal);

    snprintf(fake_journal + used, sizeof(fake_journal) - used, "%s %u %llu %llu\n", what,
             cpu->index, (unsigned long long)before, (unsigned long long)cpu->clock);
}

void fake_spend(struct cpu *cpu, unsigned ring, uint64_t cycles)
{
    cpu->clock += cycles;
    if (cpu->tally)
        cpu->tally[ring].n[CPU_cycles_issue] += cycles;
}

struct cpu_engine *cpu_engine_open(const struct cpu_config *config, char *why, size_t why_bytes)
{
    (void)why;
    (void)why_bytes;
    fake_engine = calloc(1, sizeof(*fake_engine));
    fake_engine->config = *config;
    for (unsigned i = 0; i < CPU_MAX; i++)
        fake_engine->cpu[i] = (struct cpu){.engine = fake_engine, .index = i};
    return fake_engine;
}

void cpu_engine_close(struct cpu_engine *engine)
{
    free(engine);
}

struct cpu *cpu_get(struct cpu_engine *engine, unsigned index)
{
    return &engine->cpu[index];
}

enum cpu_stop cpu_run(struct cpu *cpu, uint64_t deadline)
{
    uint64_t before = cpu->clock;
    enum cpu_stop stop = CPU_STOP_DEADLINE;

    cpu->deadline = deadline;
    if (cpu->halted && !cpu->interrupt)
        return CPU_STOP_HALT;
    cpu->halted = false;
    if (cpu->script)
        stop = cpu->script(cpu);
    else
        fake_spend(cpu, 0, deadline - cpu->clock);
    note("run", cpu, before);
    return stop;
}

enum cpu_stop cpu_step(struct cpu *cpu, uint64_t deadline, uint64_t *instructions)
{
    (void)instructions; /* this one has none */
    return cpu_run(cpu, deadline);
}

bool cpu_within_block(const struct cpu *cpu)
{
    (void)cpu;
    return false;
}

bool cpu_break_set(struct cpu *cpu, uint32_t linear)
{
    (void)cpu, (void)linear;
    return false;
}

void cpu_break_clear(struct cpu *cpu, uint32_t linear)
{
    (void)cpu, (void)linear;
}

void cpu_show_places(struct cpu *cpu, enum cpu_grain grain,
                     void (*show)(void *owner, unsigned cpu, const struct cpu_place *place),
                     void *owner)
{
    (void)cpu, (void)grain, (void)show, (void)owner;
}

bool cpu_watch_set(struct cpu *cpu, uint32_t linear, uint32_t bytes, bool reads)
{
    (void)cpu, (void)linear, (void)bytes, (void)reads;
    return false;
}

void cpu_watch_clear(struct cpu *cpu, uint32_t linear)
{
    (void)cpu, (void)linear;
}

uint32_t cpu_watch_hit(const struct cpu *cpu, bool *written)
{
    (void)cpu;
    *written = false;
    return 0;
}

void cpu_look(struct cpu *cpu,
              bool (*look)(void *owner, unsigned cpu, const struct cpu_place *place), void *owner)
{
    (void)cpu, (void)look, (void)owner;
}

const char *cpu_refusal(const struct cpu *cpu)
{
    (void)cpu;
    return "the fake processor stopped";
}

uint64_t cpu_clock(const struct cpu *cpu)
{
    return cpu->clock;
}

void cpu_deadline(struct cpu *cpu, uint64_t deadline)
{
    if (deadline < cpu->deadline)
        cpu->deadline = deadline;
}

void cpu_skip(struct cpu *cpu, uint64_t clock)
{
    uint64_t before = cpu->clock;

    if (cpu->tally)
        cpu->tally[0].n[CPU_cycles_halted] += clock - cpu->clock;
    cpu->clock = clock;
    note("skip", cpu, before);
}

void cpu_interrupt(struct cpu *cpu, bool asserted)
{
    cpu->interrupt = asserted;
}

bool cpu_halted(const struct cpu *cpu)
{
    return cpu->halted;
}

void cpu_init(struct cpu *cpu)
{
    cpu->waits = true;
}

void cpu_startup(struct cpu *cpu, uint8_t vector)
{
    cpu->waits = false;
    cpu->registers.eip = (uint32_t)vector << 12;
}

bool cpu_waits_for_startup(const struct cpu *cpu)
{
    return cpu->waits;
}

void cpu_start_protected(struct cpu *cpu, uint32_t eip, uint32_t eax, uint32_t ebx)
{
    cpu->registers.eip = eip;
    cpu->registers.gpr[0] = eax;
    cpu->registers.gpr[3] = ebx;
}

void cpu_charge_to(struct cpu *cpu, struct cpu_tally *tally)
{
    cpu->tally = tally;
}

void cpu_settle(struct cpu *cpu)
{
    (void)cpu;
}

void cpu_spend(struct cpu *cpu, uint64_t cycles)
{
    fake_spend(cpu, 0, cycles);
}

void cpu_outer_limit(struct cpu *cpu, uint32_t address)
{
    (void)cpu;
    (void)address;
}

uint64_t cpu_delivered(const struct cpu *cpu, unsigned ring, uint8_t vector)
{
    return cpu->delivered[ring][vector];
}

uint64_t cpu_longest_masked(const struct cpu *cpu, bool unfinished)
{
    return cpu->masked + (unfinished ? cpu->masked_now : 0);
}

bool cpu_models(const struct cpu_engine *engine, enum cpu_event event)
{
    (void)engine;
    return event != CPU_l2_misses; /* one event is absent, so that tests can see how that looks */
}

void cpu_registers(const struct cpu *cpu, struct cpu_registers *out)
{
    *out = cpu->registers;
}

/* Linear = physical, except that the page at 0x3000 is absent and 0x5000 and 0x6000 are swapped. */
bool cpu_translate(const struct cpu *cpu, uint32_t linear, uint32_t *physical)
{
    (void)cpu;
    *physical = linear;
    if (linear >> 12 == 5 || linear >> 12 == 6)
        *physical = linear ^ 0x3000;
    return linear >> 12 != 3;
}

void cpu_device_access(struct cpu_engine *engine, uint32_t physical, uint32_t bytes, bool write,
                       struct cpu_device_lines *lines)
{
    (void)engine;
    (void)write;
    if (bytes)
        lines->moved += (physical % 64 + bytes + 63) / 64;
}

void cpu_memory_written(struct cpu_engine *engine, uint32_t physical, uint32_t bytes)
{
    (void)engine;
    (void)physical;
    (void)bytes;
}

uint64_t cpu_instructions(const struct cpu *cpu)
{
    return cpu->clock;
}

void cpu_engine_saved(struct cpu_engine *engine, struct saved *saved)
{
    (void)engine;
    (void)saved;
}

/* Writes by a tool, of which no test here has one. */
void cpu_write_general(struct cpu *cpu, unsigned number, uint32_t value)
{
    cpu->registers.gpr[number & 7] = value;
}

void cpu_write_eip(struct cpu *cpu, uint32_t value)
{
    cpu->registers.eip = value;
}

bool cpu_write_eflags(struct cpu *cpu, uint32_t value)
{
    cpu->registers.eflags = value;
    return true;
}

bool cpu_write_segment(struct cpu *cpu, unsigned number, uint16_t selector)
{
    cpu->registers.selector[number] = selector;
    return true;
}

bool cpu_write_control(struct cpu *cpu, unsigned number, uint32_t value)
{
    (void)cpu, (void)number, (void)value;
    return false;
}
