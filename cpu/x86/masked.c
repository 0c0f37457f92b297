/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * masked.c - how long a processor takes no interrupts
 *
 * A processor is masked while EFLAGS.IF is clear, in whatever ring. A stretch begins when IF is
 * cleared and ends when IF is set. What counts is the chance to take an interrupt: a `cli` in the
 * shadow of the `sti` before it leaves none, and the stretch goes on. An interrupt need not have
 * been pending. Both ends are exact: the clock after the instruction, or after the delivery.
 *
 * Boot is not counted: all until the processor has left ring 0, or halted with IF set, for the
 * first time since reset.
 *
 * A stretch is compared with the longest when the next one begins, for only then is it known that
 * it ended.
 */
#include "cpu/state.h"
#include "cpu/engine/unicorn.h"
#include "cpu/x86/registers.h"

static void compare(struct cpu *cpu)
{
    const struct cpu_bus *bus = &cpu->engine->config.bus;
    struct masked *m = &cpu->masked;
    uint64_t length = m->ended - m->since;

    if (!m->counted || length <= m->longest)
        return;
    m->longest = length;
    if (bus->masked)
        bus->masked(bus->machine, cpu->index);
}

void masked_update(struct cpu *cpu, bool shadowed)
{
    struct masked *m = &cpu->masked;
    bool now = !(*lib_raw_eflags(cpu) & EFLAGS_IF);

    if (now == m->now)
        return;
    m->now = now;
    if (!now) {
        m->ended = cpu_clock(cpu);
    } else if (!shadowed) {
        compare(cpu);
        m->since = cpu_clock(cpu);
    }
}

void masked_count(struct cpu *cpu)
{
    struct masked *m = &cpu->masked;

    if (m->counted)
        return;
    m->counted = true;
    m->since = m->ended = cpu_clock(cpu);
}

void masked_reset(struct cpu *cpu)
{
    struct masked *m = &cpu->masked;

    *m = (struct masked){.now = true, .longest = m->longest, .since = cpu_clock(cpu)};
}

uint64_t cpu_longest_masked(const struct cpu *cpu, bool unfinished)
{
    const struct masked *m = &cpu->masked;
    uint64_t last = !m->now ? m->ended - m->since : unfinished ? cpu_clock(cpu) - m->since : 0;

    return m->counted && last > m->longest ? last : m->longest;
}
