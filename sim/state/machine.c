/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * machine.c - the machine in a saved state, but for its memory
 *
 * A device that no pass saves is found out before anything is written: whoever answers on the bus
 * must lie within a structure that has a table, and whoever waits for a cycle must be among the
 * events that are listed here.
 */
#include "sim/state/parts.h"

#include <string.h>
#include <sys/stat.h>

/* ---- tables ---------------------------------------------------------------------------------- */

#define SAVED_TYPE struct turn
static const struct saved_field turn_fields[] = {
    SAVED_FLAG(open), SAVED_UP_TO(cpu, unsigned, CPU_MAX - 1), SAVED(until)};
SAVED_TABLE(turn)
#undef SAVED_TYPE

#define SAVED_TYPE struct schedule
static const struct saved_field schedule_fields[] = {
    SAVED_NOT(running), SAVED_ARRAY(turn, turn_table),
    SAVED_NOT(steps),   SAVED_NOT(stop),
    SAVED_FLAG(asleep), SAVED_FLAG(yielded)};
SAVED_TABLE(schedule)
#undef SAVED_TYPE

#define SAVED_TYPE struct bus_unclaimed
static const struct saved_field bus_unclaimed_fields[] = {SAVED(address), SAVED_FLAG(memory),
                                                          SAVED(reads), SAVED(writes)};
SAVED_TABLE(bus_unclaimed)
#undef SAVED_TYPE

#define SAVED_TYPE struct bus
static const struct saved_field bus_fields[] = {
    SAVED_NOT(space), SAVED_NOT(memory_first), SAVED_ARRAY(unclaimed, bus_unclaimed_table),
    SAVED_UP_TO(unclaimed_count, unsigned, BUS_UNCLAIMED_MAX), SAVED(unclaimed_more)};
SAVED_TABLE(bus)
#undef SAVED_TYPE

#define SAVED_TYPE struct dma
static const struct saved_field dma_fields[] = {SAVED(bytes_read), SAVED(bytes_written),
                                                SAVED(refused), SAVED(lines)};
SAVED_TABLE(dma)
#undef SAVED_TYPE

#define SAVED_TYPE struct event_queue
static const struct saved_field event_queue_fields[] = {SAVED_NOT(heap),   SAVED_NOT(count),
                                                        SAVED_NOT(room),   SAVED(inserted),
                                                        SAVED_NOT(sooner), SAVED_NOT(who)};
SAVED_TABLE(event_queue)
#undef SAVED_TYPE

#define SAVED_TYPE struct console
static const struct saved_field console_fields[] = {SAVED_NOT(out), SAVED(kept), SAVED(count),
                                                    SAVED_NOT(shown)};
SAVED_TABLE(console)
#undef SAVED_TYPE

#define SAVED_TYPE struct typed
static const struct saved_field typed_fields[] = {
    SAVED(byte),
    SAVED_UP_TO(count, unsigned, sizeof(((struct typed *)0)->byte) - 1),
    SAVED_FLAG(escaped),
    SAVED_FLAG(ended),
    SAVED_FLAG(line_ended),
    SAVED(end_at),
    SAVED(taken)};
SAVED_TABLE(typed)
#undef SAVED_TYPE

#define SAVED_TYPE struct cpu_crossing
static const struct saved_field crossing_fields[] = {
    SAVED_UP_TO(kind, enum cpu_gate_kind, CPU_GATE_SYSEXIT),
    SAVED_UP_TO(from, uint8_t, 3),
    SAVED_UP_TO(to, uint8_t, 3),
    SAVED(vector),
    SAVED(eax),
    SAVED(error_code),
    SAVED(eip),
    SAVED(address)};
SAVED_TABLE(crossing)
#undef SAVED_TYPE

#define SAVED_TYPE struct trail_event
static const struct saved_field trail_event_fields[] = {SAVED(clock), SAVED(context), SAVED(cpu),
                                                        SAVED_ARRAY(crossing, crossing_table)};
SAVED_TABLE(trail_event)
#undef SAVED_TYPE

#define SAVED_TYPE struct trail
static const struct saved_field trail_fields[] = {SAVED_ARRAY(event, trail_event_table),
                                                  SAVED(count), SAVED(context)};
SAVED_TABLE(trail)
#undef SAVED_TYPE

#define SAVED_TYPE struct machine
static const struct saved_field machine_fields[] = {
    /* set when the machine is opened */
    SAVED_NOT(config),
    SAVED_NOT(observer),
    SAVED_NOT(engine),
    SAVED_NOT(cpu),
    SAVED_NOT(kernel),
    /* by passes of their own */
    SAVED_NOT(ram),
    SAVED_NOT(lapics),
    SAVED_NOT(ioapic),
    SAVED_NOT(pic),
    SAVED_NOT(pit),
    SAVED_NOT(uart),
    SAVED_NOT(rtc),
    SAVED_NOT(slots),
    SAVED_NOT(disks),
    SAVED_NOT(network),
    /* of a run */
    SAVED_NOT(asking),
    SAVED_NOT(stop_at),
    SAVED_NOT(left),
    /* a machine that has ended is not saved */
    SAVED_NOT(end),
    SAVED_NOT(exit_value),
    SAVED_NOT(sentence),

    SAVED_ARRAY(events, event_queue_table),
    SAVED_ARRAY(bus, bus_table),
    SAVED_ARRAY(dma, dma_table),
    SAVED_ARRAY(console, console_table),
    SAVED_ARRAY(input, event_table),
    SAVED_ARRAY(typed, typed_table),
    SAVED_ARRAY(schedule, schedule_table),
    SAVED_FLAG(asserted),
    SAVED_ARRAY(trail, trail_table),
};
SAVED_TABLE(machine)
#undef SAVED_TYPE

const struct saved_table *const machine_tables[] = {&turn_table,
                                                    &schedule_table,
                                                    &bus_unclaimed_table,
                                                    &bus_table,
                                                    &dma_table,
                                                    &console_table,
                                                    &event_queue_table,
                                                    &typed_table,
                                                    &crossing_table,
                                                    &trail_event_table,
                                                    &trail_table,
                                                    &machine_table,
                                                    NULL};

/* ---- whoever there is ------------------------------------------------------------------------ */

/* Everything that may answer on the bus and has a pass. */
static bool has_table(const struct machine *machine, const void *device)
{
    return (const uint8_t *)device >= (const uint8_t *)machine &&
           (const uint8_t *)device < (const uint8_t *)(machine + 1);
}

static void refuse_unknown(const struct machine *machine, struct saved *saved)
{
    for (unsigned space = 0; space < BUS_SPACES; space++)
        for (unsigned i = 0; i < machine->bus.space[space].count; i++) {
            const struct bus_range *range = &machine->bus.space[space].range[i];

            if (!has_table(machine, range->device))
                saved_refuse(saved, "the device %s has no table of what is saved of it",
                             range->name);
        }
}

/* Visits every event of a machine. */
static void events_of(struct machine *machine, event_visit *visit, void *context)
{
    for (unsigned i = 0; i < LAPIC_MAX; i++) {
        visit(context, &machine->lapics.lapic[i].timer);
        visit(context, &machine->lapics.lapic[i].message);
    }
    visit(context, &machine->pit.tick);
    visit(context, &machine->input);
    for (unsigned i = 0; i < IDE_CHANNELS; i++)
        visit(context, &machine->disks.ide.channel[i].done);
    network_events(machine, visit, context);
}

static void count_pending(void *context, struct event *event)
{
    unsigned *pending = context;

    *pending += event_pending(event);
}

static void refuse_unknown_events(struct machine *machine, struct saved *saved)
{
    unsigned pending = 0;

    events_of(machine, count_pending, &pending);
    if (pending != machine->events.count)
        saved_refuse(saved, "a device waits for an event that no table names");
}

/* ---- loading --------------------------------------------------------------------------------- */

static void take_out(void *context, struct event *event)
{
    struct machine *machine = context;

    event_cancel(&machine->events, event);
}

static void release_ranges(struct machine *machine)
{
    if (disks_present(machine))
        ide_release(&machine->disks.ide);
    if (network_present(machine))
        pci_release(&machine->network.nic.function);
}

static bool claim_ranges(struct machine *machine)
{
    return (!disks_present(machine) || ide_claim_again(&machine->disks.ide)) &&
           (!network_present(machine) || pci_claim_again(&machine->network.nic.function));
}

/* After a refusal: what says that it has a place in the queue has none. */
static void forget_place(void *context, struct event *event)
{
    (void)context;
    event->place = 0;
}

struct putting_in {
    struct machine *machine;
    struct saved *saved;
    uint64_t late; /* cycle */
};

/* Those that have a place come into the queue again, in their old order. An event that is a second
 * late is none that a machine leaves behind, and would be caught up with one by one. */
static void put_in(void *context, struct event *event)
{
    struct putting_in *putting = context;
    bool queued = event_pending(event);

    event->place = 0;
    if (!queued)
        return;
    if (!event->fire || event->when < putting->late || event->when == EVENT_NEVER)
        saved_refuse(putting->saved, "the saved state is damaged: an event is late");
    else
        event_put_back(&putting->machine->events, event);
}

static void put_in_events(struct machine *machine, struct saved *saved)
{
    uint64_t now = machine_clock_min(machine), second = machine->config.costs->clock_hz;
    struct putting_in putting = {machine, saved, now > second ? now - second : 0};

    events_of(machine, put_in, &putting);
}

/* Input that a file gives goes on where it was; a terminal's is new. */
static void input_saved(struct machine *machine, struct saved *saved)
{
    struct machine_config *config = &machine->config;
    uint64_t ended = config->console_in < 0;
    struct stat status;

    saved_number(saved, "input ended", &ended, 1);
    if (!saved->loading || !saved_good(saved) || config->console_in < 0)
        return;
    if (!fstat(config->console_in, &status) && S_ISREG(status.st_mode) && machine->typed.taken &&
        ended)
        config->console_in = -1;
}

static void check(struct machine *machine, struct saved *saved)
{
    const struct turn *turn = &machine->schedule.turn;

    if (turn->open && turn->cpu >= machine->config.processors)
        saved_refuse(saved, "the saved state is damaged: the turn is a processor's that there is "
                            "not");
    if (!claim_ranges(machine))
        saved_refuse(saved, "the saved state is damaged: two devices have one range of the bus");
    put_in_events(machine, saved);
}

void machine_saved(struct machine *machine, struct saved *saved)
{
    bool ended = machine->end != MACHINE_RUNNING && machine->end != MACHINE_STOPPED;

    if (!saved->loading && ended)
        saved_refuse(saved, "the machine has ended and cannot be saved");
    if (!saved->loading && machine->config.live)
        saved_refuse(saved, "somebody sits at the machine's terminal: it cannot be saved");
    if (saved->loading) {
        events_of(machine, take_out, machine);
        release_ranges(machine);
    } else {
        refuse_unknown(machine, saved);
        refuse_unknown_events(machine, saved);
    }
    cpu_engine_saved(machine->engine, saved);
    saved_struct(saved, &machine_table, machine);
    devices_saved(machine, saved);
    if (disks_present(machine) || network_present(machine)) {
        saved_struct(saved, &pci_table, &machine->slots.pci);
        saved_struct(saved, &pci_function_table, &machine->slots.host);
        saved_struct(saved, &pci_function_table, &machine->slots.isa);
    }
    disks_saved(machine, saved);
    network_saved(machine, saved);
    input_saved(machine, saved);
    if (saved->loading && saved_good(saved))
        check(machine, saved);
    else if (saved->loading)
        events_of(machine, forget_place, NULL);
}
