/* SPDX-License-Identifier: GPL-2.0-only */
/* options.h - setsockopt() and getsockopt() */
#ifndef GUESTOS_SOCKET_OPTIONS_H
#define GUESTOS_SOCKET_OPTIONS_H

#include "guestos/net/socket.h"

/* User addresses and lengths as the system calls have them. 0 or -Exxx (-ENOPROTOOPT: unknown). */
int option_set(struct socket *socket, u32 level, u32 option, u32 user, u32 bytes);
int option_get(struct socket *socket, u32 level, u32 option, u32 user, u32 length_at);

#endif
