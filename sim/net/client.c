/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/net/client.h"
#include "sim/net/host_tcp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASK_AGAIN UINT64_C(100000000) /* nanoseconds, while nobody says that he has the address */
#define NS_PER_S  UINT64_C(1000000000)
#define UNKNOWN   SIZE_MAX

/* ---- answers --------------------------------------------------------------------------------- */

static void judge(struct client_request *r, bool whole, uint64_t now_ns)
{
    struct client *client = r->client;
    const struct client_order *order = client->order;
    bool right = whole && r->in_body && !r->differs && !strncmp(r->head, "HTTP/1.", 7) &&
                 !strncmp(r->head + 8, " 200", 4) &&
                 (r->length == UNKNOWN || r->got == r->length) &&
                 (!order->wanted || r->got == order->wanted_bytes);
    uint64_t waited = now_ns - r->began;

    if (r->judged)
        return;
    r->judged = true;
    if (!right) {
        *(whole ? &client->wrong : &client->failed) += 1;
        return;
    }
    client->right++;
    client->bytes += r->got;
    client->waited += waited;
    if (waited > client->waited_max)
        client->waited_max = waited;
}

static void take_body(struct client_request *r, const uint8_t *bytes, size_t count)
{
    const struct client_order *order = r->client->order;

    if (order->wanted &&
        (r->got + count > order->wanted_bytes || memcmp(order->wanted + r->got, bytes, count) != 0))
        r->differs = true;
    r->got += count;
}

/* The head ends with an empty line; of its lines only the length of the body matters. */
static void end_head(struct client_request *r)
{
    static const char name[] = "\ncontent-length:";
    const char *at = r->head;

    r->in_body = true;
    for (; *at; at++)
        if (!strncasecmp(at, name, sizeof(name) - 1)) {
            r->length = (size_t)strtoull(at + sizeof(name) - 1, NULL, 10);
            return;
        }
}

static void take(struct client_request *r, const uint8_t *bytes, size_t count)
{
    while (count && !r->in_body && r->head_bytes < CLIENT_HEAD_MAX) {
        r->head[r->head_bytes++] = (char)*bytes++;
        count--;
        if (r->head_bytes >= 4 && !memcmp(r->head + r->head_bytes - 4, "\r\n\r\n", 4))
            end_head(r);
    }
    if (count && r->in_body)
        take_body(r, bytes, count);
    else if (count)
        r->differs = true; /* a head without end */
}

static void serve(struct host_connection *c, uint64_t now_ns)
{
    struct client_request *r = c->owner;
    const struct client_order *order = r->client->order;
    uint8_t piece[16384];
    uint32_t n;

    if (!r->sent && tcp_writable(&c->tcp)) {
        char text[CLIENT_PATH_MAX + 128];
        int length = snprintf(text, sizeof(text),
                              "GET %s HTTP/1.0\r\nHost: %u.%u.%u.%u\r\nConnection: close\r\n\r\n",
                              order->path, order->ip >> 24, order->ip >> 16 & 255,
                              order->ip >> 8 & 255, order->ip & 255);

        r->sent = true;
        tcp_write(&c->tcp, text, (uint32_t)length, now_ns);
    }
    while ((n = tcp_read(&c->tcp, piece, sizeof(piece), false))) {
        c->host->bytes_in += n;
        take(r, piece, n);
    }
    if (c->tcp.finished || (r->in_body && r->got >= r->length))
        judge(r, true, now_ns);
    if ((r->judged || c->tcp.finished) && tcp_writable(&c->tcp))
        tcp_finish(&c->tcp, now_ns);
}

static void ended(struct host_connection *c)
{
    struct client_request *r = c->owner;

    judge(r, false, 0);
    free(r);
}

void client_resume(struct client_request *request, struct host_connection *connection)
{
    connection->owner = request;
    connection->serve = serve;
    connection->ended = ended;
}

struct client_request *client_request_of(const struct host_connection *connection)
{
    return connection->serve == serve ? connection->owner : NULL;
}

/* ---- requests -------------------------------------------------------------------------------- */

static void at(struct client *client, uint64_t ns)
{
    event_schedule(client->host->wire->link->events, &client->next,
                   scale_up(ns, client->host->wire->link->hz, NS_PER_S));
}

static void begin(struct client *client, uint64_t now)
{
    struct client_request *r = calloc(1, sizeof(*r));
    struct host_connection *c =
        r ? host_tcp_connect(client->host, client->order->ip, client->order->port, now) : NULL;

    client->begun++;
    if (!c) {
        client->failed++;
        free(r);
        return;
    }
    *r = (struct client_request){
        .client = client, .began = host_tcp_ns(client->host, now), .length = UNKNOWN};
    client_resume(r, c);
    host_tcp_settle(c, now);
}

static void next(void *owner, uint64_t when)
{
    struct client *client = owner;
    const struct client_order *order = client->order;

    if (!net_host_neighbour(client->host, order->ip, when)) {
        at(client, host_tcp_ns(client->host, when) + ASK_AGAIN);
        return;
    }
    begin(client, when);
    if (client->begun < order->count)
        at(client, host_tcp_ns(client->host, when) + order->every);
}

void client_open(struct client *client, const struct client_order *order, struct net_host *host)
{
    *client =
        (struct client){.order = order, .host = host, .next = {.fire = next, .owner = client}};
    at(client, order->from);
}
