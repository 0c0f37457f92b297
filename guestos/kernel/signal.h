/* SPDX-License-Identifier: GPL-2.0-only */
/* signal.h - signals: numbers, sets, what a process has asked for (Linux i386 ABI) */
#ifndef GUESTOS_SIGNAL_H
#define GUESTOS_SIGNAL_H

#include "guestos/arch.h"

#define SIGNALS  64
#define SIGHUP   1
#define SIGINT   2
#define SIGILL   4
#define SIGTRAP  5
#define SIGABRT  6
#define SIGBUS   7
#define SIGFPE   8
#define SIGKILL  9
#define SIGSEGV  11
#define SIGPIPE  13
#define SIGALRM  14
#define SIGTERM  15
#define SIGCHLD  17
#define SIGCONT  18
#define SIGSTOP  19
#define SIGTSTP  20
#define SIGTTIN  21
#define SIGTTOU  22
#define SIGURG   23
#define SIGWINCH 28

#define SIGNAL_BIT(n)   (1ull << ((n)-1))
#define HANDLER_DEFAULT 0u
#define HANDLER_IGNORE  1u

/* rt_sigaction()'s structure */
struct signal_action {
    u32 handler, flags, restorer;
    u64 mask;
} __attribute__((packed));

struct signals {
    u64 pending, blocked;
    struct signal_action action[SIGNALS];
};

struct process;

void signal_send(struct process *to, unsigned signal);
/* Whether a sleep should end: something pending that is neither blocked nor ignored. */
bool signal_waiting(const struct process *process);
/* On the way back to ring 3: acts on what is pending. May not return. */
void signal_deliver(struct trap_frame *frame);
/* exec: handlers go back to default, ignored ones stay. */
void signal_reset(struct signals *signals);

#endif
