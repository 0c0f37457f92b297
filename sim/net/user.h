/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user.h - the network of this host, through a process with libslirp
 *
 * The process is 10.0.2.2, a gateway that needs no rights: it ends the machine's connections and
 * opens ones of its own, and the other way round for ports of this host that are forwarded. It runs
 * beside the machine, because it waits for the host's sockets at the host's own time.
 */
#ifndef XENOLITH_SIM_NET_USER_H
#define XENOLITH_SIM_NET_USER_H

#include <stddef.h>
#include <stdint.h>

#define USER_FORWARDS 16

/* A TCP port of this host's loopback device, and where its connections go. */
struct user_forward {
    uint16_t host_port, port;
    uint32_t ip;
};

/*
 * Starts it. Returns a socket of packets, one frame each; the process ends when it is closed. -1
 * with one sentence in `why`: no process, or a port that is taken.
 */
int user_start(const struct user_forward *forward, unsigned forwards, char *why, size_t why_bytes);

#endif
