/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * store.h - a program's way to the store (<xen/io/xs_wire.h>), which xend keeps
 *
 * Functions return 0 or more, or minus an error number.
 */
#ifndef XENOLITH_XL_STORE_H
#define XENOLITH_XL_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_SOCKET "/var/run/xenstored/socket"

/* Connects, once. -ENOENT or -ECONNREFUSED: no store is kept here. */
int store_open(void);

/*
 * Makes one request: its payload is `bytes` at `payload`. The reply's payload goes to `reply`, with
 * a NUL after it. Returns its length. Events that come meanwhile are kept. `transaction`: 0 for
 * none.
 */
int store_request(uint32_t type, uint32_t transaction, const void *payload, size_t bytes,
                  char *reply, size_t room);

/* One request each: 0, store_read() the length, or -Exxx as the store answered. */
int store_write(uint32_t transaction, const char *path, const char *value);
int store_read(const char *path, char *value, size_t room);
int store_remove(const char *path);
int store_permit(uint32_t transaction, const char *path, const char *permissions); /* "n0 r1" */
int store_introduce(unsigned domain, uint32_t frame, uint32_t port);
int store_watch(const char *path, const char *token);

/* The next event's path, waiting for it; and the descriptor to poll for one, if none is kept. */
int store_event(char *path, size_t room);
bool store_event_kept(void);
int store_descriptor(void);

#endif
