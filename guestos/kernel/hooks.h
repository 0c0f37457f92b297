/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hooks.h - what parts that may be left out want to be called for
 *
 * The kernel proper (kernel/, process/, sys/, mm/, fs/) calls nothing in ipc/ and event/, so that
 * it can be built and read without them. Such a part registers its functions here instead:
 *
 *     HOOK(process_ends, forget);
 *
 * The linker gathers what is registered under one name into a table (hooks.ld), in the order of the
 * sources' names; RUN_HOOKS() calls each of its functions. The tables are constant.
 *
 *   process_executes  (const struct process *process)  a new program is certain
 *   process_ends      (const struct process *process)  its last thread has ended
 *   file_closes       (const struct file *file)        the last reference goes; `file` is whole
 *   idle              (void)  this processor has nothing to do; before it stops
 *   watchers          struct watcher: fs/notify.h
 *
 * Lock: the kernel's is held at every call. A hook may not sleep.
 */
#ifndef GUESTOS_HOOKS_H
#define GUESTOS_HOOKS_H

struct file;
struct process;
struct watcher;

typedef void process_hook(const struct process *process);
typedef void file_hook(const struct file *file);
typedef void idle_hook(void);

extern process_hook *const hooks_process_executes[], *const hooks_process_executes_end[];
extern process_hook *const hooks_process_ends[], *const hooks_process_ends_end[];
extern file_hook *const hooks_file_closes[], *const hooks_file_closes_end[];
extern idle_hook *const hooks_idle[], *const hooks_idle_end[];
extern const struct watcher *const hooks_watchers[], *const hooks_watchers_end[];

/* Registers a function, or for `watchers` the address of a table, under a name. */
#define HOOK(name, value)                                                                          \
    static typeof(*hooks_##name) hook_of_##name __attribute__((used, section(".hooks." #name))) =  \
        value

/* In each round `h` points to the next thing that is registered under a name. */
#define FOR_EACH_HOOK(h, of) for (typeof(*hooks_##of) *h = hooks_##of; h < hooks_##of##_end; h++)

#define RUN_HOOKS(name, argument)                                                                  \
    do {                                                                                           \
        FOR_EACH_HOOK (hook, name)                                                                 \
            (*hook)(argument);                                                                     \
    } while (0)

#endif
