/* SPDX-License-Identifier: GPL-2.0-only */
/* arrive.c - TCP's segments from the network: whose they are (RFC 9293, 3.10.7) */
#include "guestos/kernel/lib.h"
#include "guestos/net/connection.h"
#include "include/tcp/checksum.h"

static bool listens(const struct inet_socket *s, const struct inet_end *local)
{
    return s->socket.listening && s->local.port == local->port &&
           (s->local.address == ADDRESS_ANY || s->local.address == local->address);
}

static struct inet_socket *find_listener(const struct inet_end *local,
                                         const struct inet_end *remote)
{
    struct inet_socket *s = inet_bound;

    while (s && !listens(s, local))
        s = s->next;
    return inet_choose(s, local, remote, listens);
}

static void refuse(const struct tcp_segment *segment, const struct inet_end *local,
                   const struct inet_end *remote)
{
    struct tcp_segment answer;

    if (tcp_refusal(&answer, segment))
        segment_send(&answer, local, remote, NULL);
}

/* A segment for no connection: perhaps a new one. */
static void arrive_new(const struct tcp_segment *segment, const struct inet_end *local,
                       const struct inet_end *remote)
{
    struct inet_socket *listener = find_listener(local, remote);
    bool opens = (segment->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
    struct path path;

    if (!listener || (!opens && !(segment->flags & TCP_RST))) {
        refuse(segment, local, remote);
        return;
    }
    if (!opens || listener->pending_count > listener->backlog)
        return; /* a full backlog says nothing: the SYN will come again */
    struct ip_settings settings = inet_settings(listener);
    if (inet_path(listener, &path, remote->address))
        return;
    struct connection *c = connection_create(local, remote, &path, &settings);
    if (!c)
        return;
    connection_wait(c, listener);
    tcp_accept(&c->tcp, segment, connection_sequence(), arch_clock());
    connection_watch(c);
}

void tcp_packet(const struct arrival *arrival)
{
    const uint8_t *packet = arrival->data;
    struct tcp_segment segment;
    uint32_t pseudo =
        checksum_pseudo(arrival->source, arrival->destination, PROTOCOL_TCP, arrival->bytes);

    if (arrival->broadcast)
        return;
    if (!ip_sum_is_right(arrival, pseudo) || !tcp_take(&segment, packet, arrival->bytes)) {
        arrival->interface->in.errors++;
        return;
    }
    struct inet_end remote = {arrival->source, get16(packet)},
                    local = {arrival->destination, get16(packet + 2)};
    struct connection *c = connection_find(&local, &remote);
    /* A new SYN may end TIME-WAIT early (RFC 9293, 3.6.1). */
    if (c && c->tcp.state == TCP_TIME_WAIT && !c->owner && segment.flags & TCP_SYN &&
        !(segment.flags & TCP_RST) && (int32_t)(segment.seq - c->tcp.rcv_nxt) > 0) {
        connection_destroy(c);
        c = NULL;
    }
    if (!c) {
        arrive_new(&segment, &local, &remote);
        return;
    }
    tcp_input(&c->tcp, &segment, arch_clock());
    connection_settle(c);
}

/* Only the opening is ended by such a message; later it may pass (RFC 1122, 4.2.3.9). */
void tcp_failed(uint32_t local_address, uint32_t remote_address, const uint8_t *header, int error)
{
    struct inet_end local = {local_address, get16(header)},
                    remote = {remote_address, get16(header + 2)};
    struct connection *c = connection_find(&local, &remote);

    if (c && (c->tcp.state == TCP_SYN_SENT || c->tcp.state == TCP_SYN_RECEIVED) &&
        get32(header + 4) == c->tcp.iss) {
        tcp_close_with(&c->tcp, error);
        connection_settle(c);
    }
}
