/* SPDX-License-Identifier: GPL-2.0-only */
/* async.c - see async.h */
#include "guestos/signal/async.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/sys/poll.h"
#include "guestos/process/process.h"
#include "guestos/signal/signal.h"
#include "guestos/mm/heap.h"

struct async {
    struct async *next;
    struct file *file; /* not held: async_forget() */
    struct async_owner owner;
    uint32_t user[2]; /* real and effective, of who set the owner: what it may signal */
    uint32_t signal, descriptor, ready;
};

static struct async *records;

static struct async *find(const struct file *file)
{
    struct async *async = records;

    while (async && async->file != file)
        async = async->next;
    return async;
}

static struct async *find_or_make(struct file *file, uint32_t descriptor)
{
    struct async *async = find(file);

    if (async || !(async = heap_allocate(sizeof(*async))))
        return async;
    *async = (struct async){.next = records, .file = file, .descriptor = descriptor};
    return records = async;
}

void async_forget(const struct file *file)
{
    struct async **link = &records, *async;

    while (*link && (*link)->file != file)
        link = &(*link)->next;
    async = *link;
    if (async) {
        *link = async->next;
        heap_free(async);
    }
}

/* ---- what is asked for ----------------------------------------------------------------------- */

/* Files without a type (event/, ipc/mqueue.c) have names, and no signals. */
bool async_possible(const struct file *file)
{
    return file->ops->poll && !file->ops->name;
}

int async_switch(struct file *file, uint32_t descriptor, bool on)
{
    if (!async_possible(file))
        return -ENOTTY;
    struct async *async = find_or_make(file, descriptor);
    if (!async)
        return -ENOMEM;
    async->descriptor = descriptor;
    async->ready = poll_ready(file);
    file->flags = on ? file->flags | OPEN_ASYNC : file->flags & ~OPEN_ASYNC;
    return 0;
}

static bool exists(struct async_owner owner)
{
    if (owner.kind == ASYNC_THREAD)
        return thread_find((uint32_t)owner.id);
    if (owner.kind == ASYNC_PROCESS)
        return process_find((uint32_t)owner.id);
    const struct process *p = all_processes;
    while (p && p->group != (uint32_t)owner.id)
        p = p->next;
    return p;
}

int async_set_owner(struct file *file, uint32_t descriptor, struct async_owner owner)
{
    const struct identity *me = &current_process()->identity;

    if (owner.kind > ASYNC_GROUP || owner.id < 0)
        return -EINVAL;
    if (owner.id && !exists(owner))
        return -ESRCH;
    struct async *async = find_or_make(file, descriptor);
    if (!async)
        return -ENOMEM;
    async->owner = owner;
    async->user[0] = me->user[0];
    async->user[1] = me->user[1];
    return 0;
}

struct async_owner async_owner(const struct file *file)
{
    const struct async *async = find(file);

    return async ? async->owner : (struct async_owner){.kind = ASYNC_PROCESS};
}

int async_set_owner_number(struct file *file, uint32_t descriptor, int32_t number)
{
    bool group = number < 0;

    if ((uint32_t)number == 0x80000000u) /* it has no opposite */
        return -EINVAL;
    return async_set_owner(file, descriptor,
                           (struct async_owner){.kind = group ? ASYNC_GROUP : ASYNC_PROCESS,
                                                .id = group ? -number : number});
}

int32_t async_owner_number(const struct file *file)
{
    struct async_owner owner = async_owner(file);

    return owner.kind == ASYNC_GROUP ? -owner.id : owner.id;
}

int async_set_signal(struct file *file, uint32_t descriptor, uint32_t signal)
{
    if (signal > SIGNALS)
        return -EINVAL;
    struct async *async = find_or_make(file, descriptor);
    if (!async)
        return -ENOMEM;
    async->signal = signal;
    return 0;
}

uint32_t async_signal(const struct file *file)
{
    const struct async *async = find(file);

    return async ? async->signal : 0;
}

/* ---- the signal ------------------------------------------------------------------------------ */

static bool may_tell(const struct async *async, const struct process *to)
{
    const struct identity *it = &to->identity;

    for (int i = 0; i < 2; i++)
        if (async->user[i] == it->user[0] || async->user[i] == it->user[2])
            return true;
    return !async->user[1];
}

/* asm-generic/siginfo.h: POLL_*, with the band and the descriptor. */
static struct signal_info info_of(const struct async *async, uint32_t ready)
{
    enum { IN = 1, OUT = 2, FAILED = 4, HUNG_UP = 6 };

    if (!async->signal)
        return (struct signal_info){.signal = SIGIO, .code = CODE_KERNEL};
    return (struct signal_info){.signal = (int32_t)async->signal,
                                .code = ready & POLLIN    ? IN
                                        : ready & POLLERR ? FAILED
                                        : ready & POLLHUP ? HUNG_UP
                                                          : OUT,
                                .data = {ready, async->descriptor}};
}

/*
 * To a process, or with `thread` to one thread of it. A queue of signals that is full is told by
 * SIGIO, which always has room.
 */
static void tell(const struct async *async, struct process *to, struct thread *thread,
                 const struct signal_info *info)
{
    if (!may_tell(async, to))
        return;
    int error = thread ? signal_send_thread(thread, info) : signal_send_info(to, info);
    if (error)
        signal_send(to, SIGIO);
}

static void tell_owner(const struct async *async, uint32_t ready)
{
    const struct signal_info info = info_of(async, ready);
    uint32_t id = (uint32_t)async->owner.id;

    if (!id)
        return;
    if (async->owner.kind == ASYNC_GROUP) {
        for (struct process *p = all_processes; p; p = p->next)
            if (p->group == id)
                tell(async, p, NULL, &info);
        return;
    }
    struct thread *thread = async->owner.kind == ASYNC_THREAD ? thread_find(id) : NULL;
    struct process *to = thread                               ? thread->process
                         : async->owner.kind == ASYNC_PROCESS ? process_find(id)
                                                              : NULL;
    if (to)
        tell(async, to, thread, &info);
}

/* Terminals do not count their changes: poll_changed() is told NULL, which may be any file. */
static bool concerns(struct file *file, const uint32_t *changes)
{
    return !changes || (file->ops->changes && file->ops->changes(file) == changes);
}

void async_changed(const uint32_t *changes)
{
    /* A signal is itself a change, for who polls signals: of no file that sends any. */
    static bool telling;

    if (telling)
        return;
    telling = true;
    for (struct async *async = records; async; async = async->next) {
        if (!(async->file->flags & OPEN_ASYNC) || !concerns(async->file, changes))
            continue;
        uint32_t ready = poll_ready(async->file), before = async->ready;
        async->ready = ready;
        if (ready & (POLLIN | POLLERR | POLLHUP) || ready & ~before & POLLOUT)
            tell_owner(async, ready);
    }
    telling = false;
}
