/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * signal_queue.h - signals that wait to be taken, and what is told with them
 *
 * A signal below 32 waits once, however often it is sent, and what the first sender said stays; of
 * those from 32 on every one is kept, in order (signal(7)).
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_SIGNAL_QUEUE_H
#define GUESTOS_SIGNAL_QUEUE_H

#include "guestos/kernel/types.h"

/*
 * The beginning of struct siginfo; the rest of its 128 bytes is zero. What data means:
 * signal_info_kind().
 */
struct signal_info {
    int32_t signal, error, code;
    uint32_t data[5];
};

enum signal_code {                /* asm-generic/siginfo.h: si_code */
                   CODE_USER = 0, /* kill() */
                   CODE_KERNEL = 0x80,
                   CODE_QUEUE = -1, /* sigqueue() */
                   CODE_TIMER = -2,
                   CODE_MESSAGE = -3, /* in a queue of messages */
                   CODE_THREAD = -6,  /* tkill(), tgkill() */
                   CODE_CHILD_EXITED = 1,
                   CODE_CHILD_KILLED = 2,
                   CODE_CHILD_STOPPED = 5,
                   CODE_CHILD_CONTINUED = 6,
};

enum signal_info_kind {
    INFO_SENDER, /* pid, uid, value */
    INFO_TIMER,  /* number, overrun, value */
    INFO_CHILD,  /* pid, uid, status, user time, system time */
    INFO_FAULT,  /* address */
};
enum signal_info_kind signal_info_kind(const struct signal_info *info);

struct signal_queue {
    uint64_t set;
    struct signal_record *first; /* of some of the set; who has none is told of no sender */
};

/* 0, or -EAGAIN: no room for what must not be lost (from 32 on). */
int signal_queue_add(struct signal_queue *queue, const struct signal_info *info);
void signal_queue_take(struct signal_queue *queue, unsigned signal, struct signal_info *info);
void signal_queue_forget(struct signal_queue *queue, uint64_t set);
/* Whether a timer's signal waits. */
bool signal_queue_has_timer(const struct signal_queue *queue, unsigned signal, uint32_t timer);

#endif
