/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mqueue.h - what a POSIX message queue is, for the two files that work on it
 *
 *   mqueue.c          names, descriptors, attributes, who is told
 *   mqueue_message.c  sending, receiving, and who waits for either
 *
 * Lock: the kernel's.
 */
#ifndef GUESTOS_MQUEUE_H
#define GUESTOS_MQUEUE_H

#include "guestos/fs/file.h"
#include "guestos/ipc/ipc.h"
#include "guestos/signal/signal.h"

struct message {
    struct message *next; /* of the same or a lower priority */
    uint32_t priority, bytes;
    char text[];
};

struct mqueue {
    struct mqueue *next;
    char *name;          /* NULL: unlinked */
    struct inode *inode; /* of every file on it: owner and permissions */
    uint32_t users;      /* open files, and its name */
    uint32_t owner;      /* whose RLIMIT_MSGQUEUE it counts to */
    uint32_t slots, most_bytes, used;
    struct message *first;
    struct ipc_waiter *receivers, *senders; /* that wait: ipc.h */
    uint32_t changes;
    const struct file *told_by; /* NULL: nobody is to be told */
    uint32_t told;              /* a process */
    struct signal_event event;
};

/* The queue of a descriptor that was opened so; with the file. ERR_PTR(-EBADF). */
struct mqueue *mqueue_of(uint32_t descriptor, struct file **file,
                         bool (*is_open_so)(const struct file *file));

#endif
