/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * signal.h - signals: numbers, sets, what a process has asked for (Linux i386 ABI)
 *
 * Lock: the kernel's, at every call. signal_deliver() and signal_wait_if_stopped() sleep, and
 * signal_deliver() may not return; nothing else sleeps. Interrupts send signals too, with the
 * lock.
 */
#ifndef GUESTOS_SIGNAL_H
#define GUESTOS_SIGNAL_H

#include "guestos/arch.h"
#include "guestos/signal/signal_queue.h"

#define SIGNALS         64
#define SIGHUP          1
#define SIGINT          2
#define SIGILL          4
#define SIGTRAP         5
#define SIGABRT         6
#define SIGBUS          7
#define SIGFPE          8
#define SIGKILL         9
#define SIGSEGV         11
#define SIGPIPE         13
#define SIGALRM         14
#define SIGTERM         15
#define SIGCHLD         17
#define SIGCONT         18
#define SIGSTOP         19
#define SIGTSTP         20
#define SIGTTIN         21
#define SIGTTOU         22
#define SIGURG          23
#define SIGXCPU         24
#define SIGXFSZ         25
#define SIGVTALRM       26
#define SIGPROF         27
#define SIGWINCH        28
#define SIGIO           29
#define SIGNAL_REALTIME 32 /* from here on every one is kept */

enum { NOTIFY_SIGNAL, NOTIFY_NONE, NOTIFY_THREAD_ID = 4 }; /* asm-generic/siginfo.h: SIGEV_* */
struct signal_event { /* struct sigevent: how somebody wants to be told */
    uint32_t value;
    int32_t signal, notify;
    uint32_t thread;
    uint32_t rest[12];
};

#define SIGNAL_BIT(n)    (1ull << ((n)-1))
#define CANNOT_BE_CAUGHT (SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP))
#define HANDLER_DEFAULT  0u
#define HANDLER_IGNORE   1u

/* rt_sigaction()'s structure */
struct signal_action {
    uint32_t handler, flags, restorer;
    uint64_t mask;
} __attribute__((packed));

#define ACTION_NO_CHILD_STOP 0x00000001u /* asm/signal.h: SA_* */
#define ACTION_NO_CHILD_WAIT 0x00000002u
#define ACTION_INFO          0x00000004u
#define ACTION_RESTORER      0x04000000u
#define ACTION_ON_STACK      0x08000000u
#define ACTION_RESTART       0x10000000u
#define ACTION_NO_DEFER      0x40000000u
#define ACTION_RESET         0x80000000u

#define STACK_ON_IT    1u /* sigaltstack() flags: SS_* */
#define STACK_DISABLED 2u

struct signal_stack {
    uint32_t address, flags, bytes;
};

/* What each signal does, in a process; shared with others by CLONE_SIGHAND. */
struct signal_actions {
    uint32_t users;
    struct signal_action action[SIGNALS];
};

/* What a thread has for itself; the actions are its process's. */
struct signals {
    struct signal_queue pending; /* sent to this thread; the process has its own */
    uint64_t blocked;
    uint64_t suspended; /* rt_sigsuspend(): the mask that comes back after the handler */
    bool is_suspended;
    uint64_t waited; /* rt_sigtimedwait(): these are wanted, even if they would be ignored */
    uint32_t fault_vector, fault_error, fault_address; /* of the last fault that became a signal */
    struct signal_stack stack;
};

struct process;
struct thread;

/* To a process: a thread that does not block it takes it. */
void signal_send(struct process *to, unsigned signal); /* from the kernel */
/*
 * What it tells and to whom: the process, or one thread of it. 0, or -EAGAIN (signal_queue_add()).
 */
int signal_send_info(struct process *to, const struct signal_info *info);
int signal_send_thread(struct thread *to, const struct signal_info *info);
/* That the current process sends it by kill() or its kind. */
struct signal_info signal_from_me(unsigned signal, enum signal_code code);
/* SIGCHLD, or what was asked for instead, to the parent of a process. */
void signal_tell_parent(struct process *process, unsigned signal, enum signal_code code,
                        uint32_t status);
/* Descriptors by which signals can be polled for: sending one is a change then. */
extern uint32_t signals_are_polled;
/* Whether a sleep should end: something pending that is not blocked, or the thread's end. */
bool signal_waiting(const struct thread *thread);
/* Pending for this thread or its process, blocked or not. */
uint64_t signal_pending(const struct thread *thread);
/* Takes one of a set that is pending, without acting on it; 0: none is. */
unsigned signal_take(struct thread *thread, uint64_t set, struct signal_info *info);
/* Stopped threads wait here until their process goes on. */
void signal_wait_if_stopped(void);

/* Actions with one user, copied or all default; NULL: no memory. */
struct signal_actions *signal_actions_create(const struct signal_actions *from);
void signal_actions_release(struct signal_actions *actions);
/* A fault of the program itself; false: there is no handler that could take it. */
bool signal_fault(const struct trap_frame *frame, unsigned signal, int32_t code, uint32_t address);

/* arch/x86/signal_frame.c: makes the program run a handler next, or leave one. 0 or -EFAULT. */
int signal_enter_handler(struct trap_frame *frame, const struct signal_info *signal,
                         const struct signal_action *action, uint64_t mask);
int signal_leave_handler(struct trap_frame *frame, bool with_info);

/* On the way back to ring 3: acts on what is pending. May not return. */
void signal_deliver(struct trap_frame *frame);
/* exec: handlers go back to default, ignored ones stay. */
void signal_reset(struct signal_actions *actions);

#endif
