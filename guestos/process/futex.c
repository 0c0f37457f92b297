/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * futex.c - threads that wait for a word of memory to change (futex(2))
 *
 * Locks live in program memory and enter the kernel only to wait and to wake. A word is known by
 * what it is a part of, so that processes which map it at different addresses meet: a page of a
 * file for shared mappings, otherwise the address space. With the kernel's lock held nothing can
 * come between looking at the word and getting in line. The line of a word is in the order of
 * arrival.
 *
 * Absent: priority inheritance (FUTEX_LOCK_PI and its kind), which is -ENOSYS; a C library uses
 * them only for mutexes that ask for it.
 */
#include "guestos/fs/permission.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/sys/syscall.h"
#include "guestos/process/process.h"
#include "guestos/time/time.h"
#include "guestos/sys/user.h"
#include "guestos/mm/space.h"

enum { /* linux/futex.h */
       WAIT = 0,
       WAKE = 1,
       REQUEUE = 3,
       CMP_REQUEUE = 4,
       WAKE_OP = 5,
       WAIT_BITSET = 9,
       WAKE_BITSET = 10,
       PRIVATE = 128,
       REALTIME = 256
};

#define ANY        0xffffffffu
#define LINES      64u
#define OWNER_MASK 0x3fffffffu /* of a robust lock: the thread that holds it */
#define OWNER_DIED 0x40000000u
#define HAS_WAITER 0x80000000u
#define LIST_LIMIT 2048u /* links of a robust list that are followed: it may be a ring */

struct key {
    const void *object; /* inode or space */
    uint32_t page, offset;
};

struct waiter {
    struct waiter *next;
    struct thread *thread;
    struct key key;
    uint32_t bits;
    bool woken;
};

static struct waiter *lines[LINES];

static struct waiter **line_of(const struct key *key)
{
    uint32_t h = ((uint32_t)key->object >> 4) + key->page * 31 + key->offset / 4 * 7;

    return &lines[(h ^ h >> 8 ^ h >> 16) % LINES];
}

static bool same(const struct key *a, const struct key *b)
{
    return a->object == b->object && a->page == b->page && a->offset == b->offset;
}

static int find_key(struct key *key, uint32_t address)
{
    struct space *space = current_process()->space;

    if (address & 3)
        return -EINVAL;
    const struct area *area = address < KERNEL_BASE ? space_area(space, address) : NULL;
    if (!area)
        return -EFAULT;
    *key = (struct key){
        .object = space, .page = address >> PAGE_SHIFT, .offset = address & ~PAGE_MASK};
    if (area->file && area->flags & AREA_SHARED) {
        key->object = area->file;
        key->page = area->file_page + ((address - area->start) >> PAGE_SHIFT);
    }
    return 0;
}

static void line_up(struct waiter *waiter)
{
    struct waiter **link = line_of(&waiter->key);

    while (*link)
        link = &(*link)->next;
    waiter->next = NULL;
    *link = waiter;
}

static void step_out(const struct waiter *waiter)
{
    struct waiter **link = line_of(&waiter->key);

    while (*link != waiter)
        link = &(*link)->next;
    *link = waiter->next;
}

static uint32_t wake(const struct key *key, uint32_t most, uint32_t bits)
{
    uint32_t woken = 0;

    for (struct waiter **link = line_of(key); *link && woken < most;) {
        struct waiter *waiter = *link;

        if (!same(&waiter->key, key) || !(waiter->bits & bits)) {
            link = &waiter->next;
            continue;
        }
        *link = waiter->next;
        waiter->woken = true;
        wake_thread(waiter->thread);
        woken++;
    }
    return woken;
}

void futex_wake_address(uint32_t address, uint32_t most)
{
    struct key key;

    if (!find_key(&key, address))
        wake(&key, most, ANY);
}

/* ---- the operations -------------------------------------------------------------------------- */

static int wait(uint32_t address, uint32_t expected, uint32_t bits, uint64_t deadline)
{
    struct waiter waiter = {.thread = current_thread(), .bits = bits};
    uint32_t value;
    int error = bits ? find_key(&waiter.key, address) : -EINVAL;

    if (error)
        return error;
    if (take_user(value, address))
        return -EFAULT;
    if (value != expected)
        return -EAGAIN;
    line_up(&waiter);
    while (!waiter.woken && !error)
        error = wait_in(NULL, deadline);
    if (waiter.woken)
        return 0;
    step_out(&waiter);
    return error == -EAGAIN ? -ETIMEDOUT : error;
}

/* Wakes some waiters of one word and makes others wait for another, where a lock will wake them. */
static int requeue(uint32_t from, uint32_t to, uint32_t most_woken, uint32_t most_moved)
{
    struct key old, target;
    int error = find_key(&old, from);

    error = error ? error : find_key(&target, to);
    if (error || (int32_t)most_woken < 0 || (int32_t)most_moved < 0)
        return error ? error : -EINVAL;
    uint32_t done = wake(&old, most_woken, ANY), moved = 0;
    for (struct waiter **link = line_of(&old);
         *link && moved < most_moved && !same(&old, &target);) {
        struct waiter *waiter = *link;

        if (!same(&waiter->key, &old)) {
            link = &waiter->next;
            continue;
        }
        *link = waiter->next;
        waiter->key = target;
        line_up(waiter);
        moved++;
    }
    return (int)(done + moved);
}

/*
 * Changes a second word as told, and wakes its waiters if it was as told (futex(2), FUTEX_WAKE_OP).
 */
static int wake_op(uint32_t address, uint32_t other, uint32_t most, uint32_t most_other,
                   uint32_t code)
{
    struct key key, other_key;
    uint32_t old, operand = (uint32_t)((int32_t)(code << 8) >> 20),
                  against = (uint32_t)((int32_t)(code << 20) >> 20);
    int error = find_key(&key, address);

    error = error ? error : find_key(&other_key, other);
    if (error)
        return error;
    if (take_user(old, other))
        return -EFAULT;
    if (code & 0x80000000) /* FUTEX_OP_OPARG_SHIFT */
        operand = 1u << (operand & 31);
    uint32_t target;
    switch (code >> 28 & 7) {
    case 0:
        target = operand;
        break;
    case 1:
        target = old + operand;
        break;
    case 2:
        target = old | operand;
        break;
    case 3:
        target = old & ~operand;
        break;
    case 4:
        target = old ^ operand;
        break;
    default:
        return -ENOSYS;
    }
    int32_t a = (int32_t)old, b = (int32_t)against;
    const bool holds[] = {a == b, a != b, a<b, a <= b, a> b, a >= b};
    uint32_t comparison = code >> 24 & 15;
    if (comparison >= ARRAY_LENGTH(holds))
        return -ENOSYS;
    if (give_user(other, target))
        return -EFAULT;
    uint32_t woken = wake(&key, most, ANY);
    return (int)(woken + (holds[comparison] ? wake(&other_key, most_other, ANY) : 0));
}

/* WAIT's time is an amount; WAIT_BITSET's is a moment, of the wall clock if REALTIME says so. */
static int read_deadline(uint64_t *deadline, uint32_t operation, uint32_t address, bool wide)
{
    uint64_t value;

    *deadline = NO_DEADLINE;
    if (!address)
        return 0;
    int error = time_from_user(&value, address, wide);
    if (error)
        return error;
    uint64_t now = arch_clock();
    if ((operation & ~(uint32_t)(PRIVATE | REALTIME)) == WAIT)
        *deadline = now + value;
    else if (operation & REALTIME)
        *deadline = value > time_wall() ? now + (value - time_wall()) : now;
    else
        *deadline = value;
    return 0;
}

static int do_futex(uint32_t address, uint32_t operation, uint32_t value, uint32_t time,
                    uint32_t other, uint32_t value3, bool wide)
{
    uint32_t command = operation & ~(uint32_t)(PRIVATE | REALTIME);
    struct key key;
    uint64_t deadline;
    int error;

    switch (command) {
    case WAIT:
    case WAIT_BITSET:
        error = read_deadline(&deadline, operation, time, wide);
        return error
                   ? error
                   : wait(address, value, command == WAIT ? ANY : value3, wait_deadline(deadline));
    case WAKE:
    case WAKE_BITSET:
        error = find_key(&key, address);
        if (!error && command == WAKE_BITSET && !value3)
            error = -EINVAL;
        return error ? error : (int)wake(&key, MAX(value, 1u), command == WAKE ? ANY : value3);
    case CMP_REQUEUE: {
        uint32_t now;

        if (take_user(now, address))
            return -EFAULT;
        if (now != value3)
            return -EAGAIN;
        return requeue(address, other, value, time);
    }
    case REQUEUE:
        return requeue(address, other, value, time);
    case WAKE_OP:
        return wake_op(address, other, value, time, value3);
    default:
        return -ENOSYS;
    }
}

int sys_futex(uint32_t address, uint32_t operation, uint32_t value, uint32_t time, uint32_t other,
              uint32_t value3)
{
    return do_futex(address, operation, value, time, other, value3, false);
}

int sys_futex_time64(uint32_t address, uint32_t operation, uint32_t value, uint32_t time,
                     uint32_t other, uint32_t value3)
{
    return do_futex(address, operation, value, time, other, value3, true);
}

/* ---- locks of threads that end --------------------------------------------------------------- */

struct robust_head { /* struct robust_list_head */
    uint32_t first;
    int32_t offset; /* from a link to its lock's word */
    uint32_t pending;
};

/* A lock held by a thread that ends: the next to get it is told by the mark. */
static void release_lock(const struct thread *thread, uint32_t address)
{
    uint32_t word;

    if (address & 3 || take_user(word, address) || (word & OWNER_MASK) != thread->tid)
        return;
    uint32_t marked = (word & HAS_WAITER) | OWNER_DIED;
    if (!give_user(address, marked) && word & HAS_WAITER)
        futex_wake_address(address, 1);
}

static void walk_robust_list(const struct thread *thread)
{
    struct robust_head head;

    if (take_user(head, thread->robust_list))
        return;
    uint32_t pending = head.pending & ~1u,
             link = head.first & ~1u; /* bit 0: priority inheritance */
    for (uint32_t n = 0; link && link != thread->robust_list && n < LIST_LIMIT; n++) {
        uint32_t next;
        bool broken = take_user(next, link) != 0;

        if (link != pending)
            release_lock(thread, link + (uint32_t)head.offset);
        if (broken)
            return;
        link = next & ~1u;
    }
    if (pending)
        release_lock(thread, pending + (uint32_t)head.offset);
}

void thread_ends(struct thread *thread)
{
    if (thread->robust_list)
        walk_robust_list(thread);
    if (thread->clear_child_tid &&
        (thread->process->alive > 1 || thread->process->space->users > 1)) {
        uint32_t zero = 0;

        if (!give_user(thread->clear_child_tid, zero))
            futex_wake_address(thread->clear_child_tid, 1);
    }
}

int sys_set_robust_list(uint32_t list, uint32_t bytes)
{
    if (bytes != sizeof(struct robust_head))
        return -EINVAL;
    current_thread()->robust_list = list;
    return 0;
}

int sys_get_robust_list(uint32_t tid, uint32_t list, uint32_t length)
{
    const struct thread *thread = tid ? thread_find(tid) : current_thread();
    uint32_t bytes = sizeof(struct robust_head);

    if (!thread)
        return -ESRCH;
    if (!may_look_into_real(thread->process))
        return -EPERM;
    return give_user(length, bytes) ? -EFAULT : give_user(list, thread->robust_list);
}
