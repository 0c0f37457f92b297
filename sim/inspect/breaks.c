/* SPDX-License-Identifier: GPL-2.0-only */
/* breaks.c - breakpoints and watches: where they are, for whom they stop */
#include "sim/inspect/inspect.h"
#include "sim/inspect/run.h"

static const struct inspect_when anybody = {.context = INSPECT_ANYBODY, .reg = -1};

static bool is_kept(const struct inspect *inspect, uint32_t address)
{
    for (unsigned i = 0; i < inspect->session.kept_count; i++)
        if (inspect->session.kept[i] == address)
            return true;
    return false;
}

/* One for a run, or one that stays. */
bool inspect_break_at(const struct inspect *inspect, uint32_t address, bool set)
{
    const struct machine *machine = inspect->machine;

    for (unsigned i = 0; i < machine->config.processors; i++)
        if (!set && !is_kept(inspect, address))
            cpu_break_clear(machine->cpu[i], address);
        else if (set && !cpu_break_set(machine->cpu[i], address))
            return false;
    return true;
}

bool inspect_break(struct inspect *inspect, uint32_t address, bool set)
{
    if (set == is_kept(inspect, address))
        return true;
    if (set) {
        if (!inspect_break_at(inspect, address, true))
            return false;
        inspect->session.when[inspect->session.kept_count] = anybody;
        inspect->session.kept[inspect->session.kept_count++] = address;
        return true;
    }
    for (unsigned i = 0; i < inspect->session.kept_count; i++)
        if (inspect->session.kept[i] == address) {
            inspect->session.kept_count--;
            inspect->session.kept[i] = inspect->session.kept[inspect->session.kept_count];
            inspect->session.when[i] = inspect->session.when[inspect->session.kept_count];
        }
    return inspect_break_at(inspect, address, false);
}

void inspect_break_when(struct inspect *inspect, uint32_t address, const struct inspect_when *when)
{
    for (unsigned i = 0; i < inspect->session.kept_count; i++)
        if (inspect->session.kept[i] == address)
            inspect->session.when[i] = *when;
}

/* ---- watches --------------------------------------------------------------------------------- */

void inspect_unwatch(struct inspect *inspect, uint32_t address)
{
    struct inspect_session *session = &inspect->session;

    for (unsigned i = 0; i < session->watches; i++)
        if (session->watch[i].address == address)
            session->watch[i] = session->watch[--session->watches];
    for (unsigned i = 0; i < inspect->machine->config.processors; i++)
        cpu_watch_clear(inspect->machine->cpu[i], address);
}

bool inspect_watch(struct inspect *inspect, uint32_t address, uint32_t bytes, bool reads,
                   const struct inspect_when *when)
{
    struct inspect_session *session = &inspect->session;

    inspect_unwatch(inspect, address);
    if (session->watches == CPU_WATCHES)
        return false;
    for (unsigned i = 0; i < inspect->machine->config.processors; i++)
        if (!cpu_watch_set(inspect->machine->cpu[i], address, bytes, reads))
            return false;
    session->watch[session->watches].address = address;
    session->watch[session->watches].bytes = bytes;
    session->watch[session->watches].reads = reads;
    session->watch[session->watches++].when = *when;
    return true;
}

void inspect_set_watches(struct inspect *inspect, bool set)
{
    const struct inspect_session *session = &inspect->session;

    for (unsigned i = 0; i < session->watches; i++)
        for (unsigned cpu = 0; cpu < inspect->machine->config.processors; cpu++)
            if (set)
                cpu_watch_set(inspect->machine->cpu[cpu], session->watch[i].address,
                              session->watch[i].bytes, session->watch[i].reads);
            else
                cpu_watch_clear(inspect->machine->cpu[cpu], session->watch[i].address);
}

/* ---- who is stopped -------------------------------------------------------------------------- */

static bool related(uint32_t is, enum inspect_relation relation, uint32_t value)
{
    switch (relation) {
    case INSPECT_BELOW:
        return is < value;
    case INSPECT_ABOVE:
        return is > value;
    default:
        return (is == value) == (relation == INSPECT_IS);
    }
}

static bool holds(const struct inspect *inspect, unsigned cpu, const struct inspect_when *when)
{
    struct cpu_registers r;

    if (when->context != INSPECT_ANYBODY && when->context != inspect->context[cpu])
        return false;
    if (when->reg < 0)
        return true;
    cpu_registers(inspect->machine->cpu[cpu], &r);
    return related(r.gpr[when->reg], when->relation, when->value);
}

bool inspect_is_over(const struct inspect *inspect)
{
    unsigned cpu = inspect->machine->schedule.turn.cpu;
    struct cpu_registers r;

    cpu_registers(inspect->machine->cpu[cpu], &r);
    return inspect->level == INSPECT_OVER && inspect->machine->schedule.stop == CPU_STOP_BREAK &&
           r.base[1] + r.eip == (uint32_t)inspect->number && frame_is_back(inspect, cpu, &r);
}

/* A breakpoint that was set for this run alone stops always. */
bool inspect_stops_here(const struct inspect *inspect)
{
    const struct inspect_session *session = &inspect->session;
    unsigned cpu = inspect->machine->schedule.turn.cpu;
    struct cpu_registers r;
    bool written;

    if (inspect->machine->schedule.stop == CPU_STOP_WATCH) {
        uint32_t at = cpu_watch_hit(inspect->machine->cpu[cpu], &written);

        for (unsigned i = 0; i < session->watches; i++)
            if (at - session->watch[i].address < session->watch[i].bytes ||
                session->watch[i].address - at < sizeof(uint64_t))
                return holds(inspect, cpu, &session->watch[i].when);
        return true;
    }
    if (inspect->machine->schedule.stop != CPU_STOP_BREAK)
        return true;
    cpu_registers(inspect->machine->cpu[cpu], &r);
    if (inspect_is_over(inspect))
        return true;
    for (unsigned i = 0; i < session->kept_count; i++)
        if (session->kept[i] == r.base[1] + r.eip &&
            !(inspect->level == INSPECT_ADDRESS && inspect->number == session->kept[i]))
            return holds(inspect, cpu, &session->when[i]);
    return inspect->level != INSPECT_OVER; /* a deeper call, or somebody else's */
}
