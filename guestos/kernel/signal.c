/* SPDX-License-Identifier: GPL-2.0-only */
/* signal.c - sending signals and acting on them by their defaults (signal(7)) */
#include "guestos/kernel/counters.h"
#include "guestos/kernel/lib.h"
#include "guestos/kernel/process.h"

#define IGNORED_BY_DEFAULT                                                                         \
    (SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGCONT) | SIGNAL_BIT(SIGURG) | SIGNAL_BIT(SIGWINCH))
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
    if (to->state == PROCESS_ZOMBIE || ignored(&to->signals, signal))
        return;
    to->signals.pending |= SIGNAL_BIT(signal);
    if (deliverable(&to->signals))
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

void signal_deliver(struct trap_frame *frame)
{
    struct process *me = current_process();
    u64 ready = deliverable(&me->signals);
    while (ready) {
        unsigned signal = (u32)ready ? (unsigned)__builtin_ctz((u32)ready) + 1
                                     : (unsigned)__builtin_ctz((u32)(ready >> 32)) + 33;
        me->signals.pending &= ~SIGNAL_BIT(signal);
        ready = deliverable(&me->signals);
        u32 handler = me->signals.action[signal - 1].handler;
        if (ignored(&me->signals, signal))
            continue;
        if (handler > HANDLER_IGNORE)
            kprintf(
                "%s[%u]: signal %u has a handler at %x, which this kernel cannot call (eip %x)\n",
                me->name, me->pid, signal, handler, frame->eip);
        process_exit((int)signal);
    }
}
