/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * client.h - a program on the far host that asks a web server for one file, many times
 *
 * Requests are HTTP/1.0's GET (RFC 1945), each on a connection of its own, and begin at given times
 * whether earlier ones have been answered or not. An answer is right if its status is 200, all of
 * it has come, and it equals the bytes that were wanted, if any were given.
 */
#ifndef XENOLITH_SIM_NET_CLIENT_H
#define XENOLITH_SIM_NET_CLIENT_H

#include "sim/net/host.h"

#include <stddef.h>

#define CLIENTS_MAX      16
#define CLIENT_PATH_MAX  256
#define CLIENT_COUNT_MAX 1000000
#define CLIENT_HEAD_MAX  4096u /* bytes of an answer before its body */

struct client_order {
    unsigned host; /* that it runs on, from 0 */
    uint32_t ip;
    uint16_t port;
    char path[CLIENT_PATH_MAX];
    uint64_t from, every; /* nanoseconds since the machine's start, and between two requests */
    uint64_t count;
    const uint8_t *wanted; /* NULL: any; outlives the machine */
    size_t wanted_bytes;
};

struct client {
    const struct client_order *order;
    struct net_host *host;
    struct event next; /* the next request begins */
    uint64_t begun, right, wrong, failed;
    uint64_t bytes;              /* of right answers */
    uint64_t waited, waited_max; /* nanoseconds from a request's begin to its right answer */
};

/* What a client has under way, on a connection of its own. */
struct client_request {
    struct client *client;
    uint64_t began; /* nanoseconds */
    bool sent, in_body, judged, differs;
    char head[CLIENT_HEAD_MAX + 1];
    size_t head_bytes, length, got; /* length: of the body, or SIZE_MAX: not known */
};

void client_open(struct client *client, const struct client_order *order, struct net_host *host);

/* The request goes on, from where it is, on this connection, which frees it at its end. */
void client_resume(struct client_request *request, struct host_connection *connection);
/* NULL: the connection is no client's. */
struct client_request *client_request_of(const struct host_connection *connection);

#endif
