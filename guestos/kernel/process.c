/* SPDX-License-Identifier: GPL-2.0-only */
/* process.c - birth, end and waiting; see process.h */
#include "guestos/drivers/tty.h"
#include "guestos/fs/file.h"
#include "guestos/fs/filesystem.h"
#include "guestos/kernel/counters.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/kernel/process.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"
#include "guestos/mm/space.h"

#define PID_LIMIT 32768

#define CLONE_VM             0x00000100u /* linux/sched.h */
#define CLONE_FS_FILES_SIGS  0x00000e00u
#define CLONE_VFORK          0x00004000u
#define CLONE_THREAD         0x00010000u
#define CLONE_SETTLS         0x00080000u
#define CLONE_PARENT_SETTID  0x00100000u
#define CLONE_CHILD_CLEARTID 0x00200000u
#define CLONE_CHILD_SETTID   0x01000000u

#define WAIT_NO_HANG   1u
#define WAIT_STOPPED   2u
#define WAIT_CONTINUED 8u

struct process *init_process, *all_processes;

struct process *process_find(u32 pid)
{
    struct process *p = all_processes;
    while (p && p->pid != pid)
        p = p->next;
    return p;
}

static u32 new_pid(void)
{
    static u32 last;
    do
        last = last + 1 < PID_LIMIT ? last + 1 : 2;
    while (process_find(last));
    return last;
}

/* A record with a kernel stack, in no list yet. */
static struct process *allocate(const struct trap_frame *frame)
{
    struct process *process = heap_allocate(sizeof *process);
    u32 stack = process ? pages_allocate(KERNEL_STACK_ORDER) : PFN_NONE;
    if (stack == PFN_NONE) {
        heap_free(process);
        return NULL;
    }
    process->thread.stack = (u32)page_address(stack);
    *(struct process **)process->thread.stack = process;
    arch_thread_init(&process->thread, frame);
    return process;
}

static void free_process(struct process *process)
{
    fpu_free(&process->thread);
    if (process->files)
        files_release(process->files);
    if (process->cwd)
        inode_release(process->cwd);
    if (process->program)
        inode_release(process->program);
    heap_free(process->program_path);
    page_release(address_pfn((void *)process->thread.stack));
    heap_free(process);
}

static void enter(struct process *process, struct process *parent)
{
    process->pid = new_pid();
    process->parent = parent;
    process->next = all_processes;
    all_processes = process;
    scheduler_add(process);
    count(COUNT_forks);
}

/* ---- fork ------------------------------------------------------------------------------------- */

static int copy_state(struct process *child, struct process *parent, u32 flags)
{
    child->files = files_clone(parent->files);
    child->program_path = heap_allocate(strlen(parent->program_path) + 1);
    if (!child->files || !child->program_path || fpu_copy(&child->thread, &parent->thread))
        return -ENOMEM;
    copy_string(child->program_path, parent->program_path, strlen(parent->program_path) + 1);
    if (flags & CLONE_VM) {
        child->space = parent->space;
        child->space->users++;
    } else {
        child->space = space_clone(parent->space);
        if (!child->space)
            return -ENOMEM;
    }
    inode_hold(child->cwd = parent->cwd);
    inode_hold(child->program = parent->program);
    copy_string(child->name, parent->name, sizeof child->name);
    memcpy(child->thread.tls, parent->thread.tls, sizeof child->thread.tls);
    __asm__("movw %%fs, %0" : "=m"(child->thread.fs));
    __asm__("movw %%gs, %0" : "=m"(child->thread.gs));
    child->umask = parent->umask;
    child->group = parent->group;
    child->session = parent->session;
    child->signals = parent->signals;
    child->signals.pending = 0;
    child->signals.is_suspended = false;
    return 0;
}

int process_fork(const struct trap_frame *frame, u32 flags, u32 stack, u32 tls_pointer,
                 u32 child_tid, u32 parent_tid)
{
    struct process *parent = current_process();
    /* Threads that share memory are not supported; a borrowed space must be a vfork's. */
    if (flags & (CLONE_THREAD | CLONE_FS_FILES_SIGS) ||
        (flags & CLONE_VM && !(flags & CLONE_VFORK)))
        return -ENOSYS;
    struct trap_frame child_frame = *frame;
    child_frame.eax = 0;
    if (stack)
        child_frame.esp = stack;
    struct process *child = allocate(&child_frame);
    if (!child)
        return -EAGAIN;
    int error = copy_state(child, parent, flags);
    if (!error && flags & CLONE_SETTLS)
        error = tls_set(&child->thread, tls_pointer);
    if (error) {
        if (child->space)
            space_release(child->space);
        free_process(child);
        return error;
    }
    enter(child, parent);
    child->counter = (parent->counter + 1) / 2; /* the two share what was left of the round */
    parent->counter /= 2;
    u32 pid = child->pid;
    if (flags & CLONE_CHILD_CLEARTID)
        child->clear_child_tid = child_tid;
    if (flags & CLONE_CHILD_SETTID)
        space_write(child->space, child_tid, &pid, sizeof pid);
    if (flags & CLONE_PARENT_SETTID && copy_to_user((void *)parent_tid, &pid, sizeof pid))
        kprintf("%s[%u]: clone: parent_tid %x is not writable\n", parent->name, parent->pid,
                parent_tid);
    if (flags & CLONE_VFORK) {
        child->vforked = true;
        while (child->vforked) /* only the child's exec or end lets the parent go on */
            wait_regardless(&child->vfork_done);
    }
    return (int)pid;
}

void process_start_init(void)
{
    struct trap_frame frame = {0};
    struct process *process = allocate(&frame);
    ASSERT(process);
    process->files = files_create();
    inode_hold(process->cwd = root_inode);
    process->program_path = heap_allocate(1);
    process->umask = 022;
    process->group = process->session = 1;
    ASSERT(process->files && process->program_path);
    init_process = process;
    enter(process, NULL);
}

/* ---- the end ---------------------------------------------------------------------------------- */

static void leave_children(struct process *me)
{
    for (struct process *p = all_processes; p; p = p->next)
        if (p->parent == me) {
            p->parent = init_process;
            if (p->state == PROCESS_ZOMBIE)
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

void process_exit(int status)
{
    struct process *me = current_process();
    if (me == init_process)
        end_of_init(status);
    if (me->clear_child_tid) {
        u32 zero = 0;
        copy_to_user((void *)me->clear_child_tid, &zero, sizeof zero);
    }
    scheduler_set_alarm(me, NO_DEADLINE);
    tty_process_ends(me);
    files_release(me->files);
    me->files = NULL;
    struct space *space = me->space;
    pagetable_use(&kernel_pagetable);
    me->space = NULL;
    space_release(space);
    if (me->vforked) {
        me->vforked = false;
        wake_all(&me->vfork_done);
    }
    leave_children(me);
    me->exit_status = status;
    signal_send(me->parent, SIGCHLD);
    wake_all(&me->parent->child_ended);
    arch_announce_end(me->pid);
    schedule_dead();
}

static void reap(struct process *process)
{
    struct process **link = &all_processes;
    while (*link != process)
        link = &(*link)->next;
    *link = process->next;
    free_process(process);
}

static bool wanted(const struct process *child, int pid)
{
    if (child->parent != current_process())
        return false;
    return pid == -1 || (pid > 0 && child->pid == (u32)pid) ||
           (!pid && child->group == current_process()->group) ||
           (pid < -1 && child->group == (u32)-pid);
}

int process_wait(int pid, int *status, u32 options)
{
    for (;;) {
        bool any = false;
        for (struct process *p = all_processes; p; p = p->next) {
            if (!wanted(p, pid))
                continue;
            any = true;
            if (options & WAIT_STOPPED && p->stopped && !p->stop_reported) {
                p->stop_reported = true;
                *status = (int)p->stopped << 8 | 0x7f;
                return (int)p->pid;
            }
            if (options & WAIT_CONTINUED && p->continued) {
                p->continued = false;
                *status = 0xffff;
                return (int)p->pid;
            }
            if (p->state == PROCESS_ZOMBIE) {
                int ended = (int)p->pid;
                *status = p->exit_status;
                reap(p);
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
