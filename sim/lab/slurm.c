/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * slurm.c - the points of an experiment as a job array of Slurm's
 *
 * Nothing here schedules machines: sbatch gets a script whose n-th task runs the n-th point that
 * waits, by this same command (`lab --part`), and a second job that collects when all have ended
 * (`lab --collect`), should nobody wait for them. Both need the experiment's folder, the program
 * and the images at the same paths on every node, as a shared file system has them.
 *
 * Time and memory that a task may take come from points that were measured already; if there are
 * none, the lightest one runs here first. The job's number is kept in OUT/slurm/job. Who is
 * interrupted and calls again with --resume follows that job while it has tasks in the queue; what
 * it left undone is submitted anew.
 */
#include "sim/lab/lab.h"

#include "sim/cli/setup.h"
#include "sim/lab/tasks.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define POLL_S       1
#define SPARE        3 /* how much more than measured a task may take */
#define LEAST_MB     256
#define LEAST_MIN    2
#define PATH_BYTES   4300
#define JOB_MAX      64
#define OUTPUT_BYTES 65536

struct array {
    struct lab *lab;
    struct point **point; /* of each task */
    size_t count;
    char folder[PATH_BYTES], list[PATH_BYTES], script[PATH_BYTES], job[PATH_BYTES];
    char id[JOB_MAX];
    char *why;
};

/* ---- Slurm's programs ------------------------------------------------------------------------ */

/* Runs one and takes what it writes; false with one sentence. */
static bool ask(struct array *array, struct words *words, char *output, size_t bytes)
{
    char out[PATH_BYTES + 16], log[PATH_BYTES + 16], line[400] = "";
    struct task task = {.words = words->word, .out = out, .log = log};
    struct tasks tasks = {.task = &task, .count = 1, .jobs = 1};
    size_t length = 0;
    bool good;
    FILE *in;

    snprintf(out, sizeof(out), "%s/said", array->folder);
    snprintf(log, sizeof(log), "%s/log", array->folder);
    good = tasks_run(&tasks, array->why, LAB_WHY);
    array->lab->signal = tasks.signal;
    in = fopen(good && task.state == TASK_FAILED ? log : out, "r");
    if (good && task.state == TASK_FAILED) {
        if (in && fgets(line, sizeof(line), in))
            line[strcspn(line, "\n")] = 0;
        snprintf(array->why, LAB_WHY, "%s: %s", words->word[0], *line ? line : "it failed");
        good = false;
    } else if (in)
        length = fread(output, 1, bytes - 1, in);
    output[length] = 0;
    if (in)
        fclose(in);
    words_free(words);
    return good;
}

/* A word as a shell takes it. */
static void put_word(FILE *out, const char *word)
{
    fputs(" '", out);
    for (; *word; word++)
        fputs(*word == '\'' ? "'\\''" : (char[]){*word, 0}, out);
    fputc('\'', out);
}

static void put_command(FILE *out, const struct lab *lab)
{
    fputs("exec", out);
    put_word(out, lab->program);
    fputs(" lab", out);
    put_word(out, lab->file);
    fputs(" --out", out);
    put_word(out, lab->out);
    if (lab->machine) {
        fputs(" --machine", out);
        put_word(out, lab->machine);
    }
}

/* ---- what a task takes ----------------------------------------------------------------------- */

/* A point's key says after its digest what its run took: kilobytes, seconds, its weight. */
static bool read_cost(const struct point *point, double *kilobytes, double *rate)
{
    double seconds, weight;
    FILE *in = fopen(point->key, "r");
    bool good = in && fscanf(in, "%*64s %lf %lf %lf", kilobytes, &seconds, &weight) == 3;

    if (in)
        fclose(in);
    *rate = good && weight > 0 ? seconds / weight : 0;
    return good;
}

/* The most that any task may need; false if nothing was measured. */
static bool estimate(const struct array *array, uint64_t *megabytes, uint64_t *minutes)
{
    double most_kilobytes = 0, most_rate = 0, weight = 0;

    for (size_t i = 0; i < array->lab->points; i++) {
        double kilobytes, rate;

        if (array->lab->point[i].state != POINT_DONE ||
            !read_cost(&array->lab->point[i], &kilobytes, &rate))
            continue;
        most_kilobytes = fmax(most_kilobytes, kilobytes);
        most_rate = fmax(most_rate, rate);
    }
    for (size_t i = 0; i < array->count; i++)
        weight = fmax(weight, (double)point_weight(array->point[i]));
    *megabytes = LEAST_MB + (uint64_t)(SPARE * most_kilobytes / 1024);
    *minutes = LEAST_MIN + (uint64_t)(SPARE * most_rate * weight / 60);
    return most_kilobytes > 0;
}

/* The lightest point, here; the others wait for it. */
static bool measure_one(struct lab *lab, char *why)
{
    struct point *lightest = NULL;
    bool good;

    for (size_t i = 0; i < lab->points; i++) {
        struct point *point = &lab->point[i];

        if (point->state == POINT_WAITING &&
            (!lightest || point_weight(point) < point_weight(lightest)))
            lightest = point;
    }
    for (size_t i = 0; i < lab->points; i++)
        if (lab->point[i].state == POINT_WAITING && &lab->point[i] != lightest)
            lab->point[i].state = POINT_HELD;
    good = lab_run(lab, why);
    for (size_t i = 0; i < lab->points; i++)
        if (lab->point[i].state == POINT_HELD)
            lab->point[i].state = POINT_WAITING;
    return good;
}

/* ---- submitting ------------------------------------------------------------------------------ */

static bool write_list(struct array *array)
{
    FILE *out = fopen(array->list, "w");
    bool good = out;

    for (size_t i = 0; good && i < array->count; i++)
        good = fprintf(out, "%s\n", array->point[i]->name) > 0;
    good = (!out || fclose(out) == 0) && good;
    if (!good)
        snprintf(array->why, LAB_WHY, "cannot write %s: %s", array->list, strerror(errno));
    return good;
}

static bool write_script(struct array *array)
{
    FILE *out = fopen(array->script, "w");
    bool good;

    if (out) {
        fputs("#!/bin/sh\npoint=$(sed -n \"$((SLURM_ARRAY_TASK_ID + 1))p\"", out);
        put_word(out, array->list);
        fputs(")\n", out);
        put_command(out, array->lab);
        fputs(" --part --resume --jobs 1 --points \"$point\"\n", out);
    }
    good = out && !ferror(out);
    good = (!out || fclose(out) == 0) && good;
    if (!good)
        snprintf(array->why, LAB_WHY, "cannot write %s: %s", array->script, strerror(errno));
    return good;
}

/* Slurm's answer is the job's number, and perhaps ";" and a cluster. */
static bool take_id(struct array *array, const char *answer)
{
    size_t length = strspn(answer, "0123456789");

    if (!length || length >= JOB_MAX) {
        snprintf(array->why, LAB_WHY, "sbatch did not name a job");
        return false;
    }
    snprintf(array->id, sizeof(array->id), "%.*s", (int)length, answer);
    return true;
}

/* A job that writes table, CSV file and data base when all tasks have ended. */
static bool submit_collection(struct array *array)
{
    struct words words = {0};
    char *text = NULL, answer[256];
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    if (!out) {
        snprintf(array->why, LAB_WHY, "no memory for a script");
        return false;
    }
    put_command(out, array->lab);
    fputs(" --collect", out);
    if (array->lab->db) {
        fputs(" --db", out);
        put_word(out, array->lab->db);
    }
    fclose(out);
    words_add(&words, "sbatch");
    words_add(&words, "--parsable");
    words_add(&words, "--job-name=xenolith-collect");
    words_add(&words, "--dependency=afterany:%s", array->id);
    words_add(&words, "--output=%s/collect.out", array->folder);
    words_add(&words, "--wrap=%s", text);
    free(text);
    return ask(array, &words, answer, sizeof(answer));
}

static bool submit(struct array *array)
{
    uint64_t megabytes, minutes;
    struct words words = {0};
    char answer[256];
    FILE *out;

    if (!write_list(array) || !write_script(array))
        return false;
    estimate(array, &megabytes, &minutes);
    words_add(&words, "sbatch");
    words_add(&words, "--parsable");
    words_add(&words, "--job-name=xenolith-%s", array->lab->experiment.name);
    words_add(&words, "--array=0-%zu", array->count - 1);
    words_add(&words, "--mem=%lluM", (unsigned long long)megabytes);
    words_add(&words, "--time=%llu", (unsigned long long)minutes);
    words_add(&words, "--output=%s/%%a.out", array->folder);
    words_add(&words, "%s", array->script);
    if (!ask(array, &words, answer, sizeof(answer)) || !take_id(array, answer))
        return false;
    out = fopen(array->job, "w");
    if (out) {
        fprintf(out, "%s\n", array->id);
        fclose(out);
    }
    fprintf(stderr, "job %s: %zu tasks, each at most %llu MB and %llu minutes\n", array->id,
            array->count, (unsigned long long)megabytes, (unsigned long long)minutes);
    return submit_collection(array);
}

/* ---- following ------------------------------------------------------------------------------- */

/* How many of the job's tasks are in the queue; an unknown job has none. */
static bool in_queue(struct array *array, size_t *tasks)
{
    static char output[OUTPUT_BYTES];
    struct words words = {0};

    *tasks = 0;
    words_add(&words, "squeue");
    words_add(&words, "--noheader");
    words_add(&words, "--array");
    words_add(&words, "--jobs=%s", array->id);
    words_add(&words, "--format=%%i");
    if (!ask(array, &words, output, sizeof(output)))
        return !array->lab->signal && strstr(array->why, "Invalid job id");
    for (const char *c = output; *c; c++)
        *tasks += *c == '\n';
    return true;
}

static size_t look(struct array *array)
{
    size_t done = 0;

    for (size_t i = 0; i < array->count; i++) {
        if (array->point[i]->state == POINT_WAITING && point_has_result(array->point[i]))
            array->point[i]->state = POINT_DONE;
        done += array->point[i]->state == POINT_DONE;
    }
    return done;
}

/* Waits for a second or a signal, which tasks_run() would have taken too. */
static bool pause_or_signal(struct array *array)
{
    const struct timespec while_ = {.tv_sec = POLL_S};
    sigset_t awaited, before;
    int signal;

    sigemptyset(&awaited);
    sigaddset(&awaited, SIGINT);
    sigaddset(&awaited, SIGTERM);
    sigaddset(&awaited, SIGHUP);
    sigprocmask(SIG_BLOCK, &awaited, &before);
    signal = sigtimedwait(&awaited, NULL, &while_);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (signal > 0) {
        array->lab->signal = signal;
        snprintf(array->why, LAB_WHY, "interrupted by signal %d; job %s goes on", signal,
                 array->id);
    }
    return signal <= 0;
}

static bool follow(struct array *array)
{
    bool terminal = isatty(STDERR_FILENO);
    size_t queued, done, before = array->count + 1;

    for (;;) {
        if (!in_queue(array, &queued)) /* asked first: a task ends after its result is there */
            return false;
        done = look(array);
        if (terminal || done != before)
            fprintf(stderr, "%sjob %s: %zu of %zu points, %zu tasks in the queue%s",
                    terminal ? "\r" : "", array->id, done, array->count, queued,
                    terminal ? "\033[K" : "\n");
        before = done;
        if (!queued)
            break;
        if (!pause_or_signal(array))
            return false;
    }
    if (terminal)
        fputc('\n', stderr);
    for (size_t i = 0; i < array->count; i++)
        if (array->point[i]->state == POINT_WAITING) {
            array->point[i]->state = POINT_FAILED;
            say("point %s failed: see %s and %s/%zu.out", array->point[i]->name,
                array->point[i]->log, array->folder, i);
        }
    return true;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void take_waiting(struct array *array)
{
    array->count = 0;
    for (size_t i = 0; i < array->lab->points; i++)
        if (array->lab->point[i].state == POINT_WAITING)
            array->point[array->count++] = &array->lab->point[i];
}

/* True if a job that was submitted before has tasks in the queue. */
static bool find_job(struct array *array)
{
    FILE *in = fopen(array->job, "r");
    char answer[JOB_MAX] = "";
    size_t queued = 0;
    bool known = in && fgets(answer, sizeof(answer), in) && take_id(array, answer) &&
                 in_queue(array, &queued) && queued;

    if (in)
        fclose(in);
    return known;
}

static bool run_array(struct array *array)
{
    uint64_t megabytes, minutes;
    bool followed = false;

    take_waiting(array);
    if (array->count && find_job(array)) {
        fprintf(stderr, "job %s of an earlier call goes on\n", array->id);
        do { /* what it does not hold is not taken for failed */
            size_t queued;

            if (!in_queue(array, &queued))
                return false;
            followed = !queued;
            look(array);
        } while (!followed && pause_or_signal(array));
        if (!followed)
            return false;
        take_waiting(array);
    }
    if (!array->count)
        return true;
    if (!estimate(array, &megabytes, &minutes)) {
        if (!measure_one(array->lab, array->why))
            return false;
        take_waiting(array);
    }
    return !array->count || (submit(array) && follow(array));
}

bool slurm_run(struct lab *lab, char *why)
{
    struct array array = {
        .lab = lab, .point = calloc(lab->points, sizeof(*array.point)), .why = why};
    bool good = array.point;

    snprintf(array.folder, sizeof(array.folder), "%s/slurm", lab->out);
    snprintf(array.list, sizeof(array.list), "%s/slurm/points", lab->out);
    snprintf(array.script, sizeof(array.script), "%s/slurm/task.sh", lab->out);
    snprintf(array.job, sizeof(array.job), "%s/slurm/job", lab->out);
    if (!good)
        snprintf(why, LAB_WHY, "no memory for %zu points", lab->points);
    good = good && folder_make(array.folder, why, LAB_WHY) && run_array(&array);
    free(array.point);
    return good;
}
