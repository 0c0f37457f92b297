/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * signal.c - sending signals and acting on them (signal(7))
 *
 * A signal that nobody would notice is dropped when it is sent. Otherwise it is pending until its process
 * is about to return to ring 3, where the lowest unblocked one is acted on: a handler is called, the
 * process stops, or it ends. A system call that the signal interrupted has returned EINTR; it is made again
 * where Linux would: always if no handler runs, and if the handler was installed with SA_RESTART.
 */
#include "guestos/kernel/counters.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/kernel/process.h"

#define IGNORED_BY_DEFAULT                                                                         \
    (SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGCONT) | SIGNAL_BIT(SIGURG) | SIGNAL_BIT(SIGWINCH))
#define STOPS_BY_DEFAULT                                                                           \
    (SIGNAL_BIT(SIGSTOP) | SIGNAL_BIT(SIGTSTP) | SIGNAL_BIT(SIGTTIN) | SIGNAL_BIT(SIGTTOU))
#define CANNOT_BE_CAUGHT (SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP))

static bool ignored(const struct signals *signals, unsigned signal)
{
    u32 handler = signals->action[signal - 1].handler;
    return handler == HANDLER_IGNORE ||
           (handler == HANDLER_DEFAULT && IGNORED_BY_DEFAULT & SIGNAL_BIT(signal));
}

static u64 deliverable(const struct signals *signals)
{
    return signals->pending & ~(signals->blocked & ~CANNOT_BE_CAUGHT);
}

void signal_send(struct process *to, unsigned signal)
{
    count(COUNT_signals);
    if (signal == SIGCONT && to->stopped) {
        to->stopped = 0;
        to->continued = true;
        wake_process(to);
        wake_all(&to->parent->child_ended);
    }
    if (signal == SIGCONT)
        to->signals.pending &= ~STOPS_BY_DEFAULT;
    if (to->state == PROCESS_ZOMBIE || ignored(&to->signals, signal))
        return;
    to->signals.pending |= SIGNAL_BIT(signal);
    if (deliverable(&to->signals) && (!to->stopped || signal == SIGKILL))
        wake_process(to);
}

bool signal_waiting(const struct process *process)
{
    return deliverable(&process->signals) != 0;
}

void signal_reset(struct signals *signals)
{
    for (unsigned i = 0; i < SIGNALS; i++)
        if (signals->action[i].handler != HANDLER_IGNORE)
            signals->action[i] = (struct signal_action){0};
}

bool signal_fault(unsigned signal, u32 address)
{
    struct signals *signals = &current_process()->signals;
    if (signals->action[signal - 1].handler <= HANDLER_IGNORE ||
        signals->blocked & SIGNAL_BIT(signal))
        return false;
    signals->fault_address = address;
    signals->pending |= SIGNAL_BIT(signal);
    return true;
}

/* System calls that a handler always interrupts, SA_RESTART or not (signal(7)). */
static bool never_restarted(u32 number)
{
    static const u16 numbers[] = {29, 142, 162, 168, 179, 267, 308, 309, 407, 413, 414};
    for (u32 i = 0; i < ARRAY_LENGTH(numbers); i++)
        if (numbers[i] == number)
            return true;
    return false;
}

/* `handler`: the action whose handler runs, NULL if none does. */
static void restart(struct trap_frame *frame, const struct signal_action *handler)
{
    if (frame->vector != VECTOR_SYSTEM_CALL || frame->error == ~0u || frame->eax != (u32)-EINTR)
        return;
    if (handler && (never_restarted(frame->error) || !(handler->flags & ACTION_RESTART)))
        return;
    frame->eip -= 2; /* int $0x80 */
    frame->eax = frame->error;
    frame->error = ~0u;
}

static void stop(struct process *me, unsigned signal)
{
    me->stopped = signal;
    me->stop_reported = false;
    if (!(me->parent->signals.action[SIGCHLD - 1].flags & ACTION_NO_CHILD_STOP))
        signal_send(me->parent, SIGCHLD);
    wake_all(&me->parent->child_ended);
    while (me->stopped && !(me->signals.pending & SIGNAL_BIT(SIGKILL)))
        wait_regardless(NULL);
    me->stopped = 0;
}

static void run_handler(struct trap_frame *frame, struct process *me, unsigned signal)
{
    struct signals *signals = &me->signals;
    struct signal_action *kept = &signals->action[signal - 1], action = *kept;
    u64 mask = signals->is_suspended ? signals->suspended : signals->blocked;
    signals->is_suspended = false;
    restart(frame, &action);
    if (signal_enter_handler(frame, signal, &action, mask)) {
        kprintf("%s[%u]: killed: no stack for signal %u\n", me->name, me->pid, signal);
        process_exit(SIGSEGV);
    }
    signals->blocked |= action.mask | (action.flags & ACTION_NO_DEFER ? 0 : SIGNAL_BIT(signal));
    if (action.flags & ACTION_RESET)
        kept->handler = HANDLER_DEFAULT;
}

void signal_deliver(struct trap_frame *frame)
{
    struct process *me = current_process();
    u64 ready = deliverable(&me->signals);
    if (!ready)
        return;
    unsigned signal = (u32)ready ? (unsigned)__builtin_ctz((u32)ready) + 1
                                 : (unsigned)__builtin_ctz((u32)(ready >> 32)) + 33;
    me->signals.pending &= ~SIGNAL_BIT(signal);
    if (ignored(&me->signals, signal))
        restart(frame, NULL);
    else if (me->signals.action[signal - 1].handler != HANDLER_DEFAULT)
        run_handler(frame, me, signal);
    else if (STOPS_BY_DEFAULT & SIGNAL_BIT(signal)) {
        stop(me, signal);
        restart(frame, NULL);
    } else {
        process_exit((int)signal);
    }
}
