/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * command_gate.c - `xenolith gate FILE [BENCHMARK]...`: one verdict a benchmark
 *
 * The exit status is an answer: 0 if all are as their baselines, 1 if one differs by more than it
 * may, 2 if one could not be measured, or has no baseline.
 */
#include "sim/cli/commands.h"
#include "sim/cli/setup.h"
#include "sim/gate/gate.h"
#include "sim/load/places.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_DIFFERS 1

struct request {
    struct gate gate;
    const char *file, *reason;
    char compiler[128], program[4096], out[4096], baselines[4096];
    enum compare_form form;
    size_t top;
    char why[GATE_WHY];
};

/* ---- what was asked -------------------------------------------------------------------------- */

static bool read_numbers(struct request *request, const struct options *options)
{
    uint64_t top, jobs = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
    const char *word = option_value(options, OPT_JOBS);

    if (*word && !parse_number(word, 1, 64, &jobs)) {
        snprintf(request->why, GATE_WHY, "--jobs %s: must be a number from 1 to 64", word);
        return false;
    }
    request->gate.jobs = (unsigned)jobs;
    word = option_value(options, OPT_TOP);
    if (!parse_number(word, 0, 1000000, &top)) {
        snprintf(request->why, GATE_WHY, "--top is a number of rows, not '%s'", word);
        return false;
    }
    request->top = top;
    word = option_value(options, OPT_FORMAT);
    if (!compare_form(word, &request->form)) {
        snprintf(request->why, GATE_WHY, "--format is text, markdown, json or junit, not '%s'",
                 word);
        return false;
    }
    return true;
}

static void set_places(struct request *request, const struct options *options)
{
    const char *slash = strrchr(request->file, '/');
    const char *name = slash ? slash + 1 : request->file;
    int stem = (int)strcspn(name, "."), folder = (int)(name - request->file);

    if (option_given(options, OPT_OUT))
        snprintf(request->out, sizeof(request->out), "%s", option_value(options, OPT_OUT));
    else {
        char inner[512];

        snprintf(inner, sizeof(inner), "gate/%.*s", stem, name);
        place_results(request->out, sizeof(request->out), inner);
    }
    if (option_given(options, OPT_BASELINES))
        snprintf(request->baselines, sizeof(request->baselines), "%s",
                 option_value(options, OPT_BASELINES));
    else
        snprintf(request->baselines, sizeof(request->baselines), "%.*s%.*s.baselines", folder,
                 request->file, stem, name);
    if (option_given(options, OPT_COMPILER))
        snprintf(request->compiler, sizeof(request->compiler), "%s",
                 option_value(options, OPT_COMPILER));
    else
        gate_compiler(request->compiler, sizeof(request->compiler));
    gate_place(&request->gate, request->out, request->baselines, request->compiler);
}

static bool choose(struct request *request, const struct options *options)
{
    struct gate *gate = &request->gate;
    unsigned words = 0;

    for (unsigned i = 0; i < options->count; i++) {
        const char *word = options->given[i].value;
        bool found = false;

        if (options->given[i].option != OPT_WORD || words++ == 0)
            continue;
        for (size_t k = 0; k < gate->count; k++)
            if (!strcmp(gate->benchmark[k].name, word))
                found = gate->benchmark[k].chosen = true;
        if (!found) {
            snprintf(request->why, GATE_WHY, "%s describes no benchmark %s", request->file, word);
            return false;
        }
    }
    for (size_t k = 0; k < gate->count && words == 1; k++)
        gate->benchmark[k].chosen = true;
    return true;
}

static bool read_request(struct request *request, const struct options *options)
{
    struct gate *gate = &request->gate;

    for (unsigned i = options->count; i-- > 0;)
        if (options->given[i].option == OPT_WORD)
            request->file = options->given[i].value;
    if (!request->file) {
        snprintf(request->why, GATE_WHY, "gate needs a description of benchmarks");
        return false;
    }
    place_program(request->program, sizeof(request->program));
    gate->simulator = option_given(options, OPT_SIMULATOR) ? option_value(options, OPT_SIMULATOR)
                                                           : request->program;
    gate->again = option_given(options, OPT_AGAIN);
    request->reason = option_given(options, OPT_UPDATE) ? option_value(options, OPT_UPDATE) : NULL;
    if (!read_numbers(request, options) || !gate_read(gate, request->file, request->why))
        return false;
    set_places(request, options);
    if (strchr(request->compiler, '/') || *request->compiler == '.') {
        snprintf(request->why, GATE_WHY, "--compiler %s is not the name of a folder",
                 request->compiler);
        return false;
    }
    return choose(request, options);
}

/* ---- verdicts -------------------------------------------------------------------------------- */

static void print_verdict(const struct benchmark *benchmark)
{
    const struct comparison *comparison = &benchmark->pair.comparison;
    size_t differ = comparison->counts[CLASS_CYCLES] + comparison->counts[CLASS_COUNT];
    size_t all = differ + comparison->equal + comparison->tolerated;

    printf("%-24s", benchmark->name);
    if (benchmark->failed)
        printf("NOT MEASURED\n");
    else if (*benchmark->pair.why)
        printf("NO BASELINE\n");
    else if (differ)
        printf("DIFFERS: %zu of %zu values\n", differ, all);
    else if (comparison->tolerated)
        printf("same: %zu values, %zu of them within the tolerance\n", all, comparison->tolerated);
    else
        printf("same: %zu values\n", all);
}

static void print_text(const struct request *request, const struct compared *pairs, size_t count)
{
    const struct gate *gate = &request->gate;
    size_t ran = 0, chosen = 0;

    for (size_t i = 0; i < gate->count; i++)
        if (gate->benchmark[i].chosen) {
            print_verdict(&gate->benchmark[i]);
            chosen++;
            ran += gate->benchmark[i].ran;
        }
    printf("%zu benchmarks, %zu of them run now; baselines of %s\n", chosen, ran,
           request->compiler);
    for (size_t i = 0; i < count; i++)
        if (!pairs[i].why[0] && comparison_differs(&pairs[i].comparison)) {
            putchar('\n');
            compare_print(&pairs[i], 1, FORM_TEXT, request->top, stdout);
        }
}

static int judge(struct request *request)
{
    struct gate *gate = &request->gate;
    struct compared *pairs = calloc(gate->count, sizeof(*pairs));
    size_t count = 0, absent = 0;
    int status = 0;

    if (!pairs) {
        say("no memory for %zu verdicts", gate->count);
        return EXIT_BAD_INPUT;
    }
    for (size_t i = 0; i < gate->count; i++) {
        struct benchmark *benchmark = &gate->benchmark[i];

        if (!benchmark->chosen)
            continue;
        if (!benchmark->failed)
            baseline_compare(benchmark);
        if (*benchmark->pair.why) {
            if (benchmark->failed || !absent++)
                say("%s: %s", benchmark->name, benchmark->pair.why);
            status = EXIT_BAD_INPUT;
        } else if (!status && comparison_differs(&benchmark->pair.comparison))
            status = EXIT_DIFFERS;
        pairs[count++] = benchmark->pair;
    }
    if (request->form == FORM_TEXT)
        print_text(request, pairs, count);
    else
        compare_print(pairs, count, request->form, request->top, stdout);
    free(pairs);
    return status;
}

/* All of them are measured before one baseline is written. */
static int update(struct request *request)
{
    struct gate *gate = &request->gate;
    int status = 0;

    for (size_t i = 0; i < gate->count; i++)
        if (gate->benchmark[i].failed) {
            say("%s: %s", gate->benchmark[i].name, gate->benchmark[i].pair.why);
            status = EXIT_BAD_INPUT;
        }
    if (!status && !folder_make(gate->baselines, request->why, GATE_WHY)) {
        say("%s", request->why);
        status = EXIT_BAD_INPUT;
    }
    for (size_t i = 0; !status && i < gate->count; i++) {
        struct benchmark *benchmark = &gate->benchmark[i];

        if (!benchmark->chosen)
            continue;
        if (!baseline_write(benchmark, request->compiler, request->reason, request->why)) {
            say("%s", request->why);
            status = EXIT_BAD_INPUT;
        } else
            printf("%-24skept as %s\n", benchmark->name, benchmark->baseline);
    }
    return status;
}

int command_gate(const struct options *options)
{
    static struct request request;
    int status = EXIT_BAD_INPUT;

    if (!read_request(&request, options) || !gate_measure(&request.gate, request.why))
        say("%s", request.why);
    else
        status = request.reason ? update(&request) : judge(&request);
    gate_free(&request.gate);
    return status;
}
