/* SPDX-License-Identifier: GPL-2.0-only */
/* epoll.h - what the rest of the kernel must tell epoll */
#ifndef GUESTOS_EPOLL_H
#define GUESTOS_EPOLL_H

struct file;

/* The last reference to a file goes: no epoll file watches it any more. */
void epoll_forget(const struct file *file);

#endif
