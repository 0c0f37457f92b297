/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/net/load.h"
#include "sim/net/host_tcp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PIECE       16384u
#define LOT         4096u               /* bytes that are waited for at a time */
#define AGAIN       UINT64_C(100000000) /* nanoseconds until who could not ask asks again */
#define NS_PER_S    UINT64_C(1000000000)
#define UNKNOWN     UINT32_MAX
#define KEPT        70 /* percent of connections */
#define KEPT_LEAST  5  /* requests */
#define KEPT_CHOICE 11

static uint64_t cycle_of(const struct load_user *user, uint64_t ns)
{
    return scale_up(ns, user->load->host->wire->link->hz, NS_PER_S);
}

static void wake_at(struct load_user *user, uint64_t ns)
{
    event_schedule(user->load->host->wire->link->events, &user->wake, cycle_of(user, ns));
}

/* ---- a request's end ------------------------------------------------------------------------- */

enum outcome { RIGHT, WRONG, FAILED };

static void count(struct load_user *user, enum outcome outcome, uint64_t now_ns)
{
    struct load *load = user->load;
    uint64_t waited = now_ns - user->began, bytes = user->head_bytes + user->got;

    if (now_ns < load->warm_end || now_ns >= load->end)
        return;
    user->ended++;
    load->requests++;
    if (outcome != RIGHT) {
        user->errors++;
        *(outcome == WRONG ? &load->wrong : &load->failed) += 1;
        return;
    }
    user->bytes += bytes;
    user->time += waited;
    load->right++;
    load->kinds[user->request.kind]++;
    load->waited += waited;
    if (waited > load->waited_max)
        load->waited_max = waited;
}

/* It lets go of its connection, which ends by itself. */
static void leave(struct load_user *user, uint64_t now_ns)
{
    struct host_connection *c = user->connection;

    if (!c)
        return;
    user->connection = NULL;
    c->owner = NULL;
    if (tcp_writable(&c->tcp))
        tcp_finish(&c->tcp, now_ns);
}

/* The next one begins from an event of its own: connections are not made while one is served. */
static void end_request(struct load_user *user, enum outcome outcome, uint64_t now_ns)
{
    count(user, outcome, now_ns);
    user->began = 0;
    if (outcome != RIGHT || !user->left)
        leave(user, now_ns);
    wake_at(user, outcome == FAILED ? now_ns + AGAIN : now_ns);
}

/* ---- an answer ------------------------------------------------------------------------------- */

static bool by_program(const struct load_user *user)
{
    return user->request.kind != WEB99_STATIC;
}

/* The head ends with an empty line; of its lines only the length of the body matters. */
static void end_head(struct load_user *user)
{
    static const char name[] = "\ncontent-length:";

    user->in_body = true;
    user->head[user->head_bytes] = '\0';
    for (const char *at = user->head; *at; at++)
        if (!strncasecmp(at, name, sizeof(name) - 1)) {
            unsigned long long length = strtoull(at + sizeof(name) - 1, NULL, 10);

            user->length = length < UNKNOWN ? (uint32_t)length : UNKNOWN;
        }
}

static bool good_head(const struct load_user *user)
{
    uint32_t wanted = web99_bytes(&user->request.file) + (by_program(user) ? WEB99_LINE : 0);

    return !strncmp(user->head, "HTTP/1.", 7) && !strncmp(user->head + 8, " 200", 4) &&
           user->length == wanted;
}

static void take_body(struct load_user *user, const uint8_t *bytes, uint32_t count)
{
    uint32_t before = by_program(user) ? WEB99_LINE : 0, n;
    char line[WEB99_LINE];

    if (user->got < before) {
        n = before - user->got < count ? before - user->got : count;
        web99_line(&user->request, line);
        user->differs = user->differs || memcmp(line + user->got, bytes, n) != 0;
        user->got += n;
        bytes += n;
        count -= n;
    }
    if (count && !web99_same(&user->request.file, user->got - before, bytes, count))
        user->differs = true;
    user->got += count;
}

static void take(struct load_user *user, const uint8_t *bytes, uint32_t count)
{
    while (count && !user->in_body && user->head_bytes < LOAD_HEAD_MAX) {
        user->head[user->head_bytes++] = (char)*bytes++;
        count--;
        if (user->head_bytes >= 4 && !memcmp(user->head + user->head_bytes - 4, "\r\n\r\n", 4))
            end_head(user);
    }
    if (count && user->in_body)
        take_body(user, bytes, count);
    else if (count)
        user->differs = true; /* a head without end */
}

/* ---- a connection ---------------------------------------------------------------------------- */

static void ask(struct load_user *user, uint64_t now_ns)
{
    const struct load_order *order = user->load->order;
    const struct web99_request *request = &user->request;
    char text[512], path[WEB99_PATH], query[WEB99_PATH];
    bool post = request->kind == WEB99_POST;
    int length;

    web99_path(&request->file, path);
    web99_query(request, query);
    length = snprintf(text, sizeof(text),
                      "%s %s%s%s HTTP/1.0\r\nHost: %u.%u.%u.%u\r\nConnection: %s\r\n"
                      "Cookie: my_cookie=user_id=%u&last_ad=%u\r\n",
                      post ? "POST" : "GET",
                      request->kind == WEB99_STATIC ? path
                      : request->kind == WEB99_CGI  ? "/cgi-bin/program"
                                                    : "/dynamic",
                      by_program(user) && !post ? "?" : "", by_program(user) && !post ? query : "",
                      order->ip >> 24, order->ip >> 16 & 255, order->ip >> 8 & 255, order->ip & 255,
                      user->left ? "Keep-Alive" : "close", request->user, request->last_ad);
    if (post)
        length += snprintf(text + length, sizeof(text) - (size_t)length,
                           "Content-Type: application/x-www-form-urlencoded\r\n"
                           "Content-Length: %zu\r\n\r\n%s",
                           strlen(query), query);
    else
        length += snprintf(text + length, sizeof(text) - (size_t)length, "\r\n");
    user->sent = true;
    tcp_write(&user->connection->tcp, text, (uint32_t)length, now_ns);
}

/* What the line has carried since the request began, less what has been read. */
static uint32_t allowed(const struct load_user *user, uint64_t now_ns)
{
    uint64_t carried = scale(now_ns - user->began, LOAD_LINE, 8 * NS_PER_S);
    uint64_t read = user->head_bytes + user->got;

    return carried > read ? (uint32_t)(carried - read < PIECE ? carried - read : PIECE) : 0;
}

/* When the line will have carried some more of what has come. */
static void read_later(struct load_user *user)
{
    uint32_t ready = user->connection->tcp.in_bytes;
    uint64_t next = user->head_bytes + user->got + (ready < LOT ? ready : LOT);

    if (!event_pending(&user->wake))
        wake_at(user, user->began + scale_up(next, 8 * NS_PER_S, LOAD_LINE));
}

/* Nobody's any more: what still comes is thrown away. */
static void drain(struct host_connection *c, uint64_t now_ns)
{
    uint8_t piece[PIECE];

    while (tcp_read(&c->tcp, piece, sizeof(piece), false))
        ;
    if (c->tcp.finished && tcp_writable(&c->tcp))
        tcp_finish(&c->tcp, now_ns);
}

static void serve(struct host_connection *c, uint64_t now_ns)
{
    struct load_user *user = c->owner;
    uint8_t piece[PIECE];
    uint32_t n;

    if (!user) {
        drain(c, now_ns);
        return;
    }
    if (!user->began) { /* kept, and between two requests: the server may end it */
        if (c->tcp.finished)
            leave(user, now_ns);
        return;
    }
    if (!user->sent && tcp_writable(&c->tcp))
        ask(user, now_ns);
    while ((n = allowed(user, now_ns)) && (n = tcp_read(&c->tcp, piece, n, false))) {
        c->host->bytes_in += n;
        if (now_ns >= user->load->warm_end && now_ns < user->load->end)
            user->load->bytes += n;
        take(user, piece, n);
    }
    if (user->differs || (user->in_body && !good_head(user)))
        end_request(user, WRONG, now_ns);
    else if (user->in_body && user->got == user->length)
        end_request(user, RIGHT, now_ns);
    else if (c->tcp.in_bytes)
        read_later(user);
    else if (c->tcp.finished)
        end_request(user, FAILED, now_ns);
}

/* It is about to be freed. */
static void ended(struct host_connection *c)
{
    struct load_user *user = c->owner;

    if (!user)
        return;
    user->connection = NULL;
    if (user->began)
        end_request(user, FAILED, host_tcp_ns(c->host, c->host->now));
}

void load_resume(struct load_user *user, struct host_connection *connection)
{
    connection->owner = user;
    connection->serve = serve;
    connection->ended = ended;
    if (user)
        user->connection = connection;
}

bool load_has(const struct host_connection *connection)
{
    return connection->serve == serve;
}

/* ---- users ----------------------------------------------------------------------------------- */

static bool connect(struct load_user *user, uint64_t now)
{
    struct load *load = user->load;
    const struct load_order *order = load->order;
    struct host_connection *c;

    if (!net_host_neighbour(load->host, order->ip, now) ||
        !(c = host_tcp_connect(load->host, order->ip, order->port, now)))
        return false;
    load_resume(user, c);
    user->left = web99_chance(&load->mix, 100) < KEPT
                     ? KEPT_LEAST - 1 + web99_chance(&load->mix, KEPT_CHOICE)
                     : 0;
    return true;
}

static void begin(struct load_user *user, uint64_t now)
{
    uint64_t now_ns = host_tcp_ns(user->load->host, now);

    if (now_ns >= user->load->end) {
        if (user->connection) {
            struct host_connection *c = user->connection;

            leave(user, now_ns);
            host_tcp_settle(c, now);
        }
        return;
    }
    user->sent = user->in_body = user->differs = false;
    user->head_bytes = user->got = 0;
    user->length = UNKNOWN;
    if (user->connection) {
        user->left--;
    } else if (!connect(user, now)) {
        wake_at(user, now_ns + AGAIN);
        return;
    }
    user->began = now_ns;
    web99_next(&user->load->mix, &user->request);
    user->request.user = user->number;
    user->request.last_ad = web99_chance(&user->load->mix, WEB99_ADS);
    host_tcp_settle(user->connection, now);
}

/* The measured time is over. What is under way, 10 s for the longest file, has had its part. */
static void measured(void *owner, uint64_t when)
{
    struct load *load = owner;
    uint64_t now_ns = host_tcp_ns(load->host, when);

    for (unsigned i = 0; i < load->order->connections; i++) {
        struct load_user *user = &load->user[i];

        if (!user->began)
            continue;
        user->bytes += user->head_bytes + user->got;
        user->time += now_ns - user->began;
    }
}

static void woken(void *owner, uint64_t when)
{
    struct load_user *user = owner;

    if (!user->began)
        begin(user, when);
    else if (user->connection)
        host_tcp_settle(user->connection, when);
}

void load_open(struct load *load, const struct load_order *order, struct net_host *host)
{
    *load = (struct load){.order = order,
                          .host = host,
                          .user = calloc(order->connections, sizeof(*load->user)),
                          .warm_end = order->from + order->warm,
                          .end = order->from + order->warm + order->measure};
    load->finish = (struct event){.fire = measured, .owner = load};
    if (load->user)
        event_schedule(host->wire->link->events, &load->finish,
                       scale_up(load->end, host->wire->link->hz, NS_PER_S));
    web99_open(&load->mix, order->directories, order->seed);
    for (unsigned i = 0; load->user && i < order->connections; i++) {
        struct load_user *user = &load->user[i];

        user->load = load;
        user->number = i;
        user->wake = (struct event){.fire = woken, .owner = user};
        wake_at(user, order->from + order->warm / 2 * i / order->connections);
    }
}

void load_close(struct load *load)
{
    if (!load->user)
        return;
    for (unsigned i = 0; i < load->order->connections; i++)
        event_cancel(load->host->wire->link->events, &load->user[i].wake);
    event_cancel(load->host->wire->link->events, &load->finish);
    free(load->user);
    load->user = NULL;
}

unsigned load_conforming(const struct load *load)
{
    unsigned conforming = 0;

    for (unsigned i = 0; load->user && i < load->order->connections; i++) {
        const struct load_user *user = &load->user[i];

        conforming += user->bytes && (!user->errors || user->errors * 100 < user->ended) &&
                      scale(user->bytes * 8, NS_PER_S, user->time) >= LOAD_CONFORMS;
    }
    return conforming;
}

bool load_busy(const struct load *load)
{
    for (unsigned i = 0; load->user && i < load->order->connections; i++)
        if (event_pending(&load->user[i].wake))
            return true;
    return false;
}
