/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * exit.c - the end of threads and processes, and waiting for it
 *
 * What a thread that ends keeps, and who buries it, is in thread.h. The last thread of a process
 * gives its address space back. The process's record stays until it is waited for, or, if its
 * parent does not want to know, is buried like a thread's.
 *
 * exit_group(), a fatal signal and exec end other threads: those are marked as doomed, which ends
 * every sleep like a signal, and they end on their own way back to ring 3, where no lock and no
 * reference is held.
 */
#include "guestos/drivers/tty.h"
#include "guestos/fs/file.h"
#include "guestos/fs/filesystem.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/hooks.h"
#include "guestos/kernel/lib.h"
#include "guestos/time/posix_timer.h"
#include "guestos/process/process.h"
#include "guestos/process/thread.h"
#include "guestos/mm/space.h"
#include "guestos/trace/trace.h"

static struct thread *dead_threads;    /* linked by next_thread */
static struct process *dead_processes; /* linked by next */

static void bury_later(struct thread *thread)
{
    thread->next_thread = dead_threads;
    dead_threads = thread;
}

void threads_bury(void)
{
    while (dead_threads) {
        struct thread *thread = dead_threads;

        dead_threads = thread->next_thread;
        thread_free(thread);
    }
    while (dead_processes) {
        struct process *process = dead_processes;

        dead_processes = process->next;
        process_free(process);
    }
}

static void unlink_process(const struct process *process)
{
    struct process **link = &all_processes;

    while (*link != process)
        link = &(*link)->next;
    *link = process->next;
}

static void unlink_thread(const struct thread *thread)
{
    struct thread **link = &thread->process->threads;

    while (*link != thread)
        link = &(*link)->next_thread;
    *link = thread->next_thread;
}

/* ---- the end of a process -------------------------------------------------------------------- */

static void leave_children(struct process *process)
{
    for (struct process *p = all_processes; p; p = p->next)
        if (p->parent == process) {
            p->parent = init_process;
            p->exit_signal = SIGCHLD;
            if (p->parent_death_signal)
                signal_send(p, p->parent_death_signal);
            if (process_ended(p))
                wake_all(&init_process->child_ended);
        }
}

static void end_of_init(int status)
{
    mounts_stop();
    if (status & 0x7f) {
        kprintf("init was killed by signal %d\n", status & 0x7f);
        arch_power_off(POWER_CRASH);
    }
    if (status)
        kprintf("init ended with status %d\n", status >> 8);
    arch_power_off(POWER_OFF);
}

/* Whether a parent has said that it will not wait for its children (sigaction(2), SIGCHLD). */
static bool wants_no_zombies(const struct process *parent)
{
    const struct signal_action *action = &parent->actions->action[SIGCHLD - 1];

    return action->handler == HANDLER_IGNORE || action->flags & ACTION_NO_CHILD_WAIT;
}

/* The last thread has ended. */
static void process_ends(struct process *process)
{
    struct process *parent = process->parent;

    process->stopped = 0;
    scheduler_set_alarm(process, NO_DEADLINE);
    posix_timers_drop(process);
    RUN_HOOKS(process_ends, process);
    tty_process_ends(process);
    leave_children(process);
    arch_announce_end(process->pid);
    if (process->exit_signal == SIGCHLD && wants_no_zombies(parent)) {
        unlink_process(process);
        process->next = dead_processes;
        dead_processes = process;
    }
    if (process->exit_signal)
        signal_tell_parent(process, process->exit_signal,
                           process->exit_status & 0x7f ? CODE_CHILD_KILLED : CODE_CHILD_EXITED,
                           (uint32_t)(process->exit_status & 0x7f ? process->exit_status & 0x7f
                                                                  : process->exit_status >> 8));
    wake_all(&parent->child_ended);
}

static void end_thread(void) __attribute__((noreturn));
static void end_thread(void)
{
    struct thread *me = current_thread();
    struct process *process = me->process;
    bool leads = me == process->threads;

    if (process == init_process && process->alive == 1)
        end_of_init(process->exit_status);
    scheduler_charge();
    files_unpin();
    thread_ends(me);
    trace_ended(me, process->alive == 1, process->exit_status);
    files_release(me->files);
    me->files = NULL;
    pagetable_use(&kernel_pagetable);
    if (process->alive == 1) {
        struct space *space = process->space;

        process->space = NULL;
        space_release(space);
    }
    if (leads)
        vfork_over(process);
    process->alive--;
    if (!leads) {
        unlink_thread(me);
        bury_later(me);
        wake_all(&process->thread_ended);
    }
    if (!process->alive)
        process_ends(process);
    else if (leads)
        wake_all(&process->thread_ended);
    schedule_dead();
}

static void interrupt_others(const struct process *process)
{
    const struct thread *me = current_thread();

    FOR_EACH_THREAD (t, process)
        if (t != me && t->state != THREAD_ZOMBIE)
            scheduler_interrupt(t);
}

void process_kill(struct process *process, int status)
{
    if (process->ending || process_ended(process))
        return;
    process->ending = true;
    process->exit_status = status;
    interrupt_others(process);
}

void process_exit(int status)
{
    trace_exit(status);
    process_kill(current_process(), status);
    end_thread();
}

void thread_exit(int status)
{
    const struct thread *me = current_thread();
    struct process *process = me->process;

    trace_exit(status);
    if (!process->ending && me == process->threads)
        process->exit_status = status; /* counts unless somebody calls exit_group() later */
    end_thread();
}

/* ---- one thread is left, for exec ------------------------------------------------------------ */

/*
 * The caller becomes its process's leader in place of one that has ended, whose number it takes
 * over.
 */
static void become_leader(struct thread *me)
{
    struct process *process = me->process;
    struct thread *old = process->threads;

    process->threads = me;
    old->next_thread = NULL;
    me->tid = process->pid;
    thread_free(old);
}

int process_make_single(void)
{
    struct thread *me = current_thread();
    struct process *process = me->process;

    if (process->ending || process->executing)
        return -EAGAIN;
    process->executing = me;
    interrupt_others(process);
    while (process->alive > 1 && !process->ending)
        wait_regardless(&process->thread_ended);
    process->executing = NULL;
    if (process->ending)
        return -EAGAIN;
    if (me != process->threads)
        become_leader(me);
    return 0;
}

/* ---- waiting --------------------------------------------------------------------------------- */

static void reap(struct process *process, struct wait_result *result)
{
    struct process *parent = process->parent;

    result->ticks_user = process->all_user + process->children_user;
    result->ticks_kernel = process->all_kernel + process->children_kernel;
    result->faults = process->all_faults + process->children_faults;
    parent->children_faults += result->faults;
    parent->children_user += result->ticks_user;
    parent->children_kernel += result->ticks_kernel;
    unlink_process(process);
    process_free(process);
}

static bool wanted(const struct process *child, int pid, uint32_t options)
{
    const struct process *me = current_process();

    if (child->parent != me)
        return false;
    if (!(options & WAIT_ALL) && (child->exit_signal != SIGCHLD) != !!(options & WAIT_CLONE))
        return false;
    return pid == -1 || (pid > 0 && child->pid == (uint32_t)pid) ||
           (!pid && child->group == me->group) || (pid < -1 && child->group == (uint32_t)-pid);
}

int process_wait(int pid, struct wait_result *result, uint32_t options)
{
    *result = (struct wait_result){0};
    for (;;) {
        bool any = false;

        int traced = trace_wait(pid, !(options & WAIT_ONLY_LOOK), &result->status);
        if (traced)
            return traced;
        any = trace_has(pid);
        for (struct process *p = all_processes; p; p = p->next) {
            if (!wanted(p, pid, options))
                continue;
            any = true;
            bool take = !(options & WAIT_ONLY_LOOK);
            if (options & WAIT_STOPPED && p->stopped && !p->stop_reported) {
                p->stop_reported = take;
                result->status = (int)p->stopped << 8 | 0x7f;
                return (int)p->pid;
            }
            if (options & WAIT_CONTINUED && p->continued) {
                p->continued = !take;
                result->status = 0xffff;
                return (int)p->pid;
            }
            if (options & WAIT_EXITED && process_ended(p)) {
                int ended = (int)p->pid;

                result->status = p->exit_status;
                if (take)
                    reap(p, result);
                return ended;
            }
        }
        if (!any)
            return -ECHILD;
        if (options & WAIT_NO_HANG)
            return 0;
        int error = wait_in(&current_process()->child_ended, NO_DEADLINE);
        if (error)
            return error;
    }
}
