/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mqueue.h - POSIX message queues: messages in order of priority, under a name (mq_overview(7))
 *
 * A queue lives as long as it has a name or an open file. Its descriptors can be polled. Names are a flat
 * space of their own; there is no /dev/mqueue to list them. Who has asked to be told is told once, of the
 * first message that comes to an empty queue while nobody waits for one; that ends with exec and exit of
 * the process that asked and with the last close of the descriptor that it asked by (Linux: with any close).
 */
#ifndef GUESTOS_MQUEUE_H
#define GUESTOS_MQUEUE_H

struct process;

/* exec, and the end of a process: it is no longer told of messages. */
void mqueues_forget(const struct process *leader);

#endif
