/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * schedule.c - turns of the processors
 *
 * Every processor has a clock; the one that is furthest behind runs (of several, the first that has
 * work), by at most a quantum and never past the next event. An event fires when every clock has
 * reached its time. So whatever a device or processor sends at cycle t takes effect on a processor
 * that is behind exactly at t, and on one that is ahead at once, at most a quantum late. All of
 * this is decided by cycles alone: a run is the same every time.
 *
 * A processor that halts waits: its clock follows those of the others, or jumps to the next event,
 * charged as halted. One that spins in `pause` waits for another, which may be ahead of it by the
 * very quantum that lies between them (a lock taken just before a switch would otherwise cost the
 * rest of a quantum, which no real machine would spend): so the one furthest behind of the others
 * runs on for a while, up to MAX_LEAD quanta ahead.
 */
#include "sim/machine/schedule.h"

#include "sim/machine/wiring.h"
#include "cpu/x86/registers.h"

#include <poll.h>
#include <time.h>

#define MAX_LEAD 2 /* quanta */
#define NOBODY   CPU_MAX

static uint64_t clock_of(const struct machine *machine, unsigned i)
{
    return cpu_clock(machine->cpu[i]);
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t machine_clock_min(const struct machine *machine)
{
    uint64_t behind = clock_of(machine, 0);

    for (unsigned i = 1; i < machine->config.processors; i++)
        behind = least(behind, clock_of(machine, i));
    return behind;
}

uint64_t machine_clock_max(const struct machine *machine)
{
    uint64_t ahead = clock_of(machine, 0);

    for (unsigned i = 1; i < machine->config.processors; i++)
        if (clock_of(machine, i) > ahead)
            ahead = clock_of(machine, i);
    return ahead;
}

/* ---- who ------------------------------------------------------------------------------------- */

/* Whether processor `i` has nothing to do before an event or a message. */
static bool waits(const struct machine *machine, unsigned i)
{
    const struct cpu *cpu = machine->cpu[i];

    if (cpu_waits_for_startup(cpu))
        return true;
    return cpu_halted(cpu) && (machine->schedule.asleep[i] || !machine->asserted[i]);
}

/* The processor furthest behind; of several, the first that has work, or just the first. */
static unsigned furthest_behind(const struct machine *machine)
{
    unsigned chosen = 0;

    for (unsigned i = 1; i < machine->config.processors; i++) {
        uint64_t clock = clock_of(machine, i), best = clock_of(machine, chosen);

        if (clock < best || (clock == best && waits(machine, chosen) && !waits(machine, i)))
            chosen = i;
    }
    return chosen;
}

/* The one furthest behind of those that have work, without `one`; or NOBODY. */
static unsigned other_at_work(const struct machine *machine, unsigned one)
{
    unsigned chosen = NOBODY;

    for (unsigned i = 0; i < machine->config.processors; i++) {
        if (i == one || waits(machine, i))
            continue;
        if (chosen == NOBODY || clock_of(machine, i) < clock_of(machine, chosen))
            chosen = i;
    }
    return chosen;
}

/* ---- nobody ---------------------------------------------------------------------------------- */

/* Whether any device may still interrupt a processor that takes interrupts. */
static bool can_wake(const struct machine *machine)
{
    bool timer = event_pending(&machine->pit.tick) &&
                 ((pic_listens(&machine->pic, 0) && lapic_passes_pic(&machine->lapics.lapic[0])) ||
                  ioapic_listens(&machine->ioapic, 0));

    for (unsigned i = 0; i < machine->config.processors; i++)
        if (lapic_expects(&machine->lapics.lapic[i]))
            return true;
    return timer || disks_busy(machine) || network_busy(machine) ||
           machine->config.console_in >= 0 || machine->typed.count || machine->typed.ended;
}

/*
 * Who sits at a terminal has set an alarm for minutes, not for as long as it takes to skip them; a
 * peer outside of the simulation waits like that too. Ends early when there is something to read.
 */
static void let_host_wait(const struct machine *machine, uint64_t cycles)
{
    struct pollfd input[2] = {
        {.fd = machine->config.live ? machine->config.console_in : -1, .events = POLLIN},
        {.fd = network_outside(machine), .events = POLLIN}};
    uint64_t hz = machine->config.costs->clock_hz, rest = cycles % hz;
    struct timespec time = {.tv_sec = (time_t)(cycles / hz),
                            .tv_nsec = (long)(rest * UINT64_C(1000000000) / hz)};

    ppoll(input, 2, &time, NULL);
}

static void all_wait(struct machine *machine, uint64_t next)
{
    bool deaf = true;

    for (unsigned i = 0; i < machine->config.processors; i++)
        deaf = deaf && (machine->schedule.asleep[i] || cpu_waits_for_startup(machine->cpu[i]));
    if (!can_wake(machine) || next == EVENT_NEVER)
        machine_end_run(machine, MACHINE_DEAD,
                        "every processor has halted and no device will ever interrupt");
    else if (deaf)
        machine_end_run(machine, MACHINE_DEAD,
                        "every processor has halted with interrupts disabled");
    if (machine->end != MACHINE_RUNNING)
        return;
    if ((machine->config.live && machine->config.console_in >= 0) || network_outside(machine) >= 0)
        let_host_wait(machine, next - machine_clock_min(machine));
    for (unsigned i = 0; i < machine->config.processors; i++)
        if (clock_of(machine, i) < next)
            cpu_skip(machine->cpu[i], next);
}

/* ---- turns ----------------------------------------------------------------------------------- */

static void note_halt(struct machine *machine, unsigned i)
{
    struct cpu_registers registers;

    cpu_registers(machine->cpu[i], &registers);
    machine->schedule.asleep[i] = !(registers.eflags & EFLAGS_IF);
}

static void go_on(struct machine *machine, uint64_t limit, uint64_t stop_at)
{
    struct schedule *schedule = &machine->schedule;
    struct turn *turn = &schedule->turn;
    unsigned i = turn->cpu;
    struct cpu *cpu = machine->cpu[i];
    uint64_t deadline = least(turn->until, limit);
    enum cpu_stop stop;

    if (clock_of(machine, i) < stop_at)
        deadline = least(deadline, stop_at);
    schedule->running = (int)i;
    if (schedule->steps == SCHEDULE_NO_STEPS)
        stop = cpu_run(cpu, deadline);
    else
        stop = cpu_step(cpu, deadline, &schedule->steps);
    schedule->running = -1;
    schedule->stop = stop;
    turn->open = false;
    switch (stop) {
    case CPU_STOP_DEADLINE:
        turn->open = clock_of(machine, i) < least(turn->until, limit);
        break;
    case CPU_STOP_HALT:
        note_halt(machine, i);
        break;
    case CPU_STOP_PAUSE:
        schedule->yielded[i] = true;
        break;
    case CPU_STOP_STEP:
    case CPU_STOP_BREAK:
    case CPU_STOP_WATCH:
    case CPU_STOP_LOOK:
        turn->open = true;
        machine_stop(machine);
        break;
    case CPU_STOP_RESET:
        machine_end_run(machine, MACHINE_RESET, cpu_refusal(cpu));
        break;
    case CPU_STOP_REFUSED:
        machine_end_run(machine, MACHINE_REFUSED, cpu_refusal(cpu));
        break;
    }
}

static void begin(struct machine *machine, unsigned i, uint64_t until)
{
    machine->schedule.turn = (struct turn){.open = true, .cpu = i, .until = until};
}

/* Processor `i`, which is to run, spins: another one's turn begins, if one has work, is not too far
 * ahead already and may run before `limit`. */
static bool begin_for_other(struct machine *machine, unsigned i, uint64_t next, uint64_t limit)
{
    uint64_t quantum = machine->config.quantum;
    uint64_t lead = least(clock_of(machine, i) + MAX_LEAD * quantum, next);
    unsigned other = other_at_work(machine, i);

    if (other == NOBODY || clock_of(machine, other) >= least(lead, limit))
        return false;
    begin(machine, other, least(clock_of(machine, other) + quantum / 8 + 1, lead));
    return true;
}

void schedule_step(struct machine *machine, uint64_t next, uint64_t limit, uint64_t stop_at)
{
    struct schedule *schedule = &machine->schedule;
    uint64_t end = least(next, limit);

    if (!schedule->turn.open) {
        unsigned i = furthest_behind(machine), other;

        if (waits(machine, i)) {
            other = other_at_work(machine, i);
            if (other == NOBODY)
                all_wait(machine, end);
            else /* it is ahead: wait until where it is */
                cpu_skip(machine->cpu[i], least(clock_of(machine, other), end));
            return;
        }
        if (!schedule->yielded[i] || !begin_for_other(machine, i, next, limit))
            begin(machine, i, least(clock_of(machine, i) + machine->config.quantum, next));
        schedule->yielded[i] = false;
    }
    go_on(machine, limit, stop_at);
}

bool schedule_within_block(const struct machine *machine)
{
    const struct turn *turn = &machine->schedule.turn;

    return turn->open && cpu_within_block(machine->cpu[turn->cpu]);
}

void schedule_cut(struct machine *machine, uint64_t when)
{
    struct schedule *schedule = &machine->schedule;

    if (schedule->running < 0)
        return;
    schedule->turn.until = least(schedule->turn.until, when);
    cpu_deadline(machine->cpu[schedule->running], when);
}

void schedule_interrupt(struct machine *machine)
{
    if (machine->schedule.running >= 0)
        cpu_deadline(machine->cpu[machine->schedule.running], 0);
}
