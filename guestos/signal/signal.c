/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * signal.c - sending signals and acting on them (signal(7))
 *
 * A signal that nobody would notice is dropped when it is sent. Otherwise it is pending, for a
 * thread or for a process of which any thread may take it, until a thread that does not block it is
 * about to return to ring 3, where the lowest one is acted on: a handler is called, the process
 * stops, or it ends. A system call that the signal interrupted has returned EINTR; it is made again
 * where Linux would: always if no handler runs, and if the handler was installed with SA_RESTART.
 *
 * Stopping: the thread that takes the signal marks the process; all threads stop when they next
 * would return to ring 3. Those that sleep in the kernel need not be told.
 */
#include "guestos/kernel/counters.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/sys/poll.h"
#include "guestos/process/process.h"
#include "guestos/mm/heap.h"
#include "guestos/trace/trace.h"

#define IGNORED_BY_DEFAULT                                                                         \
    (SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGCONT) | SIGNAL_BIT(SIGURG) | SIGNAL_BIT(SIGWINCH))
#define STOPS_BY_DEFAULT                                                                           \
    (SIGNAL_BIT(SIGSTOP) | SIGNAL_BIT(SIGTSTP) | SIGNAL_BIT(SIGTTIN) | SIGNAL_BIT(SIGTTOU))

uint32_t signals_are_polled;

struct signal_actions *signal_actions_create(const struct signal_actions *from)
{
    struct signal_actions *actions = heap_allocate(sizeof(*actions));

    if (!actions)
        return NULL;
    if (from)
        *actions = *from;
    actions->users = 1;
    return actions;
}

void signal_actions_release(struct signal_actions *actions)
{
    if (actions && !--actions->users)
        heap_free(actions);
}

/*
 * Init gets no signal that it has not asked for, not even SIGKILL: the machine would end with it
 * (kill(2)).
 */
static bool ignored(const struct process *p, unsigned signal)
{
    uint32_t handler = p->actions->action[signal - 1].handler;

    return handler == HANDLER_IGNORE ||
           (handler == HANDLER_DEFAULT &&
            (p == init_process || IGNORED_BY_DEFAULT & SIGNAL_BIT(signal)));
}

static uint64_t blocked(const struct thread *thread)
{
    return thread->signals.blocked & ~CANNOT_BE_CAUGHT;
}

uint64_t signal_pending(const struct thread *thread)
{
    return thread->signals.pending.set | thread->process->signals_pending.set;
}

static uint64_t deliverable(const struct thread *thread)
{
    return signal_pending(thread) & ~blocked(thread);
}

/* What the program's own instructions caused comes before what others sent. */
#define CAUSED_BY_FAULTS                                                                           \
    (SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGBUS) | SIGNAL_BIT(SIGILL) | SIGNAL_BIT(SIGTRAP) |         \
     SIGNAL_BIT(SIGFPE))

unsigned signal_take(struct thread *thread, uint64_t set, struct signal_info *info)
{
    struct signal_queue *from = &thread->signals.pending;

    if (!(from->set & set))
        from = &thread->process->signals_pending;
    uint64_t ready = from->set & set;
    if (!ready)
        return 0;
    if (ready & CAUSED_BY_FAULTS)
        ready &= CAUSED_BY_FAULTS;
    unsigned signal = (uint32_t)ready ? (unsigned)__builtin_ctz((uint32_t)ready) + 1
                                      : (unsigned)__builtin_ctz((uint32_t)(ready >> 32)) + 33;
    signal_queue_take(from, signal, info);
    return signal;
}

/* ---- sending --------------------------------------------------------------------------------- */

static void forget(struct process *process, uint64_t set)
{
    signal_queue_forget(&process->signals_pending, set);
    FOR_EACH_THREAD (t, process)
        signal_queue_forget(&t->signals.pending, set);
}

static void tell_of_stop(struct process *process, enum signal_code code, uint32_t status)
{
    struct process *parent = process->parent;

    if (!parent)
        return;
    if (!(parent->actions->action[SIGCHLD - 1].flags & ACTION_NO_CHILD_STOP))
        signal_tell_parent(process, SIGCHLD, code, status);
    wake_all(&parent->child_ended);
}

static void go_on(struct process *process)
{
    if (!process->stopped)
        return;
    process->stopped = 0;
    process->continued = true;
    wake_all(&process->resumed);
    tell_of_stop(process, CODE_CHILD_CONTINUED, SIGCONT);
}

/* One that does not block it; the leader if it can. NULL: all block it. */
static struct thread *taker(struct process *process, unsigned signal)
{
    FOR_EACH_THREAD (t, process)
        if (t->state != THREAD_ZOMBIE && !(blocked(t) & SIGNAL_BIT(signal)))
            return t;
    return NULL;
}

static bool waited(struct process *process, unsigned signal)
{
    FOR_EACH_THREAD (t, process)
        if (t->signals.waited & SIGNAL_BIT(signal))
            return true;
    return false;
}

/* `thread` NULL: to the process. */
static int send(struct process *process, struct thread *thread, const struct signal_info *info)
{
    unsigned signal = (unsigned)info->signal;

    count(COUNT_signals);
    if (process_ended(process) || (thread && thread->state == THREAD_ZOMBIE))
        return 0;
    if (signal == SIGCONT) {
        go_on(process);
        forget(process, STOPS_BY_DEFAULT);
    } else if (STOPS_BY_DEFAULT & SIGNAL_BIT(signal)) {
        forget(process, SIGNAL_BIT(SIGCONT));
    }
    /* A blocked signal stays even if it is ignored: somebody may wait for it (sigwait). */
    const struct thread *any = thread ? thread : process->threads;
    if (ignored(process, signal) && !(blocked(any) & SIGNAL_BIT(signal)) &&
        !waited(process, signal) && !any->trace)
        return 0;
    int error =
        signal_queue_add(thread ? &thread->signals.pending : &process->signals_pending, info);
    if (error)
        return error;
    if (signals_are_polled)
        poll_changed(NULL);
    if (!thread)
        thread = taker(process, signal);
    else if (blocked(thread) & SIGNAL_BIT(signal))
        thread = NULL;
    if (thread && (!process->stopped || signal == SIGKILL))
        scheduler_interrupt(thread);
    return 0;
}

void signal_send(struct process *to, unsigned signal)
{
    const struct signal_info info = {.signal = (int32_t)signal, .code = CODE_KERNEL};

    send(to, NULL, &info);
}

int signal_send_info(struct process *to, const struct signal_info *info)
{
    return send(to, NULL, info);
}

int signal_send_thread(struct thread *to, const struct signal_info *info)
{
    return send(to->process, to, info);
}

struct signal_info signal_from_me(unsigned signal, enum signal_code code)
{
    return (struct signal_info){
        .signal = (int32_t)signal,
        .code = code,
        .data = {current_process()->pid, current_process()->identity.user[0]}};
}

void signal_tell_parent(struct process *process, unsigned signal, enum signal_code code,
                        uint32_t status)
{
    const struct signal_info info = {.signal = (int32_t)signal,
                                     .code = code,
                                     .data = {process->pid, 0, status, (uint32_t)process->all_user,
                                              (uint32_t)process->all_kernel}};

    send(process->parent, NULL, &info);
}

bool signal_waiting(const struct thread *thread)
{
    return deliverable(thread) || thread_doomed(thread);
}

void signal_reset(struct signal_actions *actions)
{
    for (unsigned i = 0; i < SIGNALS; i++)
        if (actions->action[i].handler != HANDLER_IGNORE)
            actions->action[i] = (struct signal_action){0};
}

bool signal_fault(const struct trap_frame *frame, unsigned signal, int32_t code, uint32_t address)
{
    const struct signal_info info = {.signal = (int32_t)signal, .code = code, .data = {address}};
    struct signals *signals = &current_thread()->signals;

    struct signal_action *action = &current_process()->actions->action[signal - 1];
    bool cannot = action->handler == HANDLER_IGNORE || signals->blocked & SIGNAL_BIT(signal);
    if (current_thread()->trace) { /* its tracer hears of it first */
        signals->blocked &= ~SIGNAL_BIT(signal);
        action->handler = cannot ? HANDLER_DEFAULT : action->handler;
    } else if (cannot || action->handler == HANDLER_DEFAULT) {
        return false;
    }
    signals->fault_vector = frame->vector;
    signals->fault_error = frame->error;
    if (frame->vector == VECTOR_PAGE_FAULT)
        signals->fault_address = address;
    signal_queue_forget(&signals->pending,
                        SIGNAL_BIT(signal)); /* what caused it is what it tells */
    signal_queue_add(&signals->pending, &info);
    return true;
}

/* ---- acting ---------------------------------------------------------------------------------- */

/* System calls that a handler always interrupts, SA_RESTART or not (signal(7)). */
static bool never_restarted(const struct trap_frame *frame)
{
    static const uint16_t numbers[] = {29,  72,  117, 142, 162, 168, 177, 179, 256, 267, 308,
                                       309, 319, 400, 401, 407, 413, 414, 420, 421, 441};

    for (uint32_t i = 0; i < ARRAY_LENGTH(numbers); i++)
        if (numbers[i] == frame->error)
            return true;
    return (frame->error == 240 || frame->error == 422) && frame->esi; /* futex with a timeout */
}

/* `handler`: the action whose handler runs, NULL if none does. */
static void restart(struct trap_frame *frame, const struct signal_action *handler)
{
    if (frame->vector != VECTOR_SYSTEM_CALL || frame->error == ~0u ||
        frame->eax != (uint32_t)-EINTR)
        return;
    if (handler && (never_restarted(frame) || !(handler->flags & ACTION_RESTART)))
        return;
    current_thread()->restarting = !handler;
    frame->eip -= 2; /* int $0x80 */
    frame->eax = frame->error;
    frame->error = ~0u;
}

void signal_wait_if_stopped(void)
{
    const struct thread *me = current_thread();
    struct process *process = me->process;

    while (process->stopped && !thread_doomed(me) && !(signal_pending(me) & SIGNAL_BIT(SIGKILL)))
        wait_regardless(&process->resumed);
}

static void stop(struct thread *me, unsigned signal)
{
    struct process *process = me->process;

    process->stopped = signal;
    process->stop_reported = false;
    FOR_EACH_THREAD (t, process)
        if (t != me && t->state == THREAD_RUNNABLE)
            scheduler_interrupt(t);
    tell_of_stop(process, CODE_CHILD_STOPPED, signal);
    signal_wait_if_stopped();
}

static void run_handler(struct trap_frame *frame, struct thread *me, const struct signal_info *info)
{
    unsigned signal = (unsigned)info->signal;
    struct signals *signals = &me->signals;
    struct signal_action *kept = &me->process->actions->action[signal - 1], action = *kept;
    uint64_t mask = signals->is_suspended ? signals->suspended : signals->blocked;

    signals->is_suspended = false;
    restart(frame, &action);
    if (signal_enter_handler(frame, info, &action, mask)) {
        kprintf("%s[%u]: killed: no stack for signal %u\n", me->name, me->tid, signal);
        process_exit(SIGSEGV);
    }
    signals->blocked |= action.mask | (action.flags & ACTION_NO_DEFER ? 0 : SIGNAL_BIT(signal));
    if (action.flags & ACTION_RESET)
        kept->handler = HANDLER_DEFAULT;
}

void signal_deliver(struct trap_frame *frame)
{
    struct thread *me = current_thread();

    if (thread_doomed(me))
        thread_exit(0);
    struct signal_info info;
    unsigned signal = signal_take(me, ~blocked(me), &info);
    if (!signal)
        return;
    if (me->trace && signal != SIGKILL) {
        bool dropped = !trace_signal(&info);

        if (dropped || thread_doomed(me)) {
            restart(frame, NULL);
            return;
        }
        signal = (unsigned)info.signal;
    }
    if (ignored(me->process, signal))
        restart(frame, NULL);
    else if (me->process->actions->action[signal - 1].handler != HANDLER_DEFAULT)
        run_handler(frame, me, &info);
    else if (STOPS_BY_DEFAULT & SIGNAL_BIT(signal)) {
        if (me->trace)
            trace_group_stop(signal);
        else
            stop(me, signal);
        restart(frame, NULL);
    } else {
        process_exit((int)signal);
    }
}
