/* SPDX-License-Identifier: GPL-2.0-only */
/* sockets.h - the Unix sockets at which Domain 0's programs find this one */
#ifndef XENOLITH_XEND_SOCKETS_H
#define XENOLITH_XEND_SOCKETS_H

/* Listens at this path, making its folders; the descriptor, which does not block, or minus an error
 * number. */
int socket_listen(const char *path);

/* The next program that has connected, which does not block; -1: none. */
int socket_accept(int listener);

#endif
