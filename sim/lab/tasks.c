/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/lab/tasks.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CANNOT_START 127 /* as shells have it */

static const int ends[] = {SIGINT, SIGTERM, SIGHUP};

static void redirect(int to, const char *path)
{
    int fd = open(path ? path : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0666);

    if (fd < 0 || dup2(fd, to) < 0)
        _exit(CANNOT_START);
    close(fd);
}

static _Noreturn void become(const struct task *task, pid_t parent, const sigset_t *mask)
{
    int nothing = open("/dev/null", O_RDONLY);

    if (nothing >= 0)
        dup2(nothing, STDIN_FILENO);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) /* it was gone before that */
        _exit(CANNOT_START);
    redirect(STDOUT_FILENO, task->out);
    redirect(STDERR_FILENO, task->log);
    if (task->folder && chdir(task->folder) < 0) {
        fprintf(stderr, "xenolith: cannot go to %s: %s\n", task->folder, strerror(errno));
        _exit(CANNOT_START);
    }
    sigprocmask(SIG_SETMASK, mask, NULL);
    execvp(task->words[0], task->words);
    fprintf(stderr, "xenolith: cannot run %s: %s\n", task->words[0], strerror(errno));
    _exit(CANNOT_START);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool start(struct task *task, const sigset_t *mask)
{
    pid_t parent = getpid();

    fflush(NULL);
    task->started = now();
    task->pid = fork();
    if (task->pid == 0)
        become(task, parent, mask);
    if (task->pid > 0)
        task->state = TASK_RUNNING;
    return task->pid > 0;
}

static struct task *heaviest(struct tasks *tasks)
{
    struct task *best = NULL;

    for (size_t i = 0; i < tasks->count; i++)
        if (tasks->task[i].state == TASK_WAITING && (!best || tasks->task[i].weight > best->weight))
            best = &tasks->task[i];
    return best;
}

static void pass_on(struct tasks *tasks, int signal)
{
    if (!tasks->signal)
        tasks->signal = signal;
    for (size_t i = 0; i < tasks->count; i++)
        if (tasks->task[i].state == TASK_RUNNING)
            kill(tasks->task[i].pid, signal);
}

/* Takes all children that have ended; how many. */
static unsigned reap(struct tasks *tasks)
{
    unsigned ended = 0;
    struct rusage usage;
    int status;
    pid_t pid;

    while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0)
        for (size_t i = 0; i < tasks->count; i++) {
            struct task *task = &tasks->task[i];

            if (task->state != TASK_RUNNING || task->pid != pid)
                continue;
            task->status = status;
            task->kilobytes = usage.ru_maxrss;
            task->seconds = now() - task->started;
            task->state = WIFEXITED(status) && !WEXITSTATUS(status) ? TASK_GOOD : TASK_FAILED;
            ended++;
            if (tasks->changed)
                tasks->changed(tasks, task);
        }
    return ended;
}

bool tasks_run(struct tasks *tasks, char *why, size_t why_bytes)
{
    unsigned running = 0;
    sigset_t awaited, before;
    bool good = true;

    sigemptyset(&awaited);
    sigaddset(&awaited, SIGCHLD);
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
        sigaddset(&awaited, ends[i]);
    sigprocmask(SIG_BLOCK, &awaited, &before);
    if (tasks->changed)
        tasks->changed(tasks, NULL);
    for (;;) {
        struct task *task;
        int signal;

        while (good && !tasks->signal && running < tasks->jobs && (task = heaviest(tasks))) {
            good = start(task, &before);
            running += good;
            if (!good)
                snprintf(why, why_bytes, "cannot start a process: %s", strerror(errno));
        }
        if (!running)
            break;
        signal = sigwaitinfo(&awaited, NULL);
        if (signal == SIGCHLD)
            running -= reap(tasks);
        else if (signal > 0)
            pass_on(tasks, signal);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (good && tasks->signal)
        snprintf(why, why_bytes, "interrupted by signal %d", tasks->signal);
    return good && !tasks->signal;
}

void task_end(const struct task *task, char *text, size_t bytes)
{
    if (WIFSIGNALED(task->status))
        snprintf(text, bytes, "signal %d", WTERMSIG(task->status));
    else
        snprintf(text, bytes, "exit status %d", WEXITSTATUS(task->status));
}
