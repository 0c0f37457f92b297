/* SPDX-License-Identifier: GPL-2.0-only */
/* server.h - a port on which gdb is waited for */
#ifndef XENOLITH_SIM_GDB_SERVER_H
#define XENOLITH_SIM_GDB_SERVER_H

#include "sim/inspect/inspect.h"

/*
 * Listens on "PORT", of the loopback device, or "ADDRESS:PORT" (IPv4); 0 is any that is free. Says
 * which, on standard error. Returns the descriptor, or -1 with one sentence in `why`.
 */
int gdb_listen(const char *where, char *why, size_t why_bytes);

/*
 * Waits for gdb and does what it asks, until it detaches (then the run goes on to its end), kills,
 * or goes away. What connects and does not speak its protocol is turned away. Closes `listening`.
 * False with one sentence in `why`: the connection was lost, and the run ended there.
 */
bool gdb_serve(struct inspect *inspect, int listening, char *why, size_t why_bytes);

#endif
