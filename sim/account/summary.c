/* SPDX-License-Identifier: GPL-2.0-only */
/* summary.c - a run for people to read */
#include "sim/account/result.h"
#include "sim/load/elf.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TOP_CONTEXTS 8

static const struct {
    unsigned from, to;
    const char *what;
} shown_crossings[] = {
    {3, 1, "fast gate"}, {3, 0, ""}, {1, 0, ""}, {0, 1, ""}, {0, 3, ""}, {1, 3, ""},
};

static double percent(uint64_t part, uint64_t whole)
{
    return whole ? 100.0 * (double)part / (double)whole : 0;
}

/* How long copies of --program took that ran once. */
static void copies_row(FILE *out, const struct copies *copies, double hz)
{
    uint64_t least = UINT64_MAX, most = 0;

    if (!copies->ended || copies->repeat)
        return;
    for (unsigned i = 0; i < copies->expected; i++) {
        const struct copy *copy = &copies->copy[i];
        uint64_t took = copy->end - copy->begin;

        if (!copy->end)
            continue;
        least = took < least ? took : least;
        most = took > most ? took : most;
    }
    fprintf(out, "copies            %12u ended", copies->ended);
    if (most)
        fprintf(out, ", after %.3f to %.3f ms each", (double)least / hz * 1e3,
                (double)most / hz * 1e3);
    fputc('\n', out);
}

/* A row for copies that are alike, where those of a run are not. */
static void group_rows(FILE *out, const struct result_request *request,
                       const struct account *account, double seconds)
{
    for (unsigned i = 0; i < request->groups; i++) {
        const struct result_group *group = &request->group[i];
        struct group_figures figures;

        group_figures(&figures, account, group->first, group->copies, SPAN_WINDOW);
        fprintf(out,
                "  %-16s%12" PRIu64 " of %s, %.1f million cycles, %.1f million program "
                "instructions",
                group->name, group->copies, group->program, (double)figures.cycles / 1e6,
                (double)figures.instructions / 1e6);
        if (figures.units)
            fprintf(out, ", %.1f units/s", (double)figures.units / seconds);
        fputc('\n', out);
    }
}

static void head(FILE *out, const struct result_request *request, const struct account *account)
{
    struct work_figures work;
    double hz = (double)account->machine->config.costs->clock_hz;
    double seconds;

    work_figures(&work, account, account->window ? SPAN_WINDOW : SPAN_ALL);
    seconds = (double)work.window_cycles / hz;
    fprintf(out, "%s, %" PRIu64 " %s of %s, %u processors, %s timing", request->system,
            request->domains, !strcmp(request->system, "xen") ? "domains" : "processes",
            request->workload ? request->workload : "several kinds",
            account->machine->config.processors, timing_name(account->machine->config.timing));
    if (request->slice_ns)
        fprintf(out, ", slices of %" PRIu64 " us", request->slice_ns / 1000);
    fprintf(out, "\n\nwindow            %12.3f ms, after %.3f ms\n", seconds * 1e3,
            (double)account->cpu[0].start_clock / hz * 1e3);
    if (!work.window_cycles)
        return;
    copies_row(out, &account->copies, hz);
    group_rows(out, request, account, seconds);
    if (account->copies.expected && !work.units)
        return;
    fprintf(out,
            "throughput        %12.1f units/s (%" PRIu64 " units, %" PRIu64
            " million program instructions/s)\n",
            (double)work.units / seconds, work.units,
            scale(work.instructions, account->machine->config.costs->clock_hz, work.window_cycles) /
                1000000);
    if (work.contexts && work.cycles)
        fprintf(out, "shares            %12.1f %% smallest, %.1f %% largest, of the mean\n",
                percent(work.smallest * work.contexts, work.cycles),
                percent(work.largest * work.contexts, work.cycles));
}

static void event_row(FILE *out, const struct account *account, const char *label,
                      enum cpu_event event)
{
    if (cpu_models(account->machine->engine, event))
        fprintf(out, "%-18s%12" PRIu64 "\n", label, total_event(account, event, SPAN_WINDOW));
    else
        fprintf(out, "%-18s%12s\n", label, "not modelled");
}

/* Counters of the supervisor that begin with `prefix` and grew in the window. */
static void counter_rows(FILE *out, const struct account *account, const char *title,
                         const char *prefix)
{
    const struct counter_table *table = &account->supervisor;
    bool any = false;

    for (uint32_t i = 0; table->present && i < table->count; i++) {
        uint64_t grown = table->now[i] - table->start[i];

        if (strncmp(table->names[i], prefix, strlen(prefix)) != 0 || !grown)
            continue;
        if (!any)
            fprintf(out, "\n%s\n", title);
        any = true;
        fprintf(out, "  %-28s%12" PRIu64 "\n", table->names[i] + strlen(prefix), grown);
    }
}

static void crossing_rows(FILE *out, const struct account *account)
{
    fprintf(out, "\nring crossings\n");
    for (size_t i = 0; i < sizeof(shown_crossings) / sizeof(*shown_crossings); i++) {
        unsigned from = shown_crossings[i].from, to = shown_crossings[i].to;
        enum cpu_event event = (enum cpu_event)(CPU_cross_0_0 + 4 * from + to);

        fprintf(out, "  %u>%u %-24s%12" PRIu64 "\n", from, to, shown_crossings[i].what,
                total_event(account, event, SPAN_WINDOW));
    }
}

struct share {
    const struct context *context;
    uint64_t ring[4], all;
};

static int by_cycles(const void *a, const void *b)
{
    const struct share *left = a, *right = b;

    if (left->all != right->all)
        return left->all < right->all ? 1 : -1;
    return left->context->id < right->context->id ? -1 : 1;
}

static void share_of(struct share *share, const struct context *context)
{
    *share = (struct share){.context = context};
    for (unsigned cpu = 0; cpu < CPU_MAX; cpu++)
        for (unsigned ring = 0; ring < 4; ring++) {
            uint64_t cycles = tally_cycles(&context->now.tally[cpu][ring]) -
                              tally_cycles(&context->start.tally[cpu][ring]);

            share->ring[ring] += cycles;
            share->all += cycles;
        }
}

static void share_row(FILE *out, const char *name, const struct share *share, uint64_t total)
{
    fprintf(out, "  %-18s%8.2f%8.2f%8.2f%9.2f\n", name, percent(share->ring[0], total),
            percent(share->ring[1], total), percent(share->ring[3], total),
            percent(share->all, total));
}

static void cycle_rows(FILE *out, const struct account *account, const char *kind)
{
    struct share *shares, rest = {0}, total = {0};
    const struct context *context;
    unsigned count = 0;

    shares = calloc((size_t)account->highest + 1, sizeof(*shares));
    if (!shares)
        return;
    for (uint32_t id = 0; (context = context_from(account, id)); id = context->id + 1) {
        struct share *share = &shares[count];

        share_of(share, context);
        count += share->all != 0;
        for (unsigned ring = 0; ring < 4; ring++)
            total.ring[ring] += share->ring[ring];
        total.all += share->all;
    }
    qsort(shares, count, sizeof(*shares), by_cycles);
    fprintf(out, "\ncycles (%%)           ring 0  ring 1  ring 3      all\n");
    for (unsigned i = 0; i < count; i++) {
        char name[32];

        if (i < TOP_CONTEXTS) {
            context_name(shares[i].context->id, kind, name, sizeof(name));
            share_row(out, name, &shares[i], total.all);
            continue;
        }
        for (unsigned ring = 0; ring < 4; ring++)
            rest.ring[ring] += shares[i].ring[ring];
        rest.all += shares[i].all;
    }
    if (count > TOP_CONTEXTS) {
        char name[32];

        snprintf(name, sizeof(name), "%u others", count - TOP_CONTEXTS);
        share_row(out, name, &rest, total.all);
    }
    share_row(out, "together", &total, total.all);
    free(shares);
}

static void cause_rows(FILE *out, const struct account *account)
{
    uint64_t total = 0;

    for (int event = 0; event < CPU_NR_EVENTS; event++)
        if (is_cycles((enum cpu_event)event))
            total += total_event(account, (enum cpu_event)event, SPAN_WINDOW);
    fprintf(out, "\ncycles by cause (%%)\n");
    for (int i = 0; i < CPU_NR_EVENTS; i++) {
        enum cpu_event event = (enum cpu_event)i;

        if (!is_cycles(event))
            continue;
        if (cpu_models(account->machine->engine, event))
            fprintf(out, "  %-28s%12.2f\n", event_names[i] + strlen("cycles_"),
                    percent(total_event(account, event, SPAN_WINDOW), total));
        else
            fprintf(out, "  %-28s%12s\n", event_names[i] + strlen("cycles_"), "not modelled");
    }
}

void result_summary(FILE *out, const struct result_request *request, const struct account *account,
                    const struct checks *checks)
{
    bool xen = !strcmp(request->system, "xen");
    uint64_t bytes;
    unsigned made = 0;

    head(out, request, account);
    event_row(out, account, "instructions", CPU_instructions);
    event_row(out, account, "ITLB misses", CPU_itlb_misses);
    event_row(out, account, "DTLB misses", CPU_dtlb_misses);
    event_row(out, account, "L2 misses", CPU_l2_misses);
    event_row(out, account, "page faults", CPU_page_faults);
    if (counter_value(&account->supervisor, "bytes_per_domain", &bytes, NULL))
        fprintf(out, "%-18s%12" PRIu64 " bytes a domain\n", "hypervisor memory", bytes);
    counter_rows(out, account, "hypercalls", "hypercall.");
    counter_rows(out, account, "page-table pages validated, by type", "validated.");
    counter_rows(out, account, "page-table updates validated, by type", "pt_updates.");
    crossing_rows(out, account);
    cause_rows(out, account);
    cycle_rows(out, account, xen ? "domain" : "process");
    for (unsigned i = 0; i < checks->count; i++)
        made += checks->check[i].made;
    fprintf(out, "\n%u cross-checks made, %s\n", made,
            checks_failed(checks) ? "one of them FAILED" : "all hold");
}

void result_host_speed(const struct account *account, double host_seconds)
{
    uint64_t instructions = total_event(account, CPU_instructions, SPAN_ALL);
    const struct machine *machine = account->machine;
    double simulated = (double)machine_clock_max(machine) / (double)machine->config.costs->clock_hz;

    fflush(stdout);
    fprintf(stderr,
            "xenolith: %.6f s simulated, %.1f million instructions; host %.2f s, %.0f MIPS\n",
            simulated, (double)instructions / 1e6, host_seconds,
            host_seconds > 0 ? (double)instructions / 1e6 / host_seconds : 0);
}

/* The symbol of an address, from the first image that has one there. */
static const char *symbol_at(const struct boot_images *images, uint32_t address, uint32_t *offset)
{
    const char *name = NULL;
    char why[256];
    struct elf elf;

    if (elf_open(&elf, &images->kernel.file, why, sizeof(why)))
        name = elf_symbol(&elf, address, offset);
    for (unsigned i = 0; !name && i < images->modules; i++)
        if (elf_open(&elf, &images->module[i].file, why, sizeof(why)))
            name = elf_symbol(&elf, address, offset);
    return name;
}

void result_where(const struct machine *machine, const struct boot_images *images)
{
    for (unsigned i = 0; i < machine->config.processors; i++) {
        const struct cpu *cpu = machine->cpu[i];
        struct cpu_registers registers;
        const char *symbol;
        uint32_t offset;

        cpu_registers(cpu, &registers);
        symbol = symbol_at(images, registers.eip, &offset);
        fprintf(stderr, "xenolith: processor %u %s in ring %u at 0x%08x", i,
                cpu_waits_for_startup(cpu) ? "was never started"
                : cpu_halted(cpu)          ? "has halted"
                                           : "runs",
                registers.ring, registers.eip);
        if (symbol)
            fprintf(stderr, " (%s+0x%x)", symbol, offset);
        fprintf(stderr, ", cr3 0x%08x\n", registers.cr3);
    }
    if (machine->end == MACHINE_RESET)
        trail_print(machine);
}

void result_explain_end(const struct machine *machine, const struct boot_images *images)
{
    if (machine->end == MACHINE_POWER_OFF)
        say("the machine was switched off (value %u) before the measurement was complete",
            machine->exit_value);
    else if (*machine->sentence)
        say("%s", machine->sentence);
    if (machine->end != MACHINE_POWER_OFF)
        result_where(machine, images);
    fprintf(stderr, "xenolith: the console's last lines were\n");
    console_tail(&machine->console, stderr, "  | ", 12);
}

void result_say_check(const struct check *check)
{
    say("the counts of %s disagree: %s %" PRIu64 ", %s %" PRIu64 " (at most %" PRIu64
        " can be under way)",
        check->name, check->left_name, check->left, check->right_name, check->right,
        check->in_flight);
}
