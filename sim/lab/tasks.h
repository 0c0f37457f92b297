/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tasks.h - child processes that share nothing, several at once
 *
 * Their order and number cannot influence what they give. A signal (INT, TERM, HUP) starts no more,
 * is passed on to those that run, and is waited for; a child ends with its parent in any case.
 */
#ifndef XENOLITH_SIM_TASKS_H
#define XENOLITH_SIM_TASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum task_state { TASK_WAITING, TASK_RUNNING, TASK_GOOD, TASK_FAILED };

struct task {
    char *const *words; /* program and arguments; NULL ends them */
    const char *folder; /* that it runs in; NULL: this one */
    const char *out;    /* where standard output goes; NULL: nowhere */
    const char *log;    /* likewise standard error */
    uint64_t weight;    /* expected effort: the heaviest begin first */
    enum task_state state;
    int status;              /* as waitpid() has it */
    long kilobytes;          /* the most that it held */
    double started, seconds; /* of the host, when it began and how long it took */
    pid_t pid;
};

struct tasks {
    struct task *task;
    size_t count;
    unsigned jobs;
    int signal; /* that came, or 0 */
    /* Called when a task has ended, and once at the beginning with NULL; may be NULL. */
    void (*changed)(struct tasks *tasks, struct task *task);
    void *context; /* of changed() */
};

/*
 * Runs all tasks that wait. False with one sentence in `why` if a process could not be made, or a
 * signal came; whether tasks were good is in their states.
 */
bool tasks_run(struct tasks *tasks, char *why, size_t why_bytes);

/* How a task that failed ended, as "exit status 1" or "signal 9". */
void task_end(const struct task *task, char *text, size_t bytes);

#endif
