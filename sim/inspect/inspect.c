/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * inspect.c - runs to the next of something
 *
 * Crossings and switches are seen by the observer, which asks for a stop: the processor leaves
 * before its next block, and that is the first instruction behind the crossing. Addresses are
 * breakpoints of the processor. Instructions are counted by it.
 *
 * An event callback is known from the hypercall that sets it, so that an entry of ring 1 at its
 * address is the delivery of events. A page-table update is known by the hypervisor's functions
 * that make one (update_symbol[]).
 */
#include "sim/inspect/history.h"
#include "sim/inspect/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HYPERCALL_SET_CALLBACKS 4  /* include/xenolith/hypercalls.def */
#define HYPERCALL_CALLBACK_OP   30 /* xen/callback.h, as is what follows */
#define CALLBACKOP_REGISTER     0
#define CALLBACKTYPE_EVENT      0
#define SYSCALL_VECTOR          0x80

static const char *const update_symbol[] = {"update_at", "update_va", "l1_entry_update"};
enum { UPDATE_SYMBOLS = sizeof(update_symbol) / sizeof(*update_symbol) };

bool inspect_read(const struct inspect *inspect, uint32_t linear, void *bytes, size_t count)
{
    uint8_t *to = bytes;

    for (size_t i = 0; i < count; i++) {
        uint32_t physical;

        if (!cpu_translate(inspect->machine->cpu[inspect->cpu], linear + (uint32_t)i, &physical) ||
            physical >= inspect->machine->config.ram_bytes)
            return false;
        to[i] = inspect->machine->ram[physical];
    }
    return true;
}

void inspect_context(const struct inspect *inspect, uint32_t id, char *text, size_t bytes)
{
    context_name(id, inspect->hypervisor ? "domain" : "process", text, bytes);
}

/* ---- what is observed ----------------------------------------------------------------------- */

/* What a processor does from now on, for the timeline. */
static void note_time(struct inspect *inspect, unsigned cpu, unsigned ring)
{
    uint64_t now = cpu_clock(inspect->machine->cpu[cpu]);

    timeline_note(&inspect->timeline, cpu, now, ring, inspect->context[cpu]);
    if (now / inspect->timeline.width >= inspect->timeline.used)
        timeline_mark(&inspect->timeline, now, inspect_position(inspect).instructions);
}

static bool is_hypercall(const struct cpu_crossing *c)
{
    return c->kind == CPU_GATE_SOFTWARE && c->vector == HYPERCALL_VECTOR && c->from && !c->to;
}

static bool is_syscall(const struct cpu_crossing *c)
{
    return c->kind == CPU_GATE_SOFTWARE && c->vector == SYSCALL_VECTOR && c->from == 3;
}

/* A guest says where its event callback is. */
static void note_callback(struct inspect *inspect, const struct cpu_registers *r, uint32_t call)
{
    uint32_t *callback = &inspect->callback[inspect->context[inspect->crossing_cpu]];
    uint32_t argument[3]; /* type and flags, CS, EIP */
    unsigned cpu = inspect->cpu;

    if (call == HYPERCALL_SET_CALLBACKS)
        *callback = r->gpr[1];
    if (call != HYPERCALL_CALLBACK_OP || r->gpr[3] != CALLBACKOP_REGISTER)
        return;
    inspect->cpu = inspect->crossing_cpu;
    if (inspect_read(inspect, r->gpr[1], argument, sizeof(argument)) &&
        (argument[0] & 0xffff) == CALLBACKTYPE_EVENT)
        *callback = argument[2];
    inspect->cpu = cpu;
}

/* Whether the crossing that was just made is what the run goes to. */
static bool wanted(const struct inspect *inspect, const struct cpu_registers *r)
{
    const struct cpu_crossing *c = &inspect->crossing;
    uint32_t callback = inspect->callback[inspect->context[inspect->crossing_cpu]];

    switch (inspect->level) {
    case INSPECT_CROSSING:
        return c->from != c->to;
    case INSPECT_HYPERCALL:
        return is_hypercall(c) && (inspect->number == INSPECT_ANY || inspect->number == c->eax);
    case INSPECT_SYSCALL:
        return is_syscall(c) && (inspect->number == INSPECT_ANY || inspect->number == c->eax);
    case INSPECT_EVENT:
        return c->kind == CPU_GATE_IRET && c->from == 0 && c->to && callback && r->eip == callback;
    default:
        return false;
    }
}

static void found(struct inspect *inspect, unsigned cpu)
{
    inspect->found = true;
    inspect->cpu = cpu;
    machine_stop(inspect->machine);
}

static void crossed(void *owner, unsigned cpu, const struct cpu_crossing *crossing)
{
    struct inspect *inspect = owner;
    struct cpu_registers r;

    inspect->inner.crossed(inspect->inner.owner, cpu, crossing);
    if (crossing->from != crossing->to)
        note_time(inspect, cpu, crossing->to);
    if (inspect->found)
        return; /* the stop is on its way */
    inspect->crossing = *crossing;
    inspect->crossing_cpu = cpu;
    if (!is_hypercall(crossing) && inspect->level == INSPECT_END)
        return;
    cpu_registers(inspect->machine->cpu[cpu], &r);
    if (is_hypercall(crossing))
        note_callback(inspect, &r, crossing->eax);
    if (wanted(inspect, &r))
        found(inspect, cpu);
}

static void context(void *owner, unsigned cpu, uint32_t id)
{
    struct inspect *inspect = owner;
    uint32_t before = inspect->context[cpu];

    inspect->inner.context(inspect->inner.owner, cpu, id);
    inspect->context[cpu] = id;
    note_time(inspect, cpu, 0); /* who runs is told by ring 0 */
    if (inspect->level == INSPECT_SWITCH && !inspect->found && id != before) {
        inspect->context_before = before;
        found(inspect, cpu);
    }
}

static void context_ended(void *owner, unsigned cpu, uint32_t id)
{
    struct inspect *inspect = owner;

    inspect->inner.context_ended(inspect->inner.owner, cpu, id);
    inspect->callback[id] = 0;
}

static void announce(void *owner, unsigned cpu, uint32_t leaf, uint32_t argument)
{
    struct inspect *inspect = owner;

    inspect->inner.announce(inspect->inner.owner, cpu, leaf, argument);
}

static void masked(void *owner, unsigned cpu)
{
    struct inspect *inspect = owner;

    inspect->inner.masked(inspect->inner.owner, cpu);
}

bool inspect_open(struct inspect *inspect, struct account *account,
                  const struct boot_images *images)
{
    uint32_t address;

    *inspect = (struct inspect){.machine = account->machine, .account = account};
    symbols_open(&inspect->symbols, images);
    inspect->hypervisor = symbols_find(&inspect->symbols, "do_mmu_update", &address);
    inspect->callback = calloc((size_t)ANNOUNCE_CONTEXT_MAX + 1, sizeof(*inspect->callback));
    if (!inspect->callback || !timeline_open(&inspect->timeline))
        return false;
    for (unsigned i = 0; i < inspect->machine->config.processors; i++) {
        inspect->context[i] = account->cpu[i].context->id;
        note_time(inspect, i, 0);
    }
    inspect->inner = inspect->machine->observer;
    inspect->machine->observer =
        (struct machine_observer){inspect, announce, context, context_ended, crossed, masked, NULL};
    cpu_registers(inspect->machine->cpu[0], &inspect->before);
    return true;
}

void inspect_close(struct inspect *inspect)
{
    timeline_close(&inspect->timeline);
    symbols_close(&inspect->symbols);
    free(inspect->callback);
    inspect->callback = NULL;
}

/* ---- running --------------------------------------------------------------------------------- */

struct inspect_position inspect_position(const struct inspect *inspect)
{
    const struct machine *machine = inspect->machine;
    struct inspect_position at = {.clock_min = machine_clock_min(machine)};

    for (unsigned i = 0; i < machine->config.processors; i++) {
        at.instructions += cpu_instructions(machine->cpu[i]);
        at.clocks += cpu_clock(machine->cpu[i]);
    }
    return at;
}

bool inspect_before(const struct inspect_position *a, const struct inspect_position *b)
{
    return a->instructions != b->instructions ? a->instructions < b->instructions
                                              : a->clocks < b->clocks;
}

static bool update_address(const struct inspect *inspect, unsigned i, uint32_t *address)
{
    return inspect->hypervisor && symbols_find(&inspect->symbols, update_symbol[i], address);
}

static void set_updates(struct inspect *inspect, bool set)
{
    uint32_t address;

    for (unsigned i = 0; i < UPDATE_SYMBOLS; i++)
        if (update_address(inspect, i, &address))
            inspect_break_at(inspect, address, set);
}

void run_prepare(struct inspect *inspect, bool set)
{
    machine_stop_after(inspect->machine, set && inspect->level == INSPECT_INSTRUCTION
                                             ? inspect->number
                                             : SCHEDULE_NO_STEPS);
    if (!set)
        machine_stop_at(inspect->machine, EVENT_NEVER);
    if (set)
        frame_begin(inspect);
    frame_look(inspect, set);
    if (inspect->level == INSPECT_ADDRESS || inspect->level == INSPECT_OVER)
        inspect_break_at(inspect, (uint32_t)inspect->number, set);
    if (inspect->level == INSPECT_UPDATE)
        set_updates(inspect, set);
}

static void add_up(struct inspect *inspect)
{
    const struct machine *machine = inspect->machine;

    for (unsigned i = 0; i < machine->config.processors; i++) {
        struct cpu_registers r;

        cpu_settle(machine->cpu[i]);
        cpu_registers(machine->cpu[i], &r);
        note_time(inspect, i, r.ring);
    }
    for (enum cpu_event event = 0; event < CPU_NR_EVENTS; event++)
        inspect->total.n[event] = total_event(inspect->account, event, SPAN_ALL);
    inspect->clock = machine_clock_max(machine);
}

/* Where the processor is, and whose code it runs: "at NAME, ring 1, domain 3". */
static void say_where(const struct inspect *inspect, char *text, size_t bytes)
{
    char name[SYMBOL_BYTES], who[64];
    struct cpu_registers r;

    cpu_registers(inspect->machine->cpu[inspect->cpu], &r);
    inspect_context(inspect, inspect->context[inspect->cpu], who, sizeof(who));
    snprintf(text, bytes, "at %s, ring %u, %s",
             symbols_name(&inspect->symbols, r.ring, r.base[1] + r.eip, name), r.ring, who);
}

static void say_end(struct inspect *inspect)
{
    const struct machine *machine = inspect->machine;

    if (machine->end == MACHINE_POWER_OFF)
        snprintf(inspect->sentence, INSPECT_SENTENCE, "the machine was switched off, exit value %u",
                 machine->exit_value);
    else
        snprintf(inspect->sentence, INSPECT_SENTENCE, "the run ended: %.400s", machine->sentence);
}

static void say_stop(struct inspect *inspect)
{
    char where[256], was[64], is[64];
    char *text = inspect->sentence;

    say_where(inspect, where, sizeof(where));
    switch (inspect->level) {
    case INSPECT_INSTRUCTION:
        snprintf(text, INSPECT_SENTENCE, "%" PRIu64 " instruction%s on: %s", inspect->number,
                 inspect->number == 1 ? "" : "s", where);
        break;
    case INSPECT_CLOCK:
        snprintf(text, INSPECT_SENTENCE, "every clock has reached %" PRIu64 ": %s", inspect->number,
                 where);
        break;
    case INSPECT_SWITCH:
        inspect_context(inspect, inspect->context_before, was, sizeof(was));
        inspect_context(inspect, inspect->context[inspect->cpu], is, sizeof(is));
        snprintf(text, INSPECT_SENTENCE, "processor %u switches from %s to %s: %s", inspect->cpu,
                 was, is, where);
        break;
    case INSPECT_UPDATE:
        snprintf(text, INSPECT_SENTENCE, "page-table update: %s", where);
        break;
    default:
        inspect->at_crossing = true;
        inspect_describe(inspect, text, INSPECT_SENTENCE);
        break;
    }
}

static void say_late(struct inspect *inspect)
{
    char where[256];

    say_where(inspect, where, sizeof(where));
    snprintf(inspect->sentence, INSPECT_SENTENCE, "not yet: %s", where);
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

enum run_outcome run_on(struct inspect *inspect, uint64_t limit)
{
    struct machine *machine = inspect->machine;
    uint64_t goal = inspect->level == INSPECT_CLOCK ? least(inspect->number, limit) : limit;

    for (;;) {
        uint64_t pause = inspect->history ? inspect->history->next : EVENT_NEVER;

        machine_stop_at(machine, least(goal, pause));
        if (machine_run(machine, EVENT_NEVER) != MACHINE_STOPPED)
            return RUN_ENDED;
        if (!inspect->found && !inspect_stops_here(inspect))
            continue;
        if (inspect->found || machine->stop_at != EVENT_NEVER ||
            (goal == EVENT_NEVER && pause == EVENT_NEVER))
            return RUN_FOUND;
        if (machine_clock_min(machine) >= goal)
            return RUN_LIMIT;
        history_look(inspect->history);
    }
}

/* A stop by the processor: for a count of instructions, or a breakpoint. */
static void say_processor_stop(struct inspect *inspect)
{
    struct machine *machine = inspect->machine;
    char where[256], what[256];

    inspect->cpu = machine->schedule.turn.cpu;
    if (machine->schedule.stop == CPU_STOP_STEP ||
        (inspect->level == INSPECT_UPDATE && machine->schedule.stop != CPU_STOP_WATCH)) {
        say_stop(inspect);
        return;
    }
    say_where(inspect, where, sizeof(where));
    if (machine->schedule.stop == CPU_STOP_WATCH) {
        bool written;
        uint32_t address = cpu_watch_hit(machine->cpu[inspect->cpu], &written);

        snprintf(inspect->sentence, INSPECT_SENTENCE, "watch: %08x was %s, now %s", address,
                 written ? "written" : "read", where);
        return;
    }
    snprintf(what, sizeof(what), "%s",
             inspect->level == INSPECT_ADDRESS ? "arrived" : "breakpoint");
    if (machine->schedule.stop == CPU_STOP_LOOK || inspect_is_over(inspect))
        frame_say(inspect, what, sizeof(what));
    snprintf(inspect->sentence, INSPECT_SENTENCE, "%s %s", what, where);
}

void run_settle(struct inspect *inspect)
{
    inspect->level = INSPECT_END;
    add_up(inspect);
}

void run_stopped(struct inspect *inspect, enum run_outcome outcome)
{
    bool late = outcome == RUN_LIMIT && (inspect->level != INSPECT_CLOCK ||
                                         machine_clock_min(inspect->machine) < inspect->number);

    if (outcome == RUN_ENDED)
        say_end(inspect);
    else if (late)
        say_late(inspect);
    else if (outcome == RUN_FOUND && !inspect->found)
        say_processor_stop(inspect);
    else
        say_stop(inspect);
    run_settle(inspect);
}

void run_begin(struct inspect *inspect, enum inspect_level level, uint64_t number)
{
    inspect->level = level;
    inspect->number = number;
    inspect->found = inspect->at_crossing = false;
}

bool inspect_run(struct inspect *inspect, enum inspect_level level, uint64_t number)
{
    enum run_outcome outcome;
    uint64_t limit = EVENT_NEVER;

    if (inspect->within)
        limit = machine_clock_min(inspect->machine) + inspect->within;
    cpu_registers(inspect->machine->cpu[inspect->cpu], &inspect->before);
    inspect->total_before = inspect->total;
    inspect->clock_before = inspect->clock;
    run_begin(inspect, level, number);
    run_prepare(inspect, true);
    outcome = run_on(inspect, limit);
    run_prepare(inspect, false);
    run_stopped(inspect, outcome);
    return outcome != RUN_ENDED;
}
