/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * machine.c - how processors, devices and time go together
 *
 * Every processor has a clock; the machine always advances the one that is furthest behind (the
 * lower index on a tie), by at most a quantum and never past the next event. An event fires when
 * every clock has reached its time. So whatever a device or processor sends at cycle t takes effect
 * on a processor that is behind exactly at t, and on one that is ahead at once, at most a quantum
 * late. All of this is decided by cycles alone: a run is the same every time.
 *
 * A processor that halts waits: its clock follows the other's, or jumps to the next event, charged
 * as halted. One that spins in `pause` waits for the other, which may be ahead of it by the very
 * quantum that lies between them (a lock taken just before a switch would otherwise cost the rest
 * of a quantum, which no real machine would spend): so the other runs on for a while, up to
 * MAX_LEAD quanta ahead.
 *
 * An observer may have the run stopped in the middle of a turn. The next run goes on with that
 * turn, so that processors take the same turns as if nobody had looked.
 */
#include "sim/machine/wiring.h"

#include <poll.h>
#include <stdio.h>
#include <time.h>

#define MAX_LEAD  2 /* quanta */
#define EFLAGS_IF 0x200u

/* ---- ends ----------------------------------------------------------------------------------- */

void machine_end_run(struct machine *machine, enum machine_end end, const char *sentence)
{
    if (machine->end != MACHINE_RUNNING)
        return; /* the first reason is the reason */
    machine->end = end;
    snprintf(machine->sentence, sizeof machine->sentence, "%s", sentence);
    if (machine->running >= 0)
        cpu_deadline(machine->cpu[machine->running], 0);
}

void machine_stop(struct machine *machine)
{
    machine_end_run(machine, MACHINE_STOPPED, "");
}

/* ---- running -------------------------------------------------------------------------------- */

static uint64_t clock_of(const struct machine *machine, unsigned i)
{
    return cpu_clock(machine->cpu[i]);
}

uint64_t machine_clock_min(const struct machine *machine)
{
    uint64_t least = clock_of(machine, 0);

    for (unsigned i = 1; i < machine->config.processors; i++)
        if (clock_of(machine, i) < least)
            least = clock_of(machine, i);
    return least;
}

uint64_t machine_clock_max(const struct machine *machine)
{
    uint64_t most = clock_of(machine, 0);

    for (unsigned i = 1; i < machine->config.processors; i++)
        if (clock_of(machine, i) > most)
            most = clock_of(machine, i);
    return most;
}

/* Whether processor `i` has nothing to do before an event or a message. */
static bool waits(const struct machine *machine, unsigned i)
{
    const struct cpu *cpu = machine->cpu[i];

    if (cpu_waits_for_startup(cpu))
        return true;
    return cpu_halted(cpu) && (machine->asleep[i] || !machine->asserted[i]);
}

static void run_one(struct machine *machine, unsigned i, uint64_t until)
{
    struct cpu *cpu = machine->cpu[i];
    enum cpu_stop stop;

    machine->running = (int)i;
    machine->cut.until = 0;
    stop = cpu_run(cpu, until);
    switch (stop) {
    case CPU_STOP_DEADLINE:
        if (machine->end == MACHINE_STOPPED && cpu_clock(cpu) < until) {
            machine->cut.cpu = i;
            machine->cut.until = until;
        }
        break;
    case CPU_STOP_HALT: {
        struct cpu_registers registers;

        cpu_registers(cpu, &registers);
        machine->asleep[i] = !(registers.eflags & EFLAGS_IF);
        break;
    }
    case CPU_STOP_PAUSE:
        machine->yielded[i] = true;
        break;
    case CPU_STOP_RESET:
        machine_end_run(machine, MACHINE_RESET, cpu_refusal(cpu));
        break;
    case CPU_STOP_REFUSED:
        machine_end_run(machine, MACHINE_REFUSED, cpu_refusal(cpu));
        break;
    }
    machine->running = -1;
}

/* The processor furthest behind; of two equally far, one that has work, then the first. */
static unsigned pick(const struct machine *machine)
{
    unsigned other = 1;

    if (machine->config.processors == 1 || clock_of(machine, 0) < clock_of(machine, 1))
        return 0;
    if (clock_of(machine, 1) < clock_of(machine, 0))
        return 1;
    return waits(machine, 0) && !waits(machine, other) ? other : 0;
}

/* Whether any device may still interrupt a processor that takes interrupts. */
static bool can_wake(const struct machine *machine)
{
    bool timer = event_pending(&machine->pit.tick) &&
                 ((pic_listens(&machine->pic, 0) && lapic_passes_pic(&machine->lapics.lapic[0])) ||
                  ioapic_listens(&machine->ioapic, 0));

    for (unsigned i = 0; i < machine->config.processors; i++)
        if (lapic_expects(&machine->lapics.lapic[i]))
            return true;
    return timer || machine->config.console_in >= 0;
}

/* Who sits at a terminal has set an alarm for minutes, not for as long as it takes to skip them.
 * Ends early when there is something to read. */
static void let_host_wait(const struct machine *machine, uint64_t cycles)
{
    struct pollfd input = {.fd = machine->config.console_in, .events = POLLIN};
    uint64_t hz = machine->config.costs->clock_hz, rest = cycles % hz;
    struct timespec time = {.tv_sec = (time_t)(cycles / hz),
                            .tv_nsec = (long)(rest * UINT64_C(1000000000) / hz)};

    ppoll(&input, 1, &time, NULL);
}

static void all_wait(struct machine *machine, uint64_t next)
{
    bool deaf = true;

    for (unsigned i = 0; i < machine->config.processors; i++)
        deaf = deaf && (machine->asleep[i] || cpu_waits_for_startup(machine->cpu[i]));
    if (!can_wake(machine) || next == EVENT_NEVER)
        machine_end_run(machine, MACHINE_DEAD,
                        "every processor has halted and no device will ever interrupt");
    else if (deaf)
        machine_end_run(machine, MACHINE_DEAD,
                        "every processor has halted with interrupts disabled");
    if (machine->end != MACHINE_RUNNING)
        return;
    if (machine->config.live && machine->config.console_in >= 0)
        let_host_wait(machine, next - machine_clock_min(machine));
    for (unsigned i = 0; i < machine->config.processors; i++)
        if (clock_of(machine, i) < next)
            cpu_skip(machine->cpu[i], next);
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* One turn of the processor furthest behind; nothing may happen to it before `next`. */
static void turn(struct machine *machine, uint64_t next)
{
    unsigned i = pick(machine), other = 1 - i;
    uint64_t quantum = machine->config.quantum;
    uint64_t until = least(clock_of(machine, i) + quantum, next);
    bool two = machine->config.processors == 2;

    if (machine->cut.until > clock_of(machine, machine->cut.cpu)) {
        run_one(machine, machine->cut.cpu, least(machine->cut.until, next));
        return;
    }
    if (waits(machine, i)) {
        if (!two || waits(machine, other))
            all_wait(machine, next);
        else /* the other is ahead: wait until where it is */
            cpu_skip(machine->cpu[i], least(clock_of(machine, other), next));
        return;
    }
    if (two && machine->yielded[i]) {
        uint64_t lead = least(clock_of(machine, i) + MAX_LEAD * quantum, next);

        machine->yielded[i] = false;
        if (!waits(machine, other) && clock_of(machine, other) < lead) {
            run_one(machine, other, least(clock_of(machine, other) + quantum / 8 + 1, lead));
            return;
        }
    }
    run_one(machine, i, until);
}

enum machine_end machine_run(struct machine *machine, uint64_t until)
{
    if (machine->end == MACHINE_STOPPED)
        machine->end = MACHINE_RUNNING;
    while (machine->end == MACHINE_RUNNING) {
        uint64_t now = machine_clock_min(machine);

        if (event_next(&machine->events) <= now) {
            event_fire_due(&machine->events, now);
            continue;
        }
        if (now >= until)
            return MACHINE_TIME;
        turn(machine, least(event_next(&machine->events), until));
    }
    return machine->end;
}
