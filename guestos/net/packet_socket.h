/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * packet_socket.h - frames as they are, for programs (packet(7))
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_PACKET_SOCKET_H
#define GUESTOS_PACKET_SOCKET_H

#include "guestos/net/ip/interface.h"

/* A frame has come: sockets that ask for its type get a copy. */
void packet_sockets_take(const struct interface *interface, const uint8_t *frame, uint32_t bytes,
                         enum sum_state sum);
/* A frame goes out: sockets that ask for all types get a copy. */
void packet_sockets_see(const struct interface *interface, const struct packet *packet);

#endif
