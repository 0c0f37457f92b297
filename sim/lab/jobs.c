/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * jobs.c - the points of an experiment as child processes of this program, several at once
 *
 * Each is `xenolith run` with its own result file, which gets its name when it is whole.
 */
#include "sim/lab/lab.h"

#include "sim/cli/setup.h"
#include "sim/lab/tasks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct running {
    struct lab *lab;
    struct point **point; /* of each task */
    double started;
    uint64_t weight_done, weight_all;
    size_t done;
    double simulated, instructions; /* seconds; millions */
};

/* ---- a result that is whole ------------------------------------------------------------------ */

static bool same_content(const char *one, const char *other)
{
    struct file a = {0}, b = {0};
    char why[512];
    bool same = file_open(&a, one, why, sizeof(why)) && file_open(&b, other, why, sizeof(why)) &&
                a.size == b.size && (!a.size || !memcmp(a.bytes, b.bytes, a.size));

    file_close(&a);
    file_close(&b);
    return same;
}

/* Gives an older result that differs another name. */
static bool keep_older(const struct point *point)
{
    char path[4400];

    if (access(point->result, F_OK) || same_content(point->result, point->fresh))
        return true;
    for (unsigned i = 1; i < 10000; i++) {
        snprintf(path, sizeof(path), "%s.%u", point->result, i);
        if (access(path, F_OK))
            return rename(point->result, path) == 0;
    }
    return false;
}

static bool keep_result(const struct point *point, const struct task *task)
{
    FILE *key;
    bool good = keep_older(point) && rename(point->fresh, point->result) == 0;

    key = good ? fopen(point->key, "w") : NULL;
    good = key && fprintf(key, "%s\n%ld %.3f %llu\n", point->digest, task->kilobytes, task->seconds,
                          (unsigned long long)task->weight) > 0;
    return (!key || fclose(key) == 0) && good;
}

/* ---- what is said meanwhile ------------------------------------------------------------------ */

/* The last line of a run's log says how fast it was. */
static void read_speed(struct running *running, const struct point *point)
{
    double simulated, instructions;
    char line[1024];
    FILE *log = fopen(point->log, "r");

    while (log && fgets(line, sizeof(line), log))
        if (sscanf(line, "xenolith: %lf s simulated, %lf million", &simulated, &instructions) ==
            2) {
            running->simulated += simulated;
            running->instructions += instructions;
        }
    if (log)
        fclose(log);
}

static void show_log(const struct point *point)
{
    char line[1024];
    FILE *log = fopen(point->log, "r");

    while (log && fgets(line, sizeof(line), log))
        fprintf(stderr, "    %s", line);
    if (log)
        fclose(log);
}

static void show(const struct running *running, size_t all)
{
    double passed = host_time() - running->started;

    fprintf(stderr, "\r%zu of %zu points, %.2f s simulated, %.0f MIPS, ", running->done, all,
            running->simulated, passed > 0 ? running->instructions / passed : 0);
    if (running->weight_done)
        fprintf(stderr, "%.0f s left \033[K",
                passed * (double)(running->weight_all - running->weight_done) /
                    (double)running->weight_done);
    else
        fprintf(stderr, "measuring \033[K");
    if (running->done == all)
        fputc('\n', stderr);
}

/* A line for who has no terminal: a log of CI's, a file. */
static void tell(const struct running *running, size_t all, const struct point *point)
{
    if (point)
        fprintf(stderr, "%zu of %zu points after %.0f s: %s %s\n", running->done, all,
                host_time() - running->started, point->name,
                point->state == POINT_DONE ? "is done" : "has failed");
    else if (all)
        fprintf(stderr, "%zu points, %u at once; a line when one is done\n", all,
                running->lab->jobs);
}

static void judge(struct tasks *tasks, struct point *point, const struct task *task)
{
    char end[64];

    point->state = POINT_FAILED;
    if (task->state == TASK_GOOD && keep_result(point, task))
        point->state = POINT_DONE;
    else if (task->state == TASK_GOOD)
        say("cannot keep %s: %s", point->result, strerror(errno));
    else {
        unlink(point->fresh);
        task_end(task, end, sizeof(end));
        if (tasks->signal)
            return;
        say("point %s failed (%s):", point->name, end);
        show_log(point);
    }
}

static void changed(struct tasks *tasks, struct task *task)
{
    struct running *running = tasks->context;
    struct point *point = task ? running->point[task - tasks->task] : NULL;

    if (task) {
        judge(tasks, point, task);
        running->done++;
        running->weight_done += task->weight;
        read_speed(running, point);
    }
    if (isatty(STDERR_FILENO) && tasks->count)
        show(running, tasks->count);
    else
        tell(running, tasks->count, point);
}

/* ---- all of them ----------------------------------------------------------------------------- */

/* Expected effort, from how many copies there are and how long they are measured. */
uint64_t point_weight(const struct point *point)
{
    uint64_t copies = 1, window = 400000000, number;

    for (size_t i = 2; i < point->words.count; i++) {
        const char *word = point->words.word[i];

        if (!strncmp(word, "--domains=", 10) && parse_number(word + 10, 1, 65535, &number))
            copies = number;
        if (!strncmp(word, "--for=", 6) && parse_time(word + 6, &number))
            window = number;
    }
    return (copies == 1 ? 1 : 2) * (2 * window + copies * 2000000);
}

static void make_words(const struct point *point, struct words *words)
{
    for (size_t i = 0; i < point->words.count; i++)
        words_add(words, "%s", point->words.word[i]);
    words_add(words, "--json=%s", point->fresh);
}

static bool run_all(struct lab *lab, struct running *running, struct words *words,
                    struct task *task, char *why)
{
    struct tasks tasks = {.task = task, .jobs = lab->jobs, .changed = changed, .context = running};
    bool good;

    for (size_t i = 0; i < lab->points; i++) {
        struct point *point = &lab->point[i];

        if (point->state != POINT_WAITING)
            continue;
        unlink(point->key);
        make_words(point, &words[tasks.count]);
        task[tasks.count] = (struct task){.words = words[tasks.count].word,
                                          .out = point->text,
                                          .log = point->log,
                                          .weight = point_weight(point)};
        running->weight_all += task[tasks.count].weight;
        running->point[tasks.count++] = point;
    }
    good = tasks_run(&tasks, why, LAB_WHY);
    lab->signal = tasks.signal;
    return good;
}

bool lab_run(struct lab *lab, char *why)
{
    struct running running = {
        .lab = lab, .point = calloc(lab->points, sizeof(*running.point)), .started = host_time()};
    struct words *words = calloc(lab->points, sizeof(*words));
    struct task *task = calloc(lab->points, sizeof(*task));
    bool good = false;

    if (running.point && words && task)
        good = run_all(lab, &running, words, task, why);
    else
        snprintf(why, LAB_WHY, "no memory to run %zu points", lab->points);
    for (size_t i = 0; words && i < lab->points; i++)
        words_free(&words[i]);
    free(words);
    free(task);
    free(running.point);
    return good;
}
