/* SPDX-License-Identifier: GPL-2.0-only */
/* options.h - setsockopt() and getsockopt() */
#ifndef GUESTOS_SOCKET_OPTIONS_H
#define GUESTOS_SOCKET_OPTIONS_H

#include "guestos/net/socket.h"

/* inet_tcp.c: what the options of a socket say has changed; how long its segments are. */
void tcp_socket_uncork(struct socket *socket);
uint32_t tcp_socket_segment(struct socket *socket);

#define LEVEL_IP  0
#define LEVEL_RAW 255

/* inet_options.c: 0 or -Exxx (-ENOPROTOOPT: unknown). */
int inet_option_set(struct socket *socket, uint32_t level, uint32_t option, uint32_t value);
int inet_option_get(struct socket *socket, uint32_t level, uint32_t option, uint32_t *value);

/* User addresses and lengths as the system calls have them. 0 or -Exxx (-ENOPROTOOPT: unknown). */
int option_set(struct socket *socket, uint32_t level, uint32_t option, uint32_t user,
               uint32_t bytes);
int option_get(struct socket *socket, uint32_t level, uint32_t option, uint32_t user,
               uint32_t length_at);

#endif
