/* SPDX-License-Identifier: GPL-2.0-only */
/* measure.c - runs the benchmarks whose inputs have changed, and reads what they gave */
#include "sim/gate/gate.h"

#include "sim/cli/setup.h"
#include "sim/lab/tasks.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOST_VALUE "host.instructions_per_instruction"

/* ---- whether it must run --------------------------------------------------------------------- */

/* What its last result came from; "" if there is none. */
static void read_key(const struct benchmark *benchmark, char digest[SHA256_TEXT])
{
    FILE *in = fopen(benchmark->key, "r");

    if (!in || !fgets(digest, SHA256_TEXT, in) || access(benchmark->result, R_OK) ||
        (benchmark->host && access(benchmark->callgrind, R_OK)))
        *digest = 0;
    if (in)
        fclose(in);
}

static bool write_key(const struct benchmark *benchmark, const char *digest)
{
    FILE *out = fopen(benchmark->key, "w");
    bool good = out && fprintf(out, "%s\n", digest) > 0;

    return (!out || fclose(out) == 0) && good;
}

/* ---- what it gave ---------------------------------------------------------------------------- */

static double instructions_in(const struct leaf_list *leaves)
{
    double sum = 0;

    for (size_t i = 0; i < leaves->count; i++)
        if (!strncmp(leaves->leaf[i].path, "events.instructions[", 20))
            sum += leaves->leaf[i].number;
    return sum;
}

/* Callgrind's file says "summary: N" or "totals: N": instructions of the host. */
static bool add_host_value(struct benchmark *benchmark)
{
    FILE *in = fopen(benchmark->callgrind, "r");
    double host = 0, guest = instructions_in(&benchmark->measured);
    char line[1024], text[64];

    while (in && fgets(line, sizeof(line), in))
        if (sscanf(line, "summary: %lf", &host) == 1 || sscanf(line, "totals: %lf", &host) == 1)
            break;
    if (in)
        fclose(in);
    if (host <= 0 || guest <= 0) {
        snprintf(benchmark->pair.why, sizeof(benchmark->pair.why),
                 "%s does not say how many instructions the host took", benchmark->callgrind);
        return false;
    }
    snprintf(text, sizeof(text), "%.6g", host / guest);
    return leaves_add(&benchmark->measured, HOST_VALUE, LEAF_NUMBER, strtod(text, NULL), text);
}

static void read_result(struct benchmark *benchmark)
{
    char *why = benchmark->pair.why;

    if (!compare_read(benchmark->result, &benchmark->measured, why, sizeof(benchmark->pair.why)) ||
        (benchmark->host && !add_host_value(benchmark)))
        benchmark->failed = true;
    leaves_sort(&benchmark->measured);
}

/* ---- running --------------------------------------------------------------------------------- */

struct running {
    struct gate *gate;
    struct benchmark **benchmark; /* of each task */
    struct words *words;
    char (*digest)[SHA256_TEXT];
    size_t done;
};

/* The log's first sentence says what was wrong; its last one is of the speed. */
static void explain(struct benchmark *benchmark, const struct task *task)
{
    char line[400], end[64], first[400] = "";
    FILE *log = fopen(benchmark->log, "r");

    while (log && !*first && fgets(line, sizeof(line), log))
        if (!strncmp(line, "xenolith: ", 10) && !strstr(line, " s simulated, "))
            snprintf(first, sizeof(first), "%.*s", (int)strcspn(line + 10, "\n"), line + 10);
    if (log)
        fclose(log);
    task_end(task, end, sizeof(end));
    snprintf(benchmark->pair.why, sizeof(benchmark->pair.why), "it ended with %s%s%s", end,
             *first ? ": " : "", *first ? first : "");
    benchmark->failed = true;
}

static void changed(struct tasks *tasks, struct task *task)
{
    struct running *running = tasks->context;

    if (task) {
        size_t i = (size_t)(task - tasks->task);
        struct benchmark *benchmark = running->benchmark[i];

        running->done++;
        benchmark->ran = true;
        if (task->state == TASK_FAILED)
            explain(benchmark, task);
        else if (!write_key(benchmark, running->digest[i]))
            say("cannot write %s: the benchmark will run again", benchmark->key);
    }
    if (isatty(STDERR_FILENO) && tasks->count)
        fprintf(stderr, "\r%zu of %zu benchmarks run\033[K%s", running->done, tasks->count,
                running->done == tasks->count ? "\r\033[K" : "");
}

/* The command line as a process has it: where results go, and under what. */
static void make_words(const struct benchmark *benchmark, struct words *words)
{
    if (benchmark->host) {
        words_add(words, "valgrind");
        words_add(words, "--tool=callgrind");
        words_add(words, "--callgrind-out-file=%s", benchmark->callgrind);
    }
    for (size_t i = 0; i < benchmark->words.count; i++) {
        words_add(words, "%s", benchmark->words.word[i]);
        if (i == 1)
            words_add(words, "--json=%s", benchmark->result);
    }
}

static bool run_all(struct gate *gate, struct tasks *tasks, struct running *running, char *why)
{
    for (size_t i = 0; i < gate->count; i++) {
        struct benchmark *benchmark = &gate->benchmark[i];
        char *digest = running->digest[tasks->count], kept[SHA256_TEXT];
        struct task *task = &tasks->task[tasks->count];

        if (!benchmark->chosen)
            continue;
        if (!words_digest(&benchmark->words, digest)) {
            snprintf(why, GATE_WHY, "no memory to read what %s reads", benchmark->name);
            return false;
        }
        read_key(benchmark, kept);
        if (!gate->again && !strcmp(kept, digest))
            continue;
        unlink(benchmark->key);
        make_words(benchmark, &running->words[tasks->count]);
        /* Callgrind takes some fifty times as long. */
        *task = (struct task){.words = running->words[tasks->count].word,
                              .out = benchmark->text,
                              .log = benchmark->log,
                              .weight = benchmark->host ? 50 : 1};
        running->benchmark[tasks->count++] = benchmark;
    }
    return tasks_run(tasks, why, GATE_WHY);
}

bool gate_measure(struct gate *gate, char *why)
{
    struct running running = {.gate = gate,
                              .benchmark = calloc(gate->count, sizeof(*running.benchmark)),
                              .words = calloc(gate->count, sizeof(*running.words)),
                              .digest = calloc(gate->count, sizeof(*running.digest))};
    struct tasks tasks = {.task = calloc(gate->count, sizeof(*tasks.task)),
                          .jobs = gate->jobs,
                          .changed = changed,
                          .context = &running};
    bool good = running.benchmark && running.words && running.digest && tasks.task;

    if (!good)
        snprintf(why, GATE_WHY, "no memory to run %zu benchmarks", gate->count);
    good = good && folder_make(gate->out, why, GATE_WHY) && run_all(gate, &tasks, &running, why);
    for (size_t i = 0; good && i < gate->count; i++)
        if (gate->benchmark[i].chosen && !gate->benchmark[i].failed)
            read_result(&gate->benchmark[i]);
    for (size_t i = 0; running.words && i < gate->count; i++)
        words_free(&running.words[i]);
    free(running.benchmark);
    free(running.words);
    free(running.digest);
    free(tasks.task);
    return good;
}
