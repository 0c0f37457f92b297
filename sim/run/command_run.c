/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * command_run.c - `xenolith run`: n copies of a workload, measured
 *
 * Under the hypervisor Domain 0's init creates the domains paused and unpauses them together; on
 * the bare kernel init starts the processes. The measured window begins when the last copy has
 * finished its first unit of work and lasts for the time asked, rounded up to whole rounds of the
 * scheduler. Everything that can be wrong with
 * the request is found out before the machine starts.
 */
#include "sim/cli/commands.h"
#include "sim/run/request.h"

#include <inttypes.h>
#include <string.h>

#define NATIVE_SLICE_NS 60000000 /* of the bare kernel (guestos/arch/native), as of Linux 2.4 */

static bool bad(char *why, const char *option, const char *value, const char *must)
{
    snprintf(why, SETUP_WHY_BYTES, "--%s %s: must be %s", option, value, must);
    return false;
}

/* ---- what was asked -------------------------------------------------------------------------- */

/* Options that say how copies of --program run, and nothing without it. */
static const struct {
    enum option option;
    const char *name;
} of_program[] = {
    {OPT_ARGS, "args"}, {OPT_FILES, "files"}, {OPT_REPEAT, "repeat"}, {OPT_START, "start"}};

static bool read_program(struct request *request, const struct options *options, char *why)
{
    struct result_request *result = &request->result;
    const char *word = option_value(options, OPT_START);
    uint64_t start_ns;

    request->own = option_given(options, OPT_PROGRAM) || option_given(options, OPT_DOMAIN);
    request->repeat = option_given(options, OPT_REPEAT);
    for (size_t i = 0; !request->own && i < sizeof(of_program) / sizeof(*of_program); i++)
        if (option_given(options, of_program[i].option)) {
            snprintf(why, SETUP_WHY_BYTES, "--%s needs --program or --domain", of_program[i].name);
            return false;
        }
    if (!request->own)
        return true;
    if (option_given(options, OPT_WORKLOAD)) {
        snprintf(why, SETUP_WHY_BYTES, "--program and --workload are two programs");
        return false;
    }
    request->start_s = 2 + result->domains / 8;
    if (*word) {
        if (!parse_time(word, &start_ns) || !start_ns || start_ns % 1000000000 ||
            start_ns > UINT64_C(100000) * 1000000000)
            return bad(why, "start", word, "whole seconds from 1s to 100000s");
        request->start_s = start_ns / 1000000000;
    }
    if (!request->kinds.named) {
        result->workload = request->kinds.kind[0].program.name;
        return true;
    }
    result->workload = NULL;
    result->group = request->group;
    result->groups = request->kinds.count;
    for (unsigned i = 0; i < request->kinds.count; i++) {
        const struct kind *kind = &request->kinds.kind[i];

        request->group[i] = (struct result_group){.name = kind->name,
                                                  .program = kind->program.name,
                                                  .first = kind->first,
                                                  .copies = kind->count,
                                                  .weight = kind->weight};
    }
    return true;
}

static bool read_request(struct request *request, const struct options *options, char *why)
{
    struct result_request *result = &request->result;
    const char *system = option_value(options, OPT_SYSTEM);
    const char *word;

    *result = (struct result_request){.command = "run",
                                      .system = system,
                                      .workload = option_value(options, OPT_WORKLOAD),
                                      .images = &request->images,
                                      .setup = &request->setup,
                                      .options = options};
    request->xen = !strcmp(system, "xen");
    if (!request->xen && strcmp(system, "native") != 0)
        return bad(why, "system", system, "xen or native");
    if (!kinds_read(&request->kinds, options, request->xen, why))
        return false;
    result->domains = request->kinds.copies;
    word = option_value(options, OPT_SLICE);
    if (!parse_time(word, &result->slice_ns) || result->slice_ns < 100000 ||
        result->slice_ns > UINT64_C(10000000000) || result->slice_ns % 1000)
        return bad(why, "slice", word, "whole microseconds from 100us to 10s, as in 5ms");
    request->round_slice_ns =
        request->xen || option_given(options, OPT_SLICE) ? result->slice_ns : NATIVE_SLICE_NS;
    word = option_value(options, OPT_MEMORY);
    if (!kinds_memory_size(word, &result->domain_memory))
        return bad(why, "memory", word, "whole megabytes, at least 4M, as in 8M");
    word = option_value(options, OPT_PLACEMENT);
    if (!parse_number(word, 0, 1000000000, &request->placement))
        return bad(why, "placement", word, "a number from 0 to 1000000000");
    word = option_value(options, OPT_TIMER_EVENTS);
    if (option_given(options, OPT_TIMER_EVENTS) &&
        (!request->xen || !parse_time(word, &request->timer_events_ns) ||
         request->timer_events_ns < 1000000 || request->timer_events_ns > 1000000000 ||
         request->timer_events_ns % 1000))
        return bad(why, "timer-events", word,
                   "whole microseconds from 1ms to 1s, as in 20ms, and a hypervisor");
    word = option_value(options, OPT_WARMUP);
    if (!parse_time(word, &request->warmup_ns) || !request->warmup_ns)
        return bad(why, "warmup", word, "a time above zero, as in 60s");
    for (unsigned i = 0; i < options->count; i++)
        if (options->given[i].option == OPT_WORD) {
            snprintf(why, SETUP_WHY_BYTES, "the word %s belongs to nothing",
                     options->given[i].value);
            return false;
        }
    return read_program(request, options, why);
}

/* How long is measured. Copies of --program that run once end by themselves. */
static void set_window(struct request *request, const struct options *options)
{
    struct result_request *result = &request->result;
    struct setup *setup = &request->setup;

    if (request->own && !request->repeat)
        return;
    if (!setup->for_ns)
        setup->for_ns = 400000000;
    result->window_ns = option_given(options, OPT_EXACT)
                            ? setup->for_ns
                            : whole_rounds(setup->for_ns, request->round_slice_ns, result->domains,
                                           setup->machine.processors);
}

/* What whoever loads a saved state must say again, beside what the machine is. */
static bool open_state(struct request *request, char *why)
{
    char more[256];

    snprintf(more, sizeof(more), "command=run\nrun=%s\ncopies=%" PRIu64 "\n",
             !request->own     ? "a window"
             : request->repeat ? "--repeat"
                               : "once",
             request->result.domains);
    return state_request_open(&request->state, &request->result, more, why);
}

int command_run(const struct options *options)
{
    static const struct setup_defaults defaults = {2, CPU_TIMING_FULL};
    static struct request request;
    struct outputs outputs = {0};
    struct machine *machine = NULL;
    char why[SETUP_WHY_BYTES] = "";
    int status = EXIT_BAD_INPUT;

    if (read_request(&request, options, why) &&
        setup_machine(&request.setup, options, &defaults, why) &&
        request_images(&request, options, why) && request_fits(&request, why) &&
        disk_files_open(&request.disks, &request.setup.machine, options, why) &&
        network_files_open(&request.network, &request.setup.machine, options, why) &&
        open_state(&request, why) && outputs_open(&outputs, options, why)) {
        set_window(&request, options);
        if (option_given(options, OPT_CONSOLE))
            request.setup.machine.console_out = stderr;
        machine = machine_open(&request.setup.machine, why, sizeof(why));
    }
    if (machine && state_request_boot(&request.state, machine, &request.images, why))
        status =
            option_given(options, OPT_CHECK) ? 0 : request_measure(&request, machine, &outputs);
    else
        say("%s", why);
    outputs_drop(&outputs);
    state_request_close(&request.state);
    machine_close(machine);
    disk_files_close(&request.disks);
    return status;
}
