/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * script.c - commands, one a line, and their output as text
 *
 * Each command is printed before its output, so that the output reads as a session. Runs print one
 * sentence on what stopped them. `#` begins a comment.
 */
#include "sim/inspect/inspect.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 512, WORDS = 4 };

struct line {
    struct inspect *inspect;
    FILE *out;
    char *word[WORDS]; /* "" where there is none */
    char *why;
    size_t why_bytes;
};

static bool fail(struct line *line, const char *what, const char *word)
{
    snprintf(line->why, line->why_bytes, "%s %s", what, word);
    return false;
}

/* A number, in C's bases. */
static bool number_of(const char *word, uint64_t *number)
{
    char *end;

    if (!isdigit((unsigned char)*word))
        return false;
    errno = 0;
    *number = strtoull(word, &end, 0);
    return !errno && !*end;
}

static bool count_of(struct line *line, const char *word, uint64_t least, uint64_t most,
                     uint64_t preset, uint64_t *count)
{
    *count = preset;
    if (!*word || (number_of(word, count) && *count >= least && *count <= most))
        return true;
    return fail(line, "no such count:", word);
}

/* A symbol's address, or a number. */
static bool address_of(struct line *line, const char *word, uint32_t *address)
{
    uint64_t number;

    if (number_of(word, &number) && number <= UINT32_MAX) {
        *address = (uint32_t)number;
        return true;
    }
    return symbols_find(&line->inspect->symbols, word, address) ||
           fail(line, "neither an address nor a symbol:", word);
}

/* "10ms" as cycles of the machine. */
static bool cycles_of(struct line *line, const char *word, uint64_t *cycles)
{
    static const struct {
        const char *name;
        uint64_t a_second;
    } units[] = {{"ns", 1000000000}, {"us", 1000000}, {"ms", 1000}, {"s", 1}};
    uint64_t hz = line->inspect->machine->config.costs->clock_hz;
    char *end;
    unsigned long long count = strtoull(word, &end, 10);

    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
        if (isdigit((unsigned char)*word) && !strcmp(end, units[i].name) &&
            count < UINT64_C(1000000000)) {
            *cycles = (uint64_t)((unsigned __int128)count * hz / units[i].a_second);
            return true;
        }
    return fail(line, "no such time:", word);
}

static bool run(struct line *line, enum inspect_level level, uint64_t number)
{
    inspect_run(line->inspect, level, number);
    fprintf(line->out, "%s\n", line->inspect->sentence);
    return true;
}

/* ---- runs ------------------------------------------------------------------------------------ */

static bool step(struct line *line)
{
    uint64_t count;

    return count_of(line, line->word[1], 1, UINT64_MAX - 1, 1, &count) &&
           run(line, INSPECT_INSTRUCTION, count);
}

static bool next(struct line *line)
{
    static const struct {
        const char *name;
        enum inspect_level level;
        uint64_t (*number)(const char *name);
    } levels[] = {{"crossing", INSPECT_CROSSING, NULL},
                  {"hypercall", INSPECT_HYPERCALL, inspect_hypercall_number},
                  {"syscall", INSPECT_SYSCALL, inspect_syscall_number},
                  {"switch", INSPECT_SWITCH, NULL},
                  {"event", INSPECT_EVENT, NULL},
                  {"update", INSPECT_UPDATE, NULL}};
    uint64_t number = INSPECT_ANY;

    for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++) {
        if (strcmp(line->word[1], levels[i].name) != 0)
            continue;
        if (*line->word[2]) {
            number = levels[i].number ? levels[i].number(line->word[2]) : INSPECT_ANY;
            if (number == INSPECT_ANY)
                return fail(line, "there is no call of the name", line->word[2]);
        }
        return run(line, levels[i].level, number);
    }
    return fail(line, "nothing to run to:", line->word[1]);
}

static bool go_to(struct line *line)
{
    uint32_t address;
    uint64_t number;

    if (!strcmp(line->word[1], "cycle"))
        return number_of(line->word[2], &number) ? run(line, INSPECT_CLOCK, number)
                                                 : fail(line, "no such cycle:", line->word[2]);
    if (!strcmp(line->word[1], "time"))
        return cycles_of(line, line->word[2], &number) && run(line, INSPECT_CLOCK, number);
    return address_of(line, line->word[1], &address) && run(line, INSPECT_ADDRESS, address);
}

static bool go_on(struct line *line)
{
    return run(line, INSPECT_END, 0);
}

static bool set_break(struct line *line)
{
    uint32_t address;

    if (!address_of(line, line->word[1], &address))
        return false;
    return inspect_break(line->inspect, address, true) ||
           fail(line, "no room for a breakpoint at", line->word[1]);
}

static bool clear_break(struct line *line)
{
    uint32_t address;

    return address_of(line, line->word[1], &address) &&
           inspect_break(line->inspect, address, false);
}

/* ---- views ----------------------------------------------------------------------------------- */

static bool where(struct line *line)
{
    view_where(line->inspect, line->out);
    return true;
}

static bool registers(struct line *line)
{
    view_registers(line->inspect, line->out);
    return true;
}

static bool crossing(struct line *line)
{
    view_crossing(line->inspect, line->out);
    return true;
}

static bool domains(struct line *line)
{
    view_domains(line->inspect, line->out);
    return true;
}

static bool counters(struct line *line)
{
    view_counters(line->inspect, line->out);
    return true;
}

static bool disassemble(struct line *line)
{
    struct cpu_registers r;
    uint32_t address;
    uint64_t count;

    if (!count_of(line, line->word[1], 1, 1000, 8, &count))
        return false;
    cpu_registers(line->inspect->machine->cpu[line->inspect->cpu], &r);
    address = r.base[1] + r.eip;
    if (*line->word[2] && !address_of(line, line->word[2], &address))
        return false;
    view_disassembly(line->inspect, address, (unsigned)count, line->out);
    return true;
}

static bool walk(struct line *line)
{
    uint32_t address;

    if (!address_of(line, line->word[1], &address))
        return false;
    view_walk(line->inspect, address, line->out);
    return true;
}

static bool stack(struct line *line)
{
    uint64_t count;

    if (!count_of(line, line->word[1], 1, 1000, 8, &count))
        return false;
    view_stack(line->inspect, (unsigned)count, line->out);
    return true;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    bool (*obey)(struct line *line);
    unsigned least, most; /* words behind it */
} commands[] = {
    {"step", step, 0, 1},         {"next", next, 1, 2},
    {"to", go_to, 1, 2},          {"run", go_on, 0, 0},
    {"break", set_break, 1, 1},   {"clear", clear_break, 1, 1},
    {"where", where, 0, 0},       {"registers", registers, 0, 0},
    {"crossing", crossing, 0, 0}, {"disassemble", disassemble, 0, 2},
    {"walk", walk, 1, 1},         {"domains", domains, 0, 0},
    {"counters", counters, 0, 0}, {"stack", stack, 0, 1},
};

static bool obey(struct line *line, unsigned words)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
        if (strcmp(line->word[0], commands[i].name) != 0)
            continue;
        if (words - 1 < commands[i].least || words - 1 > commands[i].most)
            return fail(line, "too few words, or too many, behind", line->word[0]);
        return commands[i].obey(line);
    }
    return fail(line, "there is no command", line->word[0]);
}

bool inspect_script(struct inspect *inspect, FILE *script, FILE *out, char *why, size_t why_bytes)
{
    struct line line = {.inspect = inspect, .out = out};
    char text[LINE_BYTES], sentence[LINE_BYTES];

    line.why = sentence;
    line.why_bytes = sizeof(sentence);
    for (unsigned number = 1; fgets(text, sizeof(text), script); number++) {
        unsigned words = 0;
        char *rest = text;

        text[strcspn(text, "#\n")] = '\0';
        for (unsigned i = 0; i < WORDS; i++)
            line.word[i] = "";
        for (char *word; words < WORDS && (word = strtok_r(rest, " \t\r", &rest));)
            line.word[words++] = word;
        if (!words)
            continue;
        fprintf(out, "> %s", line.word[0]);
        for (unsigned i = 1; i < words; i++)
            fprintf(out, " %s", line.word[i]);
        fputc('\n', out);
        if (!obey(&line, words)) {
            snprintf(why, why_bytes, "line %u of the script: %s", number, sentence);
            return false;
        }
    }
    return true;
}
