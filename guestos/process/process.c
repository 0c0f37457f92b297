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
#include "guestos/trace/trace.h"

#define CLONE_KNOWN                                                                                \
    (CLONE_SIGNAL | CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_VFORK |              \
     CLONE_PARENT | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |            \
     CLONE_CHILD_CLEARTID | CLONE_DETACHED | CLONE_UNTRACED | CLONE_CHILD_SETTID | CLONE_IO)

struct process *init_process, *all_processes;

struct process *process_find(uint32_t pid)
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

struct thread *thread_find(uint32_t tid)
{
    for (struct process *p = all_processes; p; p = p->next)
        FOR_EACH_THREAD (t, p)
            if (t->tid == tid)
                return t;
    return NULL;
}

/* Whether a number still means something: a thread, or a group or session of which some live. */
static bool in_use(uint32_t number)
{
    for (const struct process *p = all_processes; p; p = p->next) {
        if (p->group == number || p->session == number)
            return true;
        FOR_EACH_THREAD (t, p)
            if (t->tid == number)
                return true;
    }
    return false;
}

static uint32_t new_pid(void)
{
    static uint32_t last;

    do
        last = last + 1 < PID_LIMIT ? last + 1 : 2;
    while (in_use(last));
    return last;
}

/* A record with a kernel stack, in no list yet, of this process. */
static struct thread *allocate_thread(struct process *process, const struct trap_frame *frame)
{
    struct thread *thread = heap_allocate(sizeof(*thread));
    uint32_t stack = thread ? pages_allocate(KERNEL_STACK_ORDER) : PFN_NONE;

    if (stack == PFN_NONE) {
        heap_free(thread);
        return NULL;
    }
    thread->process = process;
    thread->machine.stack = (uint32_t)page_address(stack);
    *(struct thread **)thread->machine.stack = thread;
    arch_thread_init(&thread->machine, frame);
    return thread;
}

/* The same with a process of its own, whose leader it is. */
static struct thread *allocate_process(const struct trap_frame *frame)
{
    struct process *process = heap_allocate(sizeof(*process));
    struct thread *thread = process ? allocate_thread(process, frame) : NULL;

    if (!thread) {
        heap_free(process);
        return NULL;
    }
    process->threads = thread;
    return thread;
}

static struct fs_context *fs_context_create(struct inode *root, struct inode *cwd, uint32_t umask)
{
    struct fs_context *fs = heap_allocate(sizeof(*fs));

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

void thread_free(struct thread *thread)
{
    fpu_free(&thread->machine);
    signal_queue_forget(&thread->signals.pending, ~0ull);
    if (thread->files)
        files_release(thread->files);
    fs_context_release(thread->fs);
    page_release(address_pfn((void *)thread->machine.stack));
    heap_free(thread);
}

void process_free(struct process *process)
{
    while (process->threads) {
        struct thread *thread = process->threads;

        process->threads = thread->next_thread;
        thread_free(thread);
    }
    signal_queue_forget(&process->signals_pending, ~0ull);
    signal_actions_release(process->actions);
    if (process->program)
        inode_release(process->program);
    heap_free(process->program_path);
    heap_free(process);
}

/* ---- clone: what is shared, and what is copied ----------------------------------------------- */

/* What a thread has for itself. */
static int copy_thread(struct thread *child, struct thread *parent, uint32_t flags)
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
    copy_string(child->name, parent->name, sizeof(child->name));
    child->nice = parent->nice;
    child->io_priority = parent->io_priority;
    if (!parent->reset_on_fork) {
        child->policy = parent->policy;
        child->priority = parent->priority;
    }
    child->processors = parent->processors;
    memcpy(child->machine.tls, parent->machine.tls, sizeof(child->machine.tls));
    __asm__("movw %%fs, %0" : "=m"(child->machine.fs));
    __asm__("movw %%gs, %0" : "=m"(child->machine.gs));
    if (!child->files || !child->fs)
        return -ENOMEM;
    return fpu_copy(&child->machine, &parent->machine);
}

/* What only a process of its own has, but its space. */
static int copy_process(struct process *child, const struct process *parent, uint32_t flags)
{
    child->group = parent->group;
    child->session = parent->session;
    if (flags & CLONE_SIGHAND) {
        child->actions = parent->actions;
        child->actions->users++;
    } else {
        child->actions = signal_actions_create(parent->actions);
    }
    uint32_t bytes = strlen(parent->program_path) + 1;
    child->program_path = heap_allocate(bytes);
    if (!child->actions || !child->program_path)
        return -ENOMEM;
    copy_string(child->program_path, parent->program_path, bytes);
    inode_hold(child->program = parent->program);
    child->identity = parent->identity;
    memcpy(child->limits, parent->limits, sizeof(child->limits));
    return 0;
}

static int copy_space(struct thread *child, const struct process *parent,
                      const struct clone_request *request)
{
    struct process *process = child->process;

    if (request->flags & CLONE_VM) {
        process->space = parent->space;
        process->space->users++;
        return 0;
    }
    process->space = space_clone(parent->space);
    if (!process->space)
        return -ENOMEM;
    /* As on Linux, an address that cannot be written to is the program's loss. The child's table
     * is not in use yet, so that this does not go through the parent's. */
    if (request->flags & CLONE_CHILD_SETTID)
        space_write(process->space, request->child_tid, &child->tid, sizeof(child->tid));
    pagetable_activate(&process->space->table);
    return 0;
}

static int copy_state(struct thread *child, struct thread *parent,
                      const struct clone_request *request)
{
    uint32_t flags = request->flags;
    bool is_process = !(flags & CLONE_THREAD);
    int error = copy_thread(child, parent, flags);

    if (!error && is_process)
        error = copy_process(child->process, parent->process, flags);
    if (!error && flags & CLONE_SETTLS)
        error = tls_set(&child->machine, request->tls);
    if (error)
        return error;
    child->tid = new_pid();
    if (flags & CLONE_CHILD_CLEARTID)
        child->clear_child_tid = request->child_tid;
    if (!is_process)
        return 0;
    child->process->pid = child->tid;
    return copy_space(child, parent->process, request);
}

static bool flags_make_sense(const struct process *parent, uint32_t flags)
{
    return !(flags & ~CLONE_KNOWN) && !(flags & CLONE_SIGHAND && !(flags & CLONE_VM)) &&
           !(flags & CLONE_THREAD && !(flags & CLONE_SIGHAND)) &&
           !(flags & CLONE_PARENT && parent == init_process) && (flags & CLONE_SIGNAL) <= SIGNALS;
}

/* Whether the user may have one more process or thread; root may (setrlimit(2), RLIMIT_NPROC). */
static bool user_may_have_more(const struct process *process)
{
    uint32_t user = process->identity.user[0], have = 0;

    if (!user || process->limits[LIMIT_PROCESSES].now == UNLIMITED)
        return true;
    for (const struct process *p = all_processes; p; p = p->next)
        have += p->identity.user[0] == user ? p->alive : 0;
    return have < process->limits[LIMIT_PROCESSES].now;
}

/* ---- into the lists -------------------------------------------------------------------------- */

static void enter_process(struct process *process, struct process *parent, uint32_t exit_signal)
{
    process->parent = parent;
    process->exit_signal = exit_signal;
    process->alive = 1;
    process->alarm_at = NO_DEADLINE;
    process->started = arch_clock();
    process->next = all_processes;
    all_processes = process;
    scheduler_add(process->threads);
    count(COUNT_forks);
}

/* Behind the leader. */
static void enter_thread(struct thread *thread)
{
    struct thread *leader = thread->process->threads;

    thread->next_thread = leader->next_thread;
    leader->next_thread = thread;
    thread->process->alive++;
    scheduler_add(thread);
    count(COUNT_threads);
}

static void wait_for_vfork(struct thread *parent, struct process *child,
                           const struct vfork_wait *wait)
{
    while (!wait->over && !thread_doomed(parent) &&
           !(signal_pending(parent) &
             SIGNAL_BIT(SIGKILL))) /* only the child's exec or end lets it go on */
        wait_regardless(NULL);
    if (!wait->over)
        child->vfork = NULL;
}

void vfork_over(struct process *process)
{
    struct vfork_wait *wait = process->vfork;

    if (!wait)
        return;
    process->vfork = NULL;
    wait->over = true;
    wake_thread(wait->parent);
}

/* The record of a child that could not be made. */
static void forget_child(struct thread *child, bool is_process)
{
    if (!is_process) {
        thread_free(child);
        return;
    }
    if (child->process->space)
        space_release(child->process->space);
    process_free(child->process);
}

int process_clone(const struct trap_frame *frame, const struct clone_request *request)
{
    struct thread *parent = current_thread(), *child = NULL;
    struct process *process = parent->process;
    uint32_t flags = request->flags;
    bool is_process = !(flags & CLONE_THREAD);

    if (!flags_make_sense(process, flags))
        return -EINVAL;
    struct trap_frame child_frame = *frame;
    child_frame.eax = 0;
    if (request->stack)
        child_frame.esp = request->stack;
    bool room = flags & CLONE_VM ? memory_for_programs() : memory_for_process();
    if (room && user_may_have_more(process))
        child =
            is_process ? allocate_process(&child_frame) : allocate_thread(process, &child_frame);
    if (!child)
        return -EAGAIN;
    int error = copy_state(child, parent, request);
    if (error) {
        forget_child(child, is_process);
        return error;
    }
    uint32_t tid = child->tid;
    if (flags & CLONE_CHILD_SETTID && flags & CLONE_VM &&
        copy_to_user((void *)request->child_tid, &tid, sizeof(tid)))
        kprintf("%s[%u]: clone: child_tid is not writable\n", parent->name, parent->tid);
    if (flags & CLONE_PARENT_SETTID && copy_to_user((void *)request->parent_tid, &tid, sizeof(tid)))
        kprintf("%s[%u]: clone: parent_tid is not writable\n", parent->name, parent->tid);
    if (is_process)
        enter_process(child->process, flags & CLONE_PARENT ? process->parent : process,
                      flags & CLONE_PARENT ? process->exit_signal : flags & CLONE_SIGNAL);
    else
        enter_thread(child);
    child->counter = (parent->counter + 1) / 2; /* the two share what was left of the round */
    parent->counter /= 2;
    struct process *made = child->process;
    struct vfork_wait vfork = {.parent = parent};
    if (flags & CLONE_VFORK)
        made->vfork = &vfork;
    if (parent->trace)
        trace_clone(child, flags); /* it may end meanwhile */
    if (flags & CLONE_VFORK)
        wait_for_vfork(parent, made, &vfork);
    if (flags & CLONE_VFORK && parent->trace)
        trace_event(TRACE_VFORK_DONE, tid);
    return (int)tid;
}

void process_start_init(void)
{
    struct trap_frame frame = {0};
    struct thread *thread = allocate_process(&frame);

    ASSERT(thread);
    struct process *process = thread->process;
    process->pid = thread->tid = new_pid();
    thread->files = files_create();
    thread->fs = fs_context_create(root_inode, root_inode, 022);
    process->actions = signal_actions_create(NULL);
    process->program_path = heap_allocate(1);
    process->group = process->session = 1;
    limits_reset(process->limits);
    ASSERT(thread->files && thread->fs && process->actions && process->program_path);
    init_process = process;
    enter_process(process, NULL, 0);
}
