/* SPDX-License-Identifier: GPL-2.0-only */
/* trace.c - standing, telling and going on; see trace.h */
#include "guestos/trace/trace.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/hooks.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"

#define TRAP_FLAG       0x100u
#define GOOD_CALL       0x80u
#define CODE_CHILD_TRAP 4 /* asm-generic/siginfo.h: CLD_TRAPPED */

/* The end of a thread, for a tracer that is not its parent. */
struct ended {
    struct ended *next;
    const struct process *tracer;
    uint32_t tid;
    int status;
};
static struct ended *ended;
static uint32_t stops;
static uint32_t traced; /* threads: wait4() looks for none while there are none */

struct trap_frame *trace_frame(struct thread *thread)
{
    return (struct trap_frame *)(thread->machine.stack + KERNEL_STACK_BYTES) - 1;
}

int trace_begin(struct thread *thread, struct process *tracer, uint32_t options)
{
    struct trace *trace = heap_allocate(sizeof(*trace));

    if (!trace)
        return -ENOMEM;
    trace->tracer = tracer;
    trace->options = options;
    thread->trace = trace;
    traced++;
    return 0;
}

static void set_step(struct thread *thread, bool step)
{
    struct trap_frame *frame = trace_frame(thread);

    frame->eflags = step ? frame->eflags | TRAP_FLAG : frame->eflags & ~TRAP_FLAG;
}

void trace_resume(struct thread *thread, uint32_t signal)
{
    struct trace *trace = thread->trace;

    trace->answer = signal;
    trace->status = 0;
    if (trace->step)
        set_step(thread, true);
    wake_all(&trace->resumed);
}

/* What of a struct trace a thread that stands still needs is taken by stand() before it sleeps. */
void trace_end(struct thread *thread, uint32_t signal)
{
    struct trace *trace = thread->trace;

    thread->trace = NULL;
    thread->trace_answer = signal;
    wake_all(&trace->resumed);
    heap_free(trace);
    traced--;
}

static void tell(const struct thread *thread, uint32_t status)
{
    struct process *tracer = thread->trace->tracer;
    const struct signal_action *action = &tracer->actions->action[SIGCHLD - 1];
    const struct signal_info info = {
        .signal = SIGCHLD,
        .code = CODE_CHILD_TRAP,
        .data = {thread->tid, thread->process->identity.user[0], status & 0x7f}};

    if (action->handler != HANDLER_IGNORE && !(action->flags & ACTION_NO_CHILD_STOP))
        signal_send_info(tracer, &info);
    wake_all(&tracer->child_ended);
}

/* Stands until it may go on, is doomed or killed; the signal to go on with, 0: none. */
static uint32_t stand(uint32_t status)
{
    struct thread *me = current_thread();

    me->trace->status = status;
    me->trace->order = ++stops;
    me->trace->told = false;
    me->trace_answer = 0;
    if (me->trace->step)
        set_step(me, false);
    tell(me, status);
    while (me->trace && me->trace->status && !thread_doomed(me) &&
           !(signal_pending(me) & SIGNAL_BIT(SIGKILL)))
        wait_regardless(&me->trace->resumed);
    if (!me->trace)
        return me->trace_answer;
    me->trace->status = 0;
    me->trace->info.signal = 0;
    return me->trace->answer;
}

void trace_call(void)
{
    struct trace *trace = current_thread()->trace;

    if (!trace->calls)
        return;
    uint32_t signal = stand(SIGTRAP | (trace->options & TRACE_GOOD_CALLS ? GOOD_CALL : 0));
    if (signal && signal <= SIGNALS) {
        const struct signal_info info = {.signal = (int32_t)signal, .code = CODE_USER};

        signal_send_thread(current_thread(), &info);
    }
}

bool trace_signal(struct signal_info *info)
{
    current_thread()->trace->info = *info;
    uint32_t signal = stand((uint32_t)info->signal);

    if (!signal || signal > SIGNALS)
        return false;
    if (signal != (uint32_t)info->signal)
        *info = (struct signal_info){.signal = (int32_t)signal, .code = CODE_USER};
    return true;
}

void trace_group_stop(unsigned signal)
{
    stand(signal);
}

static bool wants(const struct thread *thread, enum trace_event event)
{
    return thread->trace && thread->trace->options & 1u << event;
}

void trace_event(enum trace_event event, uint32_t message)
{
    const struct thread *me = current_thread();

    if (!wants(me, event))
        return;
    me->trace->message = message;
    stand(SIGTRAP | (uint32_t)event << 8);
}

void trace_exec(uint32_t old_tid)
{
    struct thread *me = current_thread();
    const struct signal_info info = {.signal = SIGTRAP, .code = CODE_USER};

    if (wants(me, TRACE_EXEC))
        trace_event(TRACE_EXEC, old_tid);
    else
        signal_send_thread(me, &info);
}

void trace_clone(struct thread *child, uint32_t flags)
{
    const struct thread *me = current_thread();
    enum trace_event event = flags & CLONE_VFORK                 ? TRACE_VFORK
                             : (flags & CLONE_SIGNAL) == SIGCHLD ? TRACE_FORK
                                                                 : TRACE_CLONE;
    const struct signal_info info = {.signal = SIGSTOP, .code = CODE_USER};

    if (!wants(me, event) || flags & CLONE_UNTRACED)
        return;
    if (!trace_begin(child, me->trace->tracer, me->trace->options))
        signal_send_thread(child, &info);
    trace_event(event, child->tid);
}

void trace_exit(int status)
{
    if (current_thread()->trace && !thread_doomed(current_thread()))
        trace_event(TRACE_EXIT, (uint32_t)status);
}

void trace_ended(struct thread *thread, bool last, int status)
{
    if (!thread->trace)
        return;
    struct process *tracer = thread->trace->tracer;
    bool leads = thread == thread->process->threads;
    /* Its parent hears of a process anyway; a leader's end is told with its process's. */
    bool silent = leads && (!last || tracer == thread->process->parent);
    struct ended *record = silent ? NULL : heap_allocate(sizeof(*record));

    if (record) {
        *record = (struct ended){ended, tracer, thread->tid, status};
        ended = record;
        tell(thread, (uint32_t)status);
    }
    if (!leads || last)
        trace_end(thread, 0);
}

/* ---- waiting --------------------------------------------------------------------------------- */

static bool is_meant(const struct process *tracer, uint32_t tid, int pid)
{
    return tracer == current_process() && (pid == -1 || tid == (uint32_t)pid);
}

/* In each round t is a thread that is traced. */
#define FOR_EACH_TRACED(t)                                                                         \
    for (struct process *p_ = traced ? all_processes : NULL; p_; p_ = p_->next)                    \
        FOR_EACH_THREAD (t, p_)                                                                    \
            if (t->trace)

bool trace_has(int pid)
{
    FOR_EACH_TRACED (t)
        if (is_meant(t->trace->tracer, t->tid, pid))
            return true;
    for (const struct ended *e = ended; e; e = e->next)
        if (is_meant(e->tracer, e->tid, pid))
            return true;
    return false;
}

int trace_wait(int pid, bool take, int *status)
{
    struct thread *first = NULL;

    FOR_EACH_TRACED (t)
        if (is_meant(t->trace->tracer, t->tid, pid) && t->trace->status && !t->trace->told &&
            (!first || (int32_t)(t->trace->order - first->trace->order) < 0))
            first = t;
    if (first) {
        first->trace->told = take;
        *status = (int)(first->trace->status << 8 | 0x7f);
        return (int)first->tid;
    }
    for (struct ended **link = &ended; *link; link = &(*link)->next) {
        struct ended *e = *link;
        int tid = (int)e->tid;

        if (!is_meant(e->tracer, e->tid, pid))
            continue;
        *status = e->status;
        if (take) {
            *link = e->next;
            heap_free(e);
        }
        return tid;
    }
    return 0;
}

/* A tracer ends: what it traced goes on, or ends too. */
static void forget_tracer(const struct process *process)
{
    FOR_EACH_TRACED (t) {
        if (t->trace->tracer != process)
            continue;
        if (t->trace->options & TRACE_EXIT_KILL)
            process_kill(t->process, SIGKILL);
        trace_end(t, 0);
    }
    for (struct ended **link = &ended; *link;) {
        struct ended *e = *link;

        if (e->tracer != process) {
            link = &e->next;
            continue;
        }
        *link = e->next;
        heap_free(e);
    }
}

HOOK(process_ends, forget_tracer);
