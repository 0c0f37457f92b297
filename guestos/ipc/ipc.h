/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ipc.h - what System V's shared memory, semaphores and messages have in common (sysvipc(7))
 *
 * An object has a key, by which processes that know each other find it, and a number, by which it
 * is used. The number is a place in its kind's table and how often that place had been used before,
 * so that numbers of objects that are gone do not mean others. Objects stay until they are removed.
 *
 * Lock: the kernel's, at every call. ipc_wait() and semaphore_operate() sleep. After a sleep the
 * object may be gone: the waiter looks at its own record alone.
 */
#ifndef GUESTOS_IPC_H
#define GUESTOS_IPC_H

#include "guestos/arch.h"
#include "guestos/process/process.h"

#define IPC_PLACES 128 /* objects of each kind */

#define IPC_CREATE    01000u /* linux/ipc.h */
#define IPC_EXCLUSIVE 02000u
#define IPC_NO_WAIT   04000u
#define IPC_RIGHTS    0777u
#define IPC_64        0x100u /* in commands through ipc(): structures of today */

enum { /* commands of all kinds */
       IPC_REMOVE,
       IPC_SET,
       IPC_STAT,
       IPC_INFO
};

#define IPC_READ  0444u
#define IPC_WRITE 0222u

struct ipc_object {
    uint32_t key, id; /* key 0: none */
    uint32_t uid, gid, creator_uid, creator_gid, mode;
    uint64_t changed; /* nanoseconds since 1970 */
};

struct ipc_table {
    struct ipc_object *object[IPC_PLACES];
    uint32_t generation[IPC_PLACES], used;
};

/* By key; NULL: there is none, or it is to be a new one. ERR_PTR(-ENOENT, -EEXIST, -EACCES). */
struct ipc_object *ipc_by_key(const struct ipc_table *table, uint32_t key, uint32_t flags);
/* Enters a new object, whose creator is the current process: its number, or -ENOSPC. */
int ipc_enter(struct ipc_table *table, struct ipc_object *object, uint32_t key, uint32_t flags);
/* By number: ERR_PTR(-EINVAL, -EIDRM). */
struct ipc_object *ipc_by_id(const struct ipc_table *table, uint32_t id);
/* The same, and the current process may do this (IPC_READ, IPC_WRITE): or -EACCES. */
struct ipc_object *ipc_allowed(const struct ipc_table *table, uint32_t id, uint32_t wanted);
int ipc_allow(const struct ipc_object *object, uint32_t wanted);
void ipc_leave(struct ipc_table *table, struct ipc_object *object);

/* struct ipc64_perm */
struct ipc_rights {
    uint32_t key, uid, gid, creator_uid, creator_gid, mode;
    uint16_t generation, pad;
    uint32_t unused[2];
};
struct ipc_rights ipc_rights(const struct ipc_object *object);
/* IPC_SET's part: owner and mode. 0 or -EPERM. */
int ipc_set_rights(struct ipc_object *object, const struct ipc_rights *rights);
/*
 * Whether the current process owns it, made it or is privileged: may set and remove. 0 or -EPERM.
 */
int ipc_owned(const struct ipc_object *object);
/* For *_INFO: the highest place in use. */
int ipc_highest(const struct ipc_table *table);
/* For *_STAT by place: the object, or ERR_PTR(-EINVAL). */
struct ipc_object *ipc_by_place(const struct ipc_table *table, uint32_t place);
/* Seconds since 1970 in two words, of which programs of 32 bits know the first. */
void ipc_time(uint32_t to[2], uint64_t nanoseconds);

/*
 * A system call that waits, on its own kernel stack. The call that makes its operation possible
 * does it in the waiter's name, before anything else happens: what it was woken for can neither
 * be taken by another process nor be undone by the object's removal. The waiter only finds its
 * result, and does not look at the object again, which may be gone.
 */
struct ipc_waiter {
    struct ipc_waiter *next; /* in the order of arrival */
    struct thread *thread;
    bool done;
    int result;
};
/*
 * Waits at the end of a list: the result; or -EINTR or -EAGAIN (the deadline), nothing having
 * happened.
 */
int ipc_wait(struct ipc_waiter **list, struct ipc_waiter *me, uint64_t deadline);
/* The waiter at *link leaves its list with a result. */
void ipc_complete(struct ipc_waiter **link, int result);
void ipc_complete_all(struct ipc_waiter **list, int result);

/* sem.c: semop(), or semtimedop() with a timespec (0: none), `wide`: of 64 bits. */
int semaphore_operate(uint32_t id, uint32_t operations, uint32_t n, uint32_t timeout, bool wide);

#endif
