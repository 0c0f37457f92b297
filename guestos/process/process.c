/* SPDX-License-Identifier: GPL-2.0-only */
/* process.c - the birth of processes and threads; see process.h */
#include "guestos/fs/file.h"
#include "guestos/kernel/counters.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/process/thread.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"
#include "guestos/mm/shortage.h"
#include "guestos/mm/space.h"

#define CLONE_KNOWN                                                                                \
    (CLONE_SIGNAL | CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_VFORK |              \
     CLONE_PARENT | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |            \
     CLONE_CHILD_CLEARTID | CLONE_DETACHED | CLONE_UNTRACED | CLONE_CHILD_SETTID | CLONE_IO)

struct process *init_process, *all_processes;

struct process *process_find(u32 pid)
{
    struct process *p = all_processes;
    while (p && p->pid != pid)
        p = p->next;
    return p;
}

bool program_runs(const struct inode *program)
{
    for (const struct process *p = all_processes; p; p = p->next)
        if (p->program == program && !process_ended(p))
            return true;
    return false;
}

struct process *thread_find(u32 tid)
{
    for (struct process *p = all_processes; p; p = p->next)
        FOR_EACH_THREAD (t, p)
            if (t->pid == tid)
                return t;
    return NULL;
}

/* Whether a number still means something: a thread, or a group or session of which some live. */
static bool in_use(u32 number)
{
    for (const struct process *p = all_processes; p; p = p->next) {
        if (p->group == number || p->session == number)
            return true;
        FOR_EACH_THREAD (t, p)
            if (t->pid == number)
                return true;
    }
    return false;
}

static u32 new_pid(void)
{
    static u32 last;
    do
        last = last + 1 < PID_LIMIT ? last + 1 : 2;
    while (in_use(last));
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
    process->leader = process;
    process->thread.stack = (u32)page_address(stack);
    *(struct process **)process->thread.stack = process;
    arch_thread_init(&process->thread, frame);
    return process;
}

static struct fs_context *fs_context_create(struct inode *root, struct inode *cwd, u32 umask)
{
    struct fs_context *fs = heap_allocate(sizeof *fs);
    if (!fs)
        return NULL;
    *fs = (struct fs_context){.users = 1, .root = root, .cwd = cwd, .umask = umask};
    inode_hold(root);
    inode_hold(cwd);
    return fs;
}

static void fs_context_release(struct fs_context *fs)
{
    if (!fs || --fs->users)
        return;
    inode_release(fs->cwd);
    inode_release(fs->root);
    heap_free(fs);
}

void process_free(struct process *process)
{
    fpu_free(&process->thread);
    signals_drop(process);
    if (process->files)
        files_release(process->files);
    fs_context_release(process->fs);
    signal_actions_release(process->signals.shared);
    if (process->program)
        inode_release(process->program);
    heap_free(process->program_path);
    page_release(address_pfn((void *)process->thread.stack));
    heap_free(process);
}

/* ---- clone: what is shared, and what is copied -------------------------------------------------- */

static int share_or_copy(struct process *child, struct process *parent, u32 flags)
{
    if (flags & CLONE_FILES)
        files_share(child->files = parent->files);
    else
        child->files = files_clone(parent->files);
    if (flags & CLONE_FS) {
        child->fs = parent->fs;
        child->fs->users++;
    } else {
        child->fs = fs_context_create(parent->fs->root, parent->fs->cwd, parent->fs->umask);
    }
    child->signals = (struct signals){.blocked = parent->signals.blocked};
    if (!(flags & CLONE_VM) || flags & CLONE_VFORK)
        child->signals.stack = parent->signals.stack;
    if (flags & CLONE_SIGHAND) {
        child->signals.shared = parent->signals.shared;
        child->signals.shared->users++;
    } else {
        child->signals.shared = signal_actions_create(parent->signals.shared);
    }
    if (!child->files || !child->fs || !child->signals.shared)
        return -ENOMEM;
    child->signals.action = child->signals.shared->action;
    return fpu_copy(&child->thread, &parent->thread);
}

/* What only a process of its own has. */
static int copy_process(struct process *child, const struct process *parent)
{
    const char *path = parent->leader->program_path;
    child->program_path = heap_allocate(strlen(path) + 1);
    if (!child->program_path)
        return -ENOMEM;
    copy_string(child->program_path, path, strlen(path) + 1);
    inode_hold(child->program = parent->leader->program);
    child->identity = parent->leader->identity;
    memcpy(child->limits, parent->leader->limits, sizeof child->limits);
    return 0;
}

static int copy_state(struct process *child, struct process *parent,
                      const struct clone_request *request)
{
    u32 flags = request->flags;
    int error = share_or_copy(child, parent, flags);
    if (!error && !(flags & CLONE_THREAD))
        error = copy_process(child, parent);
    copy_string(child->name, parent->name, sizeof child->name);
    child->group = parent->group;
    child->session = parent->session;
    child->nice = parent->nice;
    child->policy = parent->policy;
    child->processors = parent->processors;
    memcpy(child->thread.tls, parent->thread.tls, sizeof child->thread.tls);
    __asm__("movw %%fs, %0" : "=m"(child->thread.fs));
    __asm__("movw %%gs, %0" : "=m"(child->thread.gs));
    if (!error && flags & CLONE_SETTLS)
        error = tls_set(&child->thread, request->tls);
    if (error)
        return error;
    child->pid = new_pid();
    if (flags & CLONE_CHILD_CLEARTID)
        child->clear_child_tid = request->child_tid;
    if (flags & CLONE_VM) {
        child->space = parent->space;
        child->space->users++;
    } else {
        child->space = space_clone(parent->space);
        if (!child->space)
            return -ENOMEM;
        /* As on Linux, an address that cannot be written to is the program's loss. The child's table
         * is not in use yet, so that this does not go through the parent's. */
        if (flags & CLONE_CHILD_SETTID)
            space_write(child->space, request->child_tid, &child->pid, sizeof child->pid);
        pagetable_activate(&child->space->table);
    }
    return 0;
}

static bool flags_make_sense(const struct process *parent, u32 flags)
{
    return !(flags & ~CLONE_KNOWN) && !(flags & CLONE_SIGHAND && !(flags & CLONE_VM)) &&
           !(flags & CLONE_THREAD && !(flags & CLONE_SIGHAND)) &&
           !(flags & CLONE_PARENT && parent->leader == init_process) &&
           (flags & CLONE_SIGNAL) <= SIGNALS;
}

/* Whether the user may have one more process or thread; root may (setrlimit(2), RLIMIT_NPROC). */
static bool user_may_have_more(const struct process *leader)
{
    u32 user = leader->identity.user[0], have = 0;
    if (!user || leader->limits[LIMIT_PROCESSES].now == UNLIMITED)
        return true;
    for (const struct process *p = all_processes; p; p = p->next)
        have += p->identity.user[0] == user ? p->alive : 0;
    return have < leader->limits[LIMIT_PROCESSES].now;
}

/* ---- into the lists ------------------------------------------------------------------------------- */

static void enter_process(struct process *process, struct process *parent, u32 exit_signal)
{
    process->parent = parent;
    process->exit_signal = exit_signal;
    process->alive = 1;
    process->alarm_at = NO_DEADLINE;
    process->started = arch_clock();
    process->next = all_processes;
    all_processes = process;
    scheduler_add(process);
    count(COUNT_forks);
}

static void enter_thread(struct process *thread, struct process *leader)
{
    thread->leader = leader;
    thread->next_thread = leader->next_thread;
    leader->next_thread = thread;
    leader->alive++;
    scheduler_add(thread);
    count(COUNT_threads);
}

static void wait_for_vfork(struct process *parent, struct process *child)
{
    struct vfork_wait wait = {.parent = parent};
    child->vfork = &wait;
    while (!wait.over && !thread_doomed(parent) &&
           !(signal_pending(parent) &
             SIGNAL_BIT(SIGKILL))) /* only the child's exec or end lets it go on */
        wait_regardless(NULL);
    if (!wait.over)
        child->vfork = NULL;
}

void vfork_over(struct process *process)
{
    struct vfork_wait *wait = process->leader->vfork;
    if (!wait)
        return;
    process->leader->vfork = NULL;
    wait->over = true;
    wake_process(wait->parent);
}

int process_clone(const struct trap_frame *frame, const struct clone_request *request)
{
    struct process *parent = current_process(), *leader = parent->leader;
    u32 flags = request->flags;
    if (!flags_make_sense(parent, flags))
        return -EINVAL;
    struct trap_frame child_frame = *frame;
    child_frame.eax = 0;
    if (request->stack)
        child_frame.esp = request->stack;
    bool room = flags & CLONE_VM ? memory_for_programs() : memory_for_process();
    struct process *child = room && user_may_have_more(leader) ? allocate(&child_frame) : NULL;
    if (!child)
        return -EAGAIN;
    int error = copy_state(child, parent, request);
    if (error) {
        if (child->space)
            space_release(child->space);
        process_free(child);
        return error;
    }
    u32 pid = child->pid;
    if (flags & CLONE_CHILD_SETTID && flags & CLONE_VM &&
        copy_to_user((void *)request->child_tid, &pid, sizeof pid))
        kprintf("%s[%u]: clone: child_tid is not writable\n", parent->name, parent->pid);
    if (flags & CLONE_PARENT_SETTID && copy_to_user((void *)request->parent_tid, &pid, sizeof pid))
        kprintf("%s[%u]: clone: parent_tid is not writable\n", parent->name, parent->pid);
    if (flags & CLONE_THREAD)
        enter_thread(child, leader);
    else
        enter_process(child, flags & CLONE_PARENT ? leader->parent : leader,
                      flags & CLONE_PARENT ? leader->exit_signal : flags & CLONE_SIGNAL);
    child->counter = (parent->counter + 1) / 2; /* the two share what was left of the round */
    parent->counter /= 2;
    if (flags & CLONE_VFORK)
        wait_for_vfork(parent, child->leader);
    return (int)pid;
}

void process_start_init(void)
{
    struct trap_frame frame = {0};
    struct process *process = allocate(&frame);
    ASSERT(process);
    process->pid = new_pid();
    process->files = files_create();
    process->fs = fs_context_create(root_inode, root_inode, 022);
    process->signals.shared = signal_actions_create(NULL);
    process->program_path = heap_allocate(1);
    process->group = process->session = 1;
    limits_reset(process->limits);
    ASSERT(process->files && process->fs && process->signals.shared && process->program_path);
    process->signals.action = process->signals.shared->action;
    init_process = process;
    enter_process(process, NULL, 0);
}
