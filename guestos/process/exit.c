/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * exit.c - the end of threads and processes, and waiting for it
 *
 * A thread that ends gives back all it holds but its record and the kernel stack it stands on. A leader's
 * record stays until its process is waited for. Another thread's is buried by whoever next returns to
 * ring 3 or is idle, and so is the leader of a child whose parent does not want to know.
 *
 * exit_group(), a fatal signal and exec end other threads: those are marked as doomed, which ends every sleep
 * like a signal, and they end on their own way back to ring 3, where no lock and no reference is held.
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

static struct process *corpses; /* linked by next_thread */

static void bury_later(struct process *process)
{
    process->next_thread = corpses;
    corpses = process;
}

void threads_bury(void)
{
    while (corpses) {
        struct process *corpse = corpses;
        corpses = corpse->next_thread;
        process_free(corpse);
    }
}

static void unlink_process(const struct process *process)
{
    struct process **link = &all_processes;
    while (*link != process)
        link = &(*link)->next;
    *link = process->next;
}

static void unlink_thread(const struct process *thread)
{
    struct process **link = &thread->leader->next_thread;
    while (*link != thread)
        link = &(*link)->next_thread;
    *link = thread->next_thread;
}

/* ---- the end of a process ----------------------------------------------------------------------- */

static void leave_children(struct process *leader)
{
    for (struct process *p = all_processes; p; p = p->next)
        if (p->parent == leader) {
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
    const struct signal_action *action = &parent->signals.action[SIGCHLD - 1];
    return action->handler == HANDLER_IGNORE || action->flags & ACTION_NO_CHILD_WAIT;
}

/* The last thread has ended. */
static void process_ends(struct process *leader)
{
    struct process *parent = leader->parent;
    leader->stopped = 0;
    scheduler_set_alarm(leader, NO_DEADLINE);
    posix_timers_drop(leader);
    RUN_HOOKS(process_ends, leader);
    tty_process_ends(leader);
    leave_children(leader);
    arch_announce_end(leader->pid);
    if (leader->exit_signal == SIGCHLD && wants_no_zombies(parent)) {
        unlink_process(leader);
        bury_later(leader);
    }
    if (leader->exit_signal)
        signal_tell_parent(leader, leader->exit_signal,
                           leader->exit_status & 0x7f ? CODE_CHILD_KILLED : CODE_CHILD_EXITED,
                           (u32)(leader->exit_status & 0x7f ? leader->exit_status & 0x7f
                                                            : leader->exit_status >> 8));
    wake_all(&parent->child_ended);
}

static void end_thread(void) __attribute__((noreturn));
static void end_thread(void)
{
    struct process *me = current_process(), *leader = me->leader;
    if (leader == init_process && leader->alive == 1)
        end_of_init(leader->exit_status);
    scheduler_charge();
    files_unpin();
    thread_ends(me);
    files_release(me->files);
    me->files = NULL;
    struct space *space = me->space;
    pagetable_use(&kernel_pagetable);
    me->space = NULL;
    space_release(space);
    if (me == leader)
        vfork_over(leader);
    leader->alive--;
    if (me != leader) {
        unlink_thread(me);
        bury_later(me);
        wake_all(&leader->thread_ended);
    }
    if (!leader->alive)
        process_ends(leader);
    else if (me == leader)
        wake_all(&leader->thread_ended);
    schedule_dead();
}

static void interrupt_others(struct process *leader)
{
    const struct process *me = current_process();
    FOR_EACH_THREAD (t, leader)
        if (t != me && t->state != PROCESS_ZOMBIE)
            scheduler_interrupt(t);
}

void process_kill(struct process *process, int status)
{
    struct process *leader = process->leader;
    if (leader->ending || process_ended(leader))
        return;
    leader->ending = true;
    leader->exit_status = status;
    interrupt_others(leader);
}

void process_exit(int status)
{
    process_kill(current_process(), status);
    end_thread();
}

void thread_exit(int status)
{
    struct process *me = current_process(), *leader = me->leader;
    if (!leader->ending && me == leader)
        leader->exit_status = status; /* counts unless somebody calls exit_group() later */
    end_thread();
}

/* ---- one thread is left, for exec ----------------------------------------------------------------- */

/*
 * The caller becomes its process's leader: the leader's record, whose thread has ended, takes over what is
 * the thread's in the caller's, kernel stack included. Pointers to the caller's record end here.
 */
static void become_leader(struct process *me, struct process *leader)
{
    struct thread spare = leader->thread;
    leader->thread = me->thread;
    me->thread = spare;
    *(struct process **)leader->thread.stack = leader;
    *(struct process **)me->thread.stack = me;
    leader->space = me->space;
    leader->files = me->files;
    me->space = NULL;
    me->files = NULL;
    struct fs_context *fs = leader->fs;
    leader->fs = me->fs;
    me->fs = fs;
    struct signals signals = leader->signals;
    leader->signals = me->signals;
    me->signals = signals;
    memcpy(leader->pinned, me->pinned, sizeof leader->pinned);
    leader->pins = me->pins;
    copy_string(leader->name, me->name, sizeof leader->name);
    scheduler_rename(me, leader);
    unlink_thread(me);
    process_free(me);
}

int process_make_single(void)
{
    struct process *me = current_process(), *leader = me->leader;
    if (leader->ending || leader->executing)
        return -EAGAIN;
    leader->executing = me;
    interrupt_others(leader);
    while (leader->alive > 1 && !leader->ending)
        wait_regardless(&leader->thread_ended);
    leader->executing = NULL;
    if (leader->ending)
        return -EAGAIN;
    if (me != leader)
        become_leader(me, leader);
    return 0;
}

/* ---- waiting -------------------------------------------------------------------------------------- */

static void reap(struct process *process, struct wait_result *result)
{
    struct process *parent = process->parent;
    result->ticks_user = process->all_user + process->children_user;
    result->ticks_kernel = process->all_kernel + process->children_kernel;
    parent->children_user += result->ticks_user;
    parent->children_kernel += result->ticks_kernel;
    unlink_process(process);
    process_free(process);
}

static bool wanted(const struct process *child, int pid, u32 options)
{
    const struct process *me = current_process();
    if (child->parent != me->leader)
        return false;
    if (!(options & WAIT_ALL) && (child->exit_signal != SIGCHLD) != !!(options & WAIT_CLONE))
        return false;
    return pid == -1 || (pid > 0 && child->pid == (u32)pid) ||
           (!pid && child->group == me->group) || (pid < -1 && child->group == (u32)-pid);
}

int process_wait(int pid, struct wait_result *result, u32 options)
{
    *result = (struct wait_result){0};
    for (;;) {
        bool any = false;
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
        int error = wait_in(&current_process()->leader->child_ended, NO_DEADLINE);
        if (error)
            return error;
    }
}
