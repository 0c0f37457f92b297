/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lock.c - advisory locks
 *
 * One list for the whole system, as locks are few, in the order of where they begin. A lock has an
 * owner: the process's table of descriptors for fcntl, the open file for flock and for fcntl's
 * F_OFD_ requests. flock's and fcntl's do not see each other. Setting a range first cuts the
 * owner's own locks out of it, then enters the new one, joined with what it touches: an owner never
 * has two locks over one byte, nor two of a kind side by side.
 *
 * Who waits says so in a second list. A process that would wait for one that, over however many
 * steps, waits for it is refused (EDEADLK); flock's waiters may wait for ever, as on Linux.
 */
#include "guestos/fs/lock.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"

#define WHOLE 0x7fffffffffffffffll

enum { READ_LOCK, WRITE_LOCK, UNLOCK }; /* asm-generic/fcntl.h */

struct lock {
    struct lock *next;
    const struct inode *inode;
    const void *owner;
    uint32_t pid; /* 0: flock; OPEN_FILE: of an open file, by fcntl */
    int64_t start, end;
    int type;
};

#define OPEN_FILE 0xffffffffu

struct waiter {
    struct waiter *next;
    const struct lock *wanted;
};

static struct lock *locks;
static struct waiter *waiters;
static struct wait_queue changed;

static bool same_kind(const struct lock *a, const struct lock *b)
{
    return a->inode == b->inode && !a->pid == !b->pid;
}

static const struct lock *conflict(const struct lock *wanted)
{
    for (const struct lock *l = locks; l; l = l->next)
        if (same_kind(l, wanted) && l->owner != wanted->owner && l->start < wanted->end &&
            l->end > wanted->start && (l->type == WRITE_LOCK || wanted->type == WRITE_LOCK))
            return l;
    return NULL;
}

static void enter(struct lock *lock)
{
    struct lock **link = &locks;

    while (*link && (*link)->start < lock->start)
        link = &(*link)->next;
    lock->next = *link;
    *link = lock;
}

/* Takes over what the owner has of the same kind beside a lock that is in no list. */
static void join(struct lock *lock)
{
    for (struct lock **link = &locks; *link;) {
        struct lock *l = *link;

        if (!same_kind(l, lock) || l->owner != lock->owner || l->type != lock->type ||
            (l->end != lock->start && l->start != lock->end)) {
            link = &l->next;
            continue;
        }
        lock->start = MIN(lock->start, l->start);
        lock->end = MAX(lock->end, l->end);
        *link = l->next;
        heap_free(l);
    }
}

/*
 * Replaces what the owner has in this range. Both records it may need are there before it begins.
 */
static int set(const struct lock *wanted)
{
    struct lock *upper = heap_allocate(sizeof(*upper)), *middle = heap_allocate(sizeof(*middle));

    if (!upper || !middle) {
        heap_free(upper);
        heap_free(middle);
        return -ENOMEM;
    }
    for (struct lock **link = &locks; *link;) {
        struct lock *l = *link;

        if (!same_kind(l, wanted) || l->owner != wanted->owner || l->start >= wanted->end ||
            l->end <= wanted->start) {
            link = &l->next;
            continue;
        }
        if (l->start < wanted->start && l->end > wanted->end) { /* only one can contain the range */
            *upper = *l;
            upper->start = wanted->end;
            l->end = wanted->start;
            enter(upper);
            upper = NULL;
            break;
        } else if (l->start < wanted->start) {
            l->end = wanted->start;
            link = &l->next;
        } else if (l->end > wanted->end) { /* it may have to change places */
            *link = l->next;
            l->start = wanted->end;
            enter(l);
            break;
        } else {
            *link = l->next;
            heap_free(l);
        }
    }
    if (wanted->type != UNLOCK) {
        *middle = *wanted;
        join(middle);
        enter(middle);
        middle = NULL;
    }
    heap_free(upper);
    heap_free(middle);
    wake_all(&changed);
    return 0;
}

/* Whether the owner of `wanted` waits for itself if it waits. Each waiter waits for one owner. */
static bool deadlock(const struct lock *wanted)
{
    const struct lock *at = wanted, *holder;
    uint32_t steps = 0;

    for (const struct waiter *w = waiters; w; w = w->next)
        steps++;
    while (steps-- && (holder = conflict(at))) {
        const struct waiter *w = waiters;

        while (w && w->wanted->owner != holder->owner)
            w = w->next;
        if (!w)
            return false;
        at = w->wanted;
        const struct lock *next = conflict(at);
        if (next && next->owner == wanted->owner)
            return true;
    }
    return false;
}

static int acquire(const struct lock *wanted, bool wait)
{
    while (wanted->type != UNLOCK && conflict(wanted)) {
        if (!wait)
            return -EAGAIN;
        if (wanted->pid && wanted->pid != OPEN_FILE && deadlock(wanted))
            return -EDEADLK;
        struct waiter me = {.next = waiters, .wanted = wanted}, **link = &waiters;
        waiters = &me;
        int error = wait_in(&changed, NO_DEADLINE);
        while (*link != &me)
            link = &(*link)->next;
        *link = me.next;
        if (error)
            return error;
    }
    return set(wanted);
}

struct flock32 {
    uint16_t type, whence;
    int32_t start, length, pid;
};

struct flock64 {
    uint16_t type, whence;
    int64_t start, length;
    int32_t pid;
} __attribute__((packed));

/* The range in bytes from the program's terms. */
static int read_range(const struct file *file, const struct flock64 *f, struct lock *lock)
{
    int64_t base = f->whence == 1 ? file->position : f->whence == 2 ? file->inode->size : 0;

    if (f->whence > 2 || f->type > UNLOCK || f->start > WHOLE - base)
        return -EINVAL;
    int64_t start = base + f->start, length = f->length;
    if (start < 0 || (length < 0 && start + length < 0))
        return -EINVAL;
    lock->start = length < 0 ? start + length : start;
    lock->end = !length || length > WHOLE - start ? WHOLE : length < 0 ? start : start + length;
    lock->type = f->type;
    return 0;
}

int lock_request(struct file *file, uint32_t operation, uint32_t address, bool wide, bool of_file)
{
    struct flock64 f;
    struct flock32 narrow;

    if (wide ? take_user(f, address) : take_user(narrow, address))
        return -EFAULT;
    if (!wide)
        f = (struct flock64){narrow.type, narrow.whence, narrow.start, narrow.length, narrow.pid};
    struct lock wanted = {.inode = file->inode,
                          .owner = of_file ? (const void *)file : current_thread()->files,
                          .pid = of_file ? OPEN_FILE : current_process()->pid};
    if (of_file && f.pid)
        return -EINVAL;
    int error = read_range(file, &f, &wanted);
    if (error)
        return error;
    if (operation != LOCK_ASK) {
        if ((f.type == READ_LOCK && !file_readable(file)) ||
            (f.type == WRITE_LOCK && !file_writable(file)))
            return -EBADF;
        return acquire(&wanted, operation == LOCK_WAIT);
    }
    const struct lock *other = conflict(&wanted);
    f.type = UNLOCK;
    if (other) {
        f = (struct flock64){(uint16_t)other->type, 0, other->start,
                             other->end == WHOLE ? 0 : other->end - other->start,
                             (int32_t)other->pid};
    }
    if (wide)
        return give_user(address, f);
    narrow = (struct flock32){f.type, f.whence, (int32_t)f.start, (int32_t)f.length, f.pid};
    return give_user(address, narrow);
}

int lock_file(struct file *file, uint32_t operation)
{
    enum { SHARED = 1, EXCLUSIVE = 2, NO_WAIT = 4, RELEASE = 8 }; /* asm-generic/fcntl.h */
    uint32_t kind = operation & ~(uint32_t)NO_WAIT;

    if (kind != SHARED && kind != EXCLUSIVE && kind != RELEASE)
        return -EINVAL;
    struct lock wanted = {.inode = file->inode,
                          .owner = file,
                          .end = WHOLE,
                          .type = kind == SHARED      ? READ_LOCK
                                  : kind == EXCLUSIVE ? WRITE_LOCK
                                                      : UNLOCK};
    return acquire(&wanted, !(operation & NO_WAIT));
}

static void drop(const struct inode *inode, const void *owner)
{
    for (struct lock **link = &locks; *link;) {
        struct lock *l = *link;

        if (l->owner != owner || l->inode != inode) {
            link = &l->next;
            continue;
        }
        *link = l->next;
        heap_free(l);
        wake_all(&changed);
    }
}

void locks_drop_process(const struct inode *inode, const void *owner)
{
    drop(inode, owner);
}

void locks_drop_file(const struct file *file)
{
    drop(file->inode, file);
}
