/* SPDX-License-Identifier: GPL-2.0-only */
/* host_tcp.c - the connections of a host, and three services: echo, discard, chargen */
#include "include/tcp/checksum.h"
#include "sim/net/host_tcp.h"
#include "sim/net/internet.h"

#include <stdlib.h>
#include <string.h>

#define PORT_ECHO    7
#define PORT_DISCARD 9
#define PORT_CHARGEN 19
#define PORT_FIRST   32768u
#define PROTOCOL_TCP 6
#define IP_HEADER    20u
#define TIME_TO_LIVE 64
#define NS_PER_S     UINT64_C(1000000000)
#define PIECE        16384u

uint64_t host_tcp_ns(const struct net_host *host, uint64_t cycles)
{
    return scale(cycles, NS_PER_S, host->wire->link->hz);
}

/* ---- out ------------------------------------------------------------------------------------- */

static void send_segment(struct net_host *host, uint32_t remote, uint16_t local_port,
                         uint16_t remote_port, const struct tcp_segment *segment, uint64_t now)
{
    uint8_t frame[ETHERNET_BYTES + IP_HEADER + TCP_HEADER_LIMIT + HOST_SEGMENT_BYTES];
    uint8_t *ip = frame + ETHERNET_BYTES;
    const uint8_t *mac = net_host_neighbour(host, remote, now);

    if (!mac)
        return;
    memcpy(frame, mac, 6);
    memcpy(frame + 6, host->mac, 6);
    internet_put16(frame + 12, 0x0800);
    memset(ip, 0, IP_HEADER);
    uint32_t bytes = tcp_encode(segment, internet_get32(host->ip), remote, local_port, remote_port,
                                ip + IP_HEADER);
    ip[0] = 0x45;
    internet_put16(ip + 2, (uint16_t)(IP_HEADER + bytes));
    internet_put16(ip + 6, 0x4000); /* not to be cut */
    ip[8] = TIME_TO_LIVE;
    ip[9] = PROTOCOL_TCP;
    memcpy(ip + 12, host->ip, 4);
    internet_put32(ip + 16, remote);
    internet_put16(ip + 10, (uint16_t)~internet_sum(0, ip, IP_HEADER));
    host->segments++;
    host->bytes_out += segment->bytes + segment->rest_bytes;
    net_host_send(host, frame, ETHERNET_BYTES + IP_HEADER + bytes, now);
}

static struct host_connection *connection_of(struct tcp *tcp)
{
    return (struct host_connection *)((char *)tcp - offsetof(struct host_connection, tcp));
}

/* Of what is under way: the host notes its cycle. */
static void send(struct tcp *tcp, const struct tcp_segment *segment)
{
    struct host_connection *c = connection_of(tcp);

    send_segment(c->host, c->remote, c->local_port, c->remote_port, segment, c->host->now);
}

/* ---- life ------------------------------------------------------------------------------------ */

/* Where the connections of this one's hash begin. */
static struct host_connection **bucket_of(struct net_host *host, uint32_t remote,
                                          uint16_t remote_port, uint16_t local_port)
{
    return &host->bucket[(remote ^ remote_port * 31u ^ local_port) % HOST_BUCKETS];
}

static void tick(void *owner, uint64_t when);

static struct host_connection *create(struct net_host *host, uint32_t remote, uint16_t remote_port,
                                      uint16_t local_port)
{
    struct host_connection *c = host->open < HOST_CONNECTIONS ? calloc(1, sizeof(*c)) : NULL;
    uint8_t *rings = c ? malloc((size_t)2 * TCP_RING_LIMIT) : NULL;
    struct host_connection **link;

    if (!rings) {
        free(c);
        return NULL;
    }
    *c = (struct host_connection){.next = host->connections,
                                  .host = host,
                                  .remote = remote,
                                  .remote_port = remote_port,
                                  .local_port = local_port,
                                  .rings = rings,
                                  .tcp = {.send = send,
                                          .out = rings,
                                          .in = rings + TCP_RING_LIMIT,
                                          .out_size = TCP_RING_LIMIT,
                                          .in_size = TCP_RING_LIMIT,
                                          .announced_mss = HOST_SEGMENT_BYTES}};
    c->tick = (struct event){.fire = tick, .owner = c};
    host->connections = c;
    link = bucket_of(host, remote, remote_port, local_port);
    c->chain = *link;
    *link = c;
    host->open++;
    return c;
}

static void destroy(struct host_connection *c)
{
    struct host_connection **link = &c->host->connections;

    while (*link != c)
        link = &(*link)->next;
    *link = c->next;
    link = bucket_of(c->host, c->remote, c->remote_port, c->local_port);
    while (*link != c)
        link = &(*link)->chain;
    *link = c->chain;
    event_cancel(c->host->wire->link->events, &c->tick);
    c->host->open--;
    free(c->rings);
    free(c);
}

static void set_tick(struct host_connection *c)
{
    struct event_queue *events = c->host->wire->link->events;
    uint64_t deadline = tcp_deadline(&c->tcp);

    if (deadline == TCP_NEVER)
        event_cancel(events, &c->tick);
    else
        event_schedule(events, &c->tick, scale_up(deadline, c->host->wire->link->hz, NS_PER_S));
}

/* Serves it. One that is over is freed, and one in TIME-WAIT, whose end does not matter. */
static void settle(struct host_connection *c)
{
    c->serve(c, host_tcp_ns(c->host, c->host->now));
    if (c->tcp.state != TCP_CLOSED && c->tcp.state != TCP_TIME_WAIT) {
        set_tick(c);
        return;
    }
    if (c->ended)
        c->ended(c);
    destroy(c);
}

void host_tcp_settle(struct host_connection *c, uint64_t now)
{
    c->host->now = now;
    settle(c);
}

/* A deadline of the connection's, or what was one: it may have moved on. */
static void tick(void *owner, uint64_t when)
{
    struct host_connection *c = owner;
    uint64_t now_ns = host_tcp_ns(c->host, when);

    c->host->now = when;
    if (tcp_deadline(&c->tcp) <= now_ns)
        tcp_tick(&c->tcp, now_ns);
    settle(c);
}

/* ---- services -------------------------------------------------------------------------------- */

/* Ends our half when the other end's is over and `done`. */
static void follow(struct host_connection *c, bool done, uint64_t now_ns)
{
    if (c->tcp.finished && done && tcp_writable(&c->tcp))
        tcp_finish(&c->tcp, now_ns);
}

static void echo(struct host_connection *c, uint64_t now_ns)
{
    uint8_t piece[PIECE];
    uint32_t n;

    do {
        n = tcp_room(&c->tcp) < PIECE ? tcp_room(&c->tcp) : PIECE;
        n = tcp_writable(&c->tcp) ? tcp_read(&c->tcp, piece, n, false) : 0;
        c->host->bytes_in += n;
        if (n)
            tcp_write(&c->tcp, piece, n, now_ns);
    } while (n);
    follow(c, !c->tcp.in_bytes, now_ns);
}

static void discard(struct host_connection *c, uint64_t now_ns)
{
    uint8_t piece[PIECE];
    uint32_t n;

    while ((n = tcp_read(&c->tcp, piece, PIECE, false)))
        c->host->bytes_in += n;
    follow(c, true, now_ns);
}

/* Lines of 72 of the 95 printable characters, each beginning one further (RFC 864). */
static void chargen(struct host_connection *c, uint64_t now_ns)
{
    uint8_t piece[74 * 95];

    discard(c, now_ns);
    while (tcp_writable(&c->tcp) && tcp_room(&c->tcp)) {
        uint32_t n = tcp_room(&c->tcp) < sizeof(piece) ? tcp_room(&c->tcp) : sizeof(piece);

        for (uint32_t i = 0; i < n; i++) {
            uint32_t at = (c->written + i) % 74, line = (c->written + i) / 74;

            piece[i] = at == 72 ? '\r' : at == 73 ? '\n' : (uint8_t)(' ' + (line + at) % 95);
        }
        c->written = (c->written + n) % (74 * 95);
        tcp_write(&c->tcp, piece, n, now_ns);
    }
}

static const struct {
    uint16_t port;
    void (*serve)(struct host_connection *c, uint64_t now_ns);
} services[HOST_SERVICES] = {{PORT_ECHO, echo}, {PORT_DISCARD, discard}, {PORT_CHARGEN, chargen}};

/* ---- in -------------------------------------------------------------------------------------- */

static struct host_connection *find(struct net_host *host, uint32_t remote, uint16_t remote_port,
                                    uint16_t local_port)
{
    struct host_connection *c = *bucket_of(host, remote, remote_port, local_port);

    while (c &&
           !(c->remote == remote && c->remote_port == remote_port && c->local_port == local_port))
        c = c->chain;
    return c;
}

/* A new connection to a service, or a refusal. */
static void arrive_new(struct net_host *host, uint32_t remote, uint16_t remote_port,
                       uint16_t local_port, const struct tcp_segment *segment, uint64_t now)
{
    struct host_connection *c = NULL;
    struct tcp_segment answer;
    unsigned i = 0;

    while (i < HOST_SERVICES && services[i].port != local_port)
        i++;
    if (i < HOST_SERVICES && (segment->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN)
        c = create(host, remote, remote_port, local_port);
    if (c) {
        c->serve = services[i].serve;
        host->accepted++;
        tcp_accept(&c->tcp, segment, host->sequence += 64000, host_tcp_ns(host, now));
        set_tick(c);
    } else if (tcp_refusal(&answer, segment)) {
        send_segment(host, remote, local_port, remote_port, &answer, now);
    }
}

void host_tcp_arrived(struct net_host *host, const uint8_t *ip, const uint8_t *packet,
                      uint32_t bytes, uint64_t now)
{
    uint32_t remote = internet_get32(ip + 12);
    struct tcp_segment segment;

    host->now = now;
    if (!tcp_decode(&segment, remote, internet_get32(ip + 16), packet, bytes))
        return;
    uint16_t remote_port = internet_get16(packet), local_port = internet_get16(packet + 2);
    struct host_connection *c = find(host, remote, remote_port, local_port);
    if (c) {
        tcp_input(&c->tcp, &segment, host_tcp_ns(host, now));
        settle(c);
    } else {
        arrive_new(host, remote, remote_port, local_port, &segment, now);
    }
}

struct host_connection *host_tcp_connect(struct net_host *host, uint32_t ip, uint16_t port,
                                         uint64_t now)
{
    host->next_port = host->next_port < UINT16_MAX ? (uint16_t)(host->next_port + 1) : PORT_FIRST;
    host->now = now;
    if (find(host, ip, port, host->next_port))
        return NULL;
    struct host_connection *c = create(host, ip, port, host->next_port);
    if (c)
        tcp_connect(&c->tcp, host->sequence += 64000, host_tcp_ns(host, now));
    return c;
}

struct host_connection *host_tcp_append(struct net_host *host, uint32_t remote,
                                        uint16_t remote_port, uint16_t local_port)
{
    return find(host, remote, remote_port, local_port)
               ? NULL
               : create(host, remote, remote_port, local_port);
}

unsigned host_tcp_service(const struct host_connection *c)
{
    unsigned i = 0;

    while (i < HOST_SERVICES && services[i].serve != c->serve)
        i++;
    return i;
}

void host_tcp_set_service(struct host_connection *c, unsigned service)
{
    c->serve = services[service].serve;
}

bool host_tcp_busy(const struct net_host *host)
{
    const struct host_connection *c = host->connections;

    while (c && !event_pending(&c->tick))
        c = c->next;
    return c != NULL;
}

void host_tcp_open(struct net_host *host)
{
    host->next_port = PORT_FIRST;
}

void host_tcp_close(struct net_host *host)
{
    while (host->connections)
        destroy(host->connections);
}
