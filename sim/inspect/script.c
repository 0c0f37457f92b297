/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * script.c - commands, one a line, and their output as text
 *
 * Runs print one sentence on what stopped them. What goes back is done by another process, which
 * answers in our place (history.h).
 */
#include "sim/inspect/history.h"
#include "sim/inspect/words.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#define STEPS_COUNTED 100000 /* more instructions back are a number of instructions */

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

    return word_count(line, line->word[1], 1, UINT64_MAX - 1, 1, &count) &&
           run(line, INSPECT_INSTRUCTION, count);
}

static uint64_t counter_number(const char *name)
{
    for (unsigned event = 0; event < CPU_NR_EVENTS; event++)
        if (!strcmp(event_names[event], name))
            return event;
    return INSPECT_ANY;
}

/* "hypercall mmu_update": a level, and the number of the call. */
static bool level_of(struct line *line, enum inspect_level *level, uint64_t *number)
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
                  {"update", INSPECT_UPDATE, NULL},
                  {"counter", INSPECT_COUNTER, counter_number}};

    *number = INSPECT_ANY;
    for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++) {
        if (strcmp(line->word[1], levels[i].name) != 0)
            continue;
        *level = levels[i].level;
        if (*line->word[2])
            *number = levels[i].number ? levels[i].number(line->word[2]) : INSPECT_ANY;
        if (*level == INSPECT_COUNTER && *number == INSPECT_ANY)
            return word_fail(line, "there is no counter of the name", line->word[2]);
        return !*line->word[2] || *number != INSPECT_ANY ||
               word_fail(line, "there is no call of the name", line->word[2]);
    }
    return word_fail(line, "nothing to run to:", line->word[1]);
}

static bool next(struct line *line)
{
    struct inspect *inspect = line->inspect;
    enum inspect_level level;
    uint64_t number;

    if (!level_of(line, &level, &number))
        return false;
    inspect->until = 0;
    if (*line->word[3] &&
        (level != INSPECT_COUNTER || !word_number(line->word[3], &inspect->until)))
        return word_fail(line, "no value of a counter:", line->word[3]);
    if (inspect->until && inspect->total.n[number] >= inspect->until)
        return word_fail(line, "the counter is there already:", line->word[2]);
    return run(line, level, number);
}

static bool go_to(struct line *line)
{
    uint32_t address;
    uint64_t number;

    if (!strcmp(line->word[1], "cycle"))
        return word_number(line->word[2], &number)
                   ? run(line, INSPECT_CLOCK, number)
                   : word_fail(line, "no such cycle:", line->word[2]);
    if (!strcmp(line->word[1], "time"))
        return word_cycles(line, line->word[2], &number) && run(line, INSPECT_CLOCK, number);
    return word_address(line, line->word[1], &address) && run(line, INSPECT_ADDRESS, address);
}

/* A call, or a software interrupt, as a whole; else an instruction. */
static bool over(struct line *line)
{
    struct inspect *inspect = line->inspect;
    struct cpu_registers r;
    uint32_t behind;

    cpu_registers(inspect->machine->cpu[inspect->cpu], &r);
    if (!view_behind_call(inspect, r.base[1] + r.eip, &behind))
        return run(line, INSPECT_INSTRUCTION, 1);
    return run(line, INSPECT_OVER, behind);
}

static bool out(struct line *line)
{
    return run(line, INSPECT_OUT, 0);
}

static bool source_line(struct line *line)
{
    return run(line, INSPECT_LINE, 0);
}

static bool go_on(struct line *line)
{
    return run(line, INSPECT_END, 0);
}

/* ---- back ------------------------------------------------------------------------------------ */

/* Returns only if nobody can be woken. */
static bool wake(struct line *line, struct history_job job)
{
    struct inspect *inspect = line->inspect;

    job.origin = job.bound = inspect_position(inspect);
    job.session = inspect->session;
    if (!inspect->history)
        return word_fail(line, "no history is kept:", "this run cannot go back");
    if (!history_wake(inspect->history, &job, inspect->sentence, sizeof(inspect->sentence)))
        fprintf(line->out, "%s\n", inspect->sentence);
    return true;
}

static bool back(struct line *line)
{
    struct history_job job = {.aim = HISTORY_STEPS, .steps = 1};

    if (!strcmp(line->word[1], "run")) {
        job.aim = HISTORY_LEVEL;
        job.level = INSPECT_END;
    } else if (*line->word[1] && !isdigit((unsigned char)*line->word[1])) {
        job.aim = HISTORY_LEVEL;
        if (!level_of(line, &job.level, &job.number))
            return false;
    } else if (!word_count(line, line->word[1], 1, UINT64_MAX - 1, 1, &job.steps)) {
        return false;
    }
    if (job.aim == HISTORY_STEPS && job.steps > STEPS_COUNTED) {
        struct inspect_position now = inspect_position(line->inspect);

        job.aim = HISTORY_POSITION;
        job.target.instructions = now.instructions > job.steps ? now.instructions - job.steps : 0;
    }
    return wake(line, job);
}

/* To a number of instructions or a mark, wherever it is from here. */
static bool go_to_position(struct line *line)
{
    struct inspect *inspect = line->inspect;
    struct inspect_session *session = &inspect->session;
    struct inspect_position target = {0, 0, 0}, now = inspect_position(inspect);
    bool found = word_number(line->word[1], &target.instructions);

    for (unsigned i = 0; !found && i < session->marks; i++)
        if (!strcmp(session->mark[i].name, line->word[1])) {
            target = session->mark[i].at;
            found = true;
        }
    if (!found)
        return word_fail(line, "neither a number of instructions nor a mark:", line->word[1]);
    if (inspect_before(&target, &now))
        return wake(line, (struct history_job){.aim = HISTORY_POSITION, .target = target});
    inspect_go_on_to(inspect, &target);
    fprintf(line->out, "%s\n", inspect->sentence);
    return true;
}

static bool mark(struct line *line)
{
    struct inspect_session *session = &line->inspect->session;
    unsigned i = 0;

    while (i < session->marks && strcmp(session->mark[i].name, line->word[1]) != 0)
        i++;
    if (i == INSPECT_MARKS || strlen(line->word[1]) >= INSPECT_MARK_NAME ||
        isdigit((unsigned char)*line->word[1]))
        return word_fail(line, "no mark can have this name, or there are too many:", line->word[1]);
    snprintf(session->mark[i].name, INSPECT_MARK_NAME, "%s", line->word[1]);
    session->mark[i].at = inspect_position(line->inspect);
    if (i == session->marks)
        session->marks++;
    return true;
}

static bool marks(struct line *line)
{
    const struct inspect_session *session = &line->inspect->session;

    for (unsigned i = 0; i < session->marks; i++)
        fprintf(line->out, "  %-23s instruction %" PRIu64 "\n", session->mark[i].name,
                session->mark[i].at.instructions);
    return true;
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
    const char *word = *line->word[2] ? line->word[2] : "here";
    uint32_t address;
    uint64_t count;

    if (!word_count(line, line->word[1], 1, 1000, 8, &count) || !word_address(line, word, &address))
        return false;
    view_disassembly(line->inspect, address, (unsigned)count, line->out);
    return true;
}

static bool walk(struct line *line)
{
    uint32_t address;

    if (!word_address(line, line->word[1], &address))
        return false;
    view_walk(line->inspect, address, line->out);
    return true;
}

static bool timeline(struct line *line)
{
    uint64_t first;

    if (!*line->word[1]) {
        view_timeline(line->inspect, line->out);
        return true;
    }
    if (strcmp(line->word[1], "data") != 0)
        return word_fail(line, "a timeline is shown, or its data:", line->word[1]);
    if (!word_count(line, line->word[2], 0, TIMELINE_BINS, 0, &first))
        return false;
    view_timeline_data(line->inspect, (unsigned)first, line->out);
    return true;
}

static bool stack(struct line *line)
{
    uint64_t count;

    if (!word_count(line, line->word[1], 1, 1000, 8, &count))
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
    {"step", step, 0, 1},
    {"next", next, 1, 3},
    {"to", go_to, 1, 2},
    {"run", go_on, 0, 0},
    {"break", script_break, 1, 7},
    {"clear", script_clear, 1, 1},
    {"where", where, 0, 0},
    {"registers", registers, 0, 0},
    {"crossing", crossing, 0, 0},
    {"disassemble", disassemble, 0, 2},
    {"walk", walk, 1, 1},
    {"domains", domains, 0, 0},
    {"counters", counters, 0, 0},
    {"stack", stack, 0, 1},
    {"back", back, 0, 2},
    {"goto", go_to_position, 1, 1},
    {"mark", mark, 1, 1},
    {"marks", marks, 0, 0},
    {"timeline", timeline, 0, 2},
    {"watch", script_watch, 1, 9},
    {"unwatch", script_unwatch, 1, 1},
    {"over", over, 0, 0},
    {"out", out, 0, 0},
    {"line", source_line, 0, 0},
};

/* "within N" before a run: it ends after so many cycles, found or not. */
static bool take_within(struct line *line, unsigned *words)
{
    uint64_t cycles;

    line->inspect->within = 0;
    if (strcmp(line->word[0], "within") != 0)
        return true;
    if (!word_number(line->word[1], &cycles) || !cycles || cycles > UINT64_C(1) << 48)
        return word_fail(line, "no such number of cycles:", line->word[1]);
    line->inspect->within = cycles;
    *words -= 2;
    memmove(line->word, line->word + 2, (WORDS - 2) * sizeof(*line->word));
    line->word[WORDS - 1] = line->word[WORDS - 2] = "";
    return true;
}

static bool obey(struct line *line, unsigned words)
{
    if (!take_within(line, &words))
        return false;
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
        if (strcmp(line->word[0], commands[i].name) != 0)
            continue;
        if (words - 1 < commands[i].least || words - 1 > commands[i].most)
            return word_fail(line, "too few words, or too many, behind", line->word[0]);
        return commands[i].obey(line);
    }
    return word_fail(line, "there is no command", line->word[0]);
}

bool inspect_obey(struct inspect *inspect, char *text, FILE *out, char *why, size_t why_bytes)
{
    struct line line = {.inspect = inspect, .out = out, .why = why, .why_bytes = why_bytes};
    char *rest = text;
    unsigned words = 0;

    for (unsigned i = 0; i < WORDS; i++)
        line.word[i] = "";
    for (char *word; words < WORDS && (word = strtok_r(rest, " \t\r", &rest));)
        line.word[words++] = word;
    return !words || obey(&line, words);
}
