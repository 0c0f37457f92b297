/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * jobs.c - the points of an experiment as child processes of this program, several at once
 *
 * Each is `xenolith run` with its own result file. They share nothing, so their order and number
 * cannot influence a result.
 */
#include "sim/lab/lab.h"
#include "sim/cli/setup.h"
#include "sim/load/places.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGUMENTS_MAX 96

struct progress {
    double started;
    uint64_t weight_done, weight_all;
    unsigned done;
    double simulated, instructions;
};

/* ---- one point ------------------------------------------------------------------------------- */

static void redirect(int to, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);

    if (fd < 0 || dup2(fd, to) < 0)
        _exit(127);
    close(fd);
}

static void add(const char *arguments[], unsigned *count, const char *name, const char *value)
{
    if (*count + 3 > ARGUMENTS_MAX)
        return;
    arguments[(*count)++] = name;
    arguments[(*count)++] = value;
    arguments[*count] = NULL;
}

/* Options of a series come after the common ones, so that they win. */
static void add_options(const char *arguments[], unsigned *count, const struct series *series,
                        char names[][40], unsigned *used)
{
    for (unsigned i = 0; i < series->options; i++) {
        if (!strcmp(series->option[i].name, "for"))
            continue;
        snprintf(names[*used], sizeof(names[0]), "--%s", series->option[i].name);
        add(arguments, count, names[(*used)++], series->option[i].value);
    }
}

static _Noreturn void execute(const struct lab *lab, const struct point *point)
{
    static char names[2 * EXPERIMENT_PAIRS_MAX][40];
    const char *arguments[ARGUMENTS_MAX] = {"xenolith", "run"};
    char program[4096], n[16], time[32];
    unsigned count = 2, used = 0;

    place_program(program, sizeof(program));
    snprintf(n, sizeof(n), "%u", point->n);
    snprintf(time, sizeof(time), "%lluns", (unsigned long long)point->for_ns);
    add_options(arguments, &count, &lab->experiment->common, names, &used);
    add_options(arguments, &count, point->series, names, &used);
    if (*lab->machine)
        add(arguments, &count, "--machine", lab->machine);
    add(arguments, &count, "--domains", n);
    add(arguments, &count, "--for", time);
    add(arguments, &count, "--json", point->json);
    redirect(STDOUT_FILENO, point->text);
    redirect(STDERR_FILENO, point->log);
    execv(program, (char *const *)(void *)arguments);
    _exit(127);
}

static bool start(const struct lab *lab, struct point *point)
{
    fflush(NULL);
    point->pid = fork();
    if (point->pid < 0) {
        say("cannot start a process: %s", strerror(errno));
        return false;
    }
    if (point->pid == 0)
        execute(lab, point);
    point->state = POINT_RUNNING;
    return true;
}

/* The last line of a run's log says how fast it was. */
static void read_speed(struct point *point)
{
    char line[1024];
    FILE *log = fopen(point->log, "r");

    while (log && fgets(line, sizeof(line), log))
        if (sscanf(line, "xenolith: %lf s simulated, %lf million", &point->simulated,
                   &point->instructions) == 2)
            break;
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

/* ---- all of them ----------------------------------------------------------------------------- */

static void show(const struct lab *lab, const struct progress *progress)
{
    double passed = host_time() - progress->started;
    double left = progress->weight_done
                      ? passed * (double)(progress->weight_all - progress->weight_done) /
                            (double)progress->weight_done
                      : 0;

    if (!isatty(STDERR_FILENO))
        return;
    fprintf(stderr, "\r%u of %u points, %.2f s simulated, %.0f MIPS, ", progress->done, lab->points,
            progress->simulated, passed > 0 ? progress->instructions / passed : 0);
    if (progress->weight_done)
        fprintf(stderr, "%.0f s left \033[K", left);
    else
        fprintf(stderr, "measuring \033[K");
    if (progress->done == lab->points)
        fputc('\n', stderr);
}

/* The heaviest first: the last ones to finish are then light. */
static struct point *next_point(struct lab *lab)
{
    struct point *best = NULL;

    for (unsigned i = 0; i < lab->points; i++)
        if (lab->point[i].state == POINT_WAITING && (!best || lab->point[i].weight > best->weight))
            best = &lab->point[i];
    return best;
}

static struct point *point_of(struct lab *lab, pid_t pid)
{
    for (unsigned i = 0; i < lab->points; i++)
        if (lab->point[i].state == POINT_RUNNING && lab->point[i].pid == pid)
            return &lab->point[i];
    return NULL;
}

/* A line for who has no terminal: a log of CI's, a file. */
static void tell(const struct lab *lab, const struct progress *progress, const struct point *point)
{
    if (!isatty(STDERR_FILENO))
        fprintf(stderr, "%u of %u points after %.0f s: %s at %u %s\n", progress->done, lab->points,
                host_time() - progress->started, point->series->name, point->n,
                point->state == POINT_DONE ? "is done" : "has failed");
}

static bool finished(struct point *point, int status, struct progress *progress)
{
    bool good = WIFEXITED(status) && WEXITSTATUS(status) == 0;

    point->state = good ? POINT_DONE : POINT_FAILED;
    progress->done++;
    progress->weight_done += point->weight;
    read_speed(point);
    progress->simulated += point->simulated;
    progress->instructions += point->instructions;
    if (!good) {
        if (WIFSIGNALED(status))
            say("%s at %u was ended by signal %d:", point->series->name, point->n,
                WTERMSIG(status));
        else
            say("%s at %u failed:", point->series->name, point->n);
        show_log(point);
    }
    return good;
}

bool lab_run(struct lab *lab)
{
    struct progress progress = {.started = host_time()};
    unsigned running = 0;
    bool good = true;

    for (unsigned i = 0; i < lab->points; i++)
        progress.weight_all += lab->point[i].weight;
    if (!isatty(STDERR_FILENO))
        fprintf(stderr, "%u points, %u at once; a line when one is done\n", lab->points, lab->jobs);
    for (;;) {
        struct point *point;
        int status;
        pid_t pid;

        while (running < lab->jobs && good && (point = next_point(lab))) {
            good = start(lab, point);
            running += good;
        }
        show(lab, &progress);
        if (!running)
            return good;
        pid = waitpid(-1, &status, 0);
        point = pid > 0 ? point_of(lab, pid) : NULL;
        if (!point)
            continue;
        running--;
        good &= finished(point, status, &progress);
        tell(lab, &progress, point);
    }
}
