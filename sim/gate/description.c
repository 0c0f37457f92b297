/* SPDX-License-Identifier: GPL-2.0-only */
/* description.c - from a gate's description to benchmarks */
#include "sim/gate/gate.h"

#include "sim/cli/setup.h"
#include "sim/run/program.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* What is compared where a description does not say: the clock, the work, and all events. */
static const char *const preset_only[] = {"clock.*cycles*", "work.units", "events.*", "host.*",
                                          NULL};

static const char *const commands[] = {[COMMAND_BOOT] = "boot",
                                       [COMMAND_RUN] = "run",
                                       [COMMAND_SHELL] = "shell",
                                       [COMMAND_GUEST] = "guest"};

#define COMMANDS (sizeof(commands) / sizeof(*commands))

struct reading {
    struct gate *gate;
    struct benchmark *benchmark;
    const struct section_line *line; /* being read */
    const char *positional;          /* `words` */
    char why[GATE_WHY];
};

static bool wrong(struct reading *reading, const char *what)
{
    snprintf(reading->why, sizeof(reading->why), "%s %s", reading->line->name, what);
    return false;
}

/* ---- values ---------------------------------------------------------------------------------- */

static bool set_title(struct reading *reading, const char *value)
{
    reading->benchmark->title = value;
    return true;
}

static bool set_command(struct reading *reading, const char *value)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (commands[i] && !strcmp(commands[i], value)) {
            reading->benchmark->command = (enum command)i;
            return true;
        }
    return wrong(reading, "must be run, boot, shell or guest");
}

static bool set_words(struct reading *reading, const char *value)
{
    reading->positional = value;
    return true;
}

static bool set_patterns(struct reading *reading, const char *value, const char ***patterns)
{
    char *list = strdup(value), *rest = list, *member;
    size_t count = 0;

    *patterns = calloc(strlen(value) + 2, sizeof(**patterns));
    if (!list || !*patterns)
        return wrong(reading, "does not fit into memory");
    while ((member = sections_member(&rest))) {
        if (!*member)
            return wrong(reading, "has an empty pattern");
        (*patterns)[count++] = member;
    }
    return true;
}

static bool set_only(struct reading *reading, const char *value)
{
    return set_patterns(reading, value, &reading->benchmark->rules.only);
}

static bool set_ignore(struct reading *reading, const char *value)
{
    return set_patterns(reading, value, &reading->benchmark->rules.ignore);
}

static bool set_tolerance(struct reading *reading, const char *value)
{
    return parse_share(value, &reading->benchmark->rules.tolerance) ||
           wrong(reading, "must be a share such as 0.1%");
}

static bool set_slack(struct reading *reading, const char *value)
{
    uint64_t slack;

    if (!parse_number(value, 0, UINT64_C(1) << 53, &slack))
        return wrong(reading, "must be a whole number");
    reading->benchmark->rules.slack = (double)slack;
    return true;
}

static bool set_host(struct reading *reading, const char *value)
{
    reading->benchmark->host = !strcmp(value, "yes");
    return reading->benchmark->host || !strcmp(value, "no") || wrong(reading, "must be yes or no");
}

static const struct {
    const char *name;
    bool (*set)(struct reading *reading, const char *value);
} keys[] = {{"title", set_title}, {"command", set_command},       {"words", set_words},
            {"only", set_only},   {"ignore", set_ignore},         {"tolerance", set_tolerance},
            {"slack", set_slack}, {"host_instructions", set_host}};

#define KEYS (sizeof(keys) / sizeof(*keys))

/* ---- a benchmark ----------------------------------------------------------------------------- */

/* True if the line's name is one of the gate's own. */
static bool own_key(const char *name, size_t *key)
{
    for (*key = 0; *key < KEYS; (*key)++)
        if (!strcmp(keys[*key].name, name))
            return true;
    return false;
}

/* Does visit() for every line of a section. */
static bool each_line(struct reading *reading, const char *section,
                      bool (*visit)(struct reading *reading))
{
    const struct sections *sections = &reading->gate->sections;

    for (size_t i = 0; i < sections->count; i++) {
        reading->line = &sections->line[i];
        if (reading->line->name && !strcmp(reading->line->section, section) && !visit(reading))
            return false;
    }
    return true;
}

static bool take_key(struct reading *reading)
{
    size_t key;

    return !own_key(reading->line->name, &key) || keys[key].set(reading, reading->line->value);
}

static bool take_option(struct reading *reading)
{
    size_t key;

    return own_key(reading->line->name, &key) ||
           words_option(&reading->benchmark->words, reading->benchmark->command,
                        reading->line->name, reading->line->value, reading->why,
                        sizeof(reading->why));
}

static bool add_words(struct reading *reading)
{
    char words[4096];
    size_t used = 0;

    if (!reading->positional)
        return true;
    if (!program_split(reading->positional, words, sizeof(words), &used)) {
        snprintf(reading->why, sizeof(reading->why),
                 "words: a quotation has no end, or they are too many");
        return false;
    }
    for (size_t at = 0; at < used; at += strlen(words + at) + 1)
        words_add(&reading->benchmark->words, "%s", words + at);
    return true;
}

/* What the command says of the words; it is not asked what it makes of their values. */
static bool words_parse(struct reading *reading)
{
    struct words *words = &reading->benchmark->words;
    struct options *options = calloc(1, sizeof(*options));
    bool good = options && options_parse(options, reading->benchmark->command, COMMAND_COUNT,
                                         (int)words->count - 2, words->word + 2, reading->why,
                                         sizeof(reading->why));

    free(options);
    return good;
}

static bool is_plain(const char *name)
{
    for (const char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("._+-", *c))
            return false;
    return *name && *name != '.' && *name != '-' && strlen(name) < GATE_NAME_MAX;
}

/* The lines of [gate] first, so that the benchmark's own win. */
static bool read_benchmark(struct reading *reading)
{
    const struct section_line *begins = reading->line;
    struct benchmark *benchmark = reading->benchmark;

    *benchmark = (struct benchmark){.name = begins->section,
                                    .title = begins->section,
                                    .line = begins->number,
                                    .command = COMMAND_RUN,
                                    .rules = {.only = (const char **)preset_only, .sums = true}};
    reading->positional = NULL;
    if (!is_plain(benchmark->name)) {
        snprintf(reading->why, sizeof(reading->why),
                 "a benchmark's name has letters, digits and . _ + -, and begins with none of . -");
        return false;
    }
    if (!each_line(reading, "gate", take_key) || !each_line(reading, benchmark->name, take_key))
        return false;
    words_add(&benchmark->words, "%s", reading->gate->simulator);
    words_add(&benchmark->words, "%s", commands[benchmark->command]);
    if (!each_line(reading, "gate", take_option) ||
        !each_line(reading, benchmark->name, take_option))
        return false;
    reading->line = begins;
    return add_words(reading) && words_parse(reading);
}

bool gate_read(struct gate *gate, const char *path, char *why)
{
    static const char *const repeated[] = {"disk", "module", "add", NULL};
    struct reading reading = {.gate = gate};
    struct sections *sections = &gate->sections;

    if (!sections_read(sections, path, repeated, why, GATE_WHY))
        return false;
    gate->benchmark = calloc(sections->count + 1, sizeof(*gate->benchmark));
    if (!gate->benchmark) {
        snprintf(why, GATE_WHY, "no memory for the benchmarks of %s", path);
        return false;
    }
    for (size_t i = 0; i < sections->count; i++) {
        reading.line = &sections->line[i];
        if (reading.line->name || !strcmp(reading.line->section, "gate"))
            continue;
        reading.benchmark = &gate->benchmark[gate->count++];
        if (!read_benchmark(&reading))
            return sections_wrong(sections, reading.line->number, why, GATE_WHY, "%s", reading.why);
    }
    if (!gate->count)
        snprintf(why, GATE_WHY, "%s describes no benchmark", path);
    return gate->count;
}

/* ---- places ---------------------------------------------------------------------------------- */

void gate_compiler(char *name, size_t bytes)
{
#ifdef __clang__
    snprintf(name, bytes, "clang-%s", __clang_version__);
#else
    snprintf(name, bytes, "gcc-%s", __VERSION__);
#endif
    for (char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("._-", *c))
            *c = '_';
}

static char *file_in(const char *folder, const char *name, const char *end)
{
    char *path;

    if (asprintf(&path, "%s/%s%s", folder, name, end) >= 0)
        return path;
    say("no memory for a file's name");
    exit(EXIT_FAILURE);
}

void gate_place(struct gate *gate, const char *out, const char *baselines, const char *compiler)
{
    gate->out = file_in(out, "", "");
    gate->out[strlen(gate->out) - 1] = 0;
    gate->baselines = file_in(baselines, compiler, "");
    for (size_t i = 0; i < gate->count; i++) {
        struct benchmark *benchmark = &gate->benchmark[i];

        benchmark->result = file_in(gate->out, benchmark->name, ".json");
        benchmark->text = file_in(gate->out, benchmark->name, ".txt");
        benchmark->log = file_in(gate->out, benchmark->name, ".log");
        benchmark->key = file_in(gate->out, benchmark->name, ".key");
        benchmark->callgrind = file_in(gate->out, benchmark->name, ".callgrind");
        benchmark->baseline = file_in(gate->baselines, benchmark->name, ".json");
        benchmark->pair = (struct compared){.name = (char *)benchmark->name,
                                            .before = benchmark->baseline,
                                            .after = benchmark->result};
    }
}

void gate_free(struct gate *gate)
{
    for (size_t i = 0; i < gate->count; i++) {
        struct benchmark *benchmark = &gate->benchmark[i];

        words_free(&benchmark->words);
        leaves_free(&benchmark->measured);
        comparison_free(&benchmark->pair.comparison);
        free(benchmark->result);
        free(benchmark->text);
        free(benchmark->log);
        free(benchmark->key);
        free(benchmark->callgrind);
        free(benchmark->baseline);
    }
    free(gate->benchmark);
    free(gate->out);
    free(gate->baselines);
    sections_free(&gate->sections);
    *gate = (struct gate){0};
}
