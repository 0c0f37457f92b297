/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * load.h - many users of a web server at once: how many does it serve fast enough?
 *
 * After the published rules of SPEC WEB99 (include/web99/web99.h has what is asked for). A user has
 * one connection and asks without a pause, over a line of LOAD_LINE bits a second: what comes
 * sooner waits, and fills TCP's window. Of the connections 70 % are kept open for 5 to 15 requests,
 * the others for one. A user conforms if all bytes by all seconds of the requests that ended within
 * the measured time, and of the one under way at its end, are LOAD_CONFORMS bits a second, and
 * fewer than 1 % were in error. How many conform is the score.
 *
 * Users begin one by one over the warming time's first half, so that they do not march in step.
 */
#ifndef XENOLITH_SIM_NET_LOAD_H
#define XENOLITH_SIM_NET_LOAD_H

#include "include/web99/web99.h"
#include "sim/net/host.h"

#define LOADS_MAX        32
#define LOAD_CONNECTIONS 2000
#define LOAD_HEAD_MAX    2048u            /* bytes of an answer before its body */
#define LOAD_LINE        UINT64_C(400000) /* bits a second */
#define LOAD_CONFORMS    UINT64_C(320000)

struct load_order {
    unsigned host; /* that it runs on, from 0 */
    uint32_t ip;
    uint16_t port;
    unsigned connections, directories;
    uint64_t from, warm, measure; /* nanoseconds: when it begins, and for how long */
    uint64_t seed;
};

/* What a user has under way; began == 0: nothing. */
struct load_user {
    struct load *load;
    struct event wake; /* it begins, or reads on */
    struct host_connection *connection;
    unsigned number, left; /* left: requests of this connection after the one under way */
    uint64_t began;        /* nanoseconds */
    struct web99_request request;
    bool sent, in_body, differs;
    char head[LOAD_HEAD_MAX + 1];
    uint32_t head_bytes, length, got; /* of the body: UINT32_MAX is not known */
    /* Within the measured time. */
    uint64_t ended, errors, bytes, time;
};

struct load {
    const struct load_order *order;
    struct net_host *host;
    struct load_user *user; /* order->connections of them; NULL: no memory, nothing is asked */
    struct web99_mix mix;
    struct event finish;
    uint64_t warm_end, end; /* nanoseconds */
    /* Of requests that ended within the measured time. */
    uint64_t requests, right, wrong, failed;
    uint64_t bytes;              /* that came within it, heads included */
    uint64_t waited, waited_max; /* nanoseconds, of right ones */
    uint64_t kinds[WEB99_KINDS]; /* right ones */
};

void load_open(struct load *load, const struct load_order *order, struct net_host *host);
void load_close(struct load *load);

/* How many connections conform, at the end. */
unsigned load_conforming(const struct load *load);
/* Whether a user will do something by itself. */
bool load_busy(const struct load *load);

/* The user goes on, from where he is, on this connection; NULL: nobody's, it ends by itself. */
void load_resume(struct load_user *user, struct host_connection *connection);
/* Whether the connection is, or was, a user's. */
bool load_has(const struct host_connection *connection);

#endif
