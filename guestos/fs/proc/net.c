/* SPDX-License-Identifier: GPL-2.0-only */
/* net.c - the texts of /proc/net, in Linux's formats (proc(5), its Documentation/networking) */
#include "guestos/fs/proc/text.h"
#include "guestos/kernel/lib.h"
#include "guestos/net/connection.h"
#include "guestos/net/ip/arp.h"

#define BY_GATEWAY 2u /* RTF_* */
#define TO_HOST    4u

/* Linux's numbers of states by ours. */
static const uint8_t state_number[] = {
    [TCP_CLOSED] = 7,     [TCP_SYN_SENT] = 2,   [TCP_SYN_RECEIVED] = 3, [TCP_ESTABLISHED] = 1,
    [TCP_FIN_WAIT_1] = 4, [TCP_FIN_WAIT_2] = 5, [TCP_CLOSE_WAIT] = 8,   [TCP_CLOSING] = 11,
    [TCP_LAST_ACK] = 9,   [TCP_TIME_WAIT] = 6,
};
#define LISTEN 10u

void text_net_dev(struct text *t, const struct process *p)
{
    (void)p;
    text_add(t, "Inter-|   Receive                                                |  Transmit\n"
                " face |bytes    packets errs drop fifo frame compressed multicast|"
                "bytes    packets errs drop fifo colls carrier compressed\n");
    for (const struct interface *i = interfaces; i; i = i->next) {
        text_add(t, "%6s: %7llu %7llu %4u %4u    0     0          0         0 ", i->name,
                 i->in.bytes, i->in.packets, i->in.errors, i->in.dropped);
        text_add(t, "%8llu %7llu %4u %4u    0     0       0          0\n", i->out.bytes,
                 i->out.packets, i->out.errors, i->out.dropped);
    }
}

/* Upper case, as Linux writes them. */
static void add_hex(struct text *t, uint32_t value, int digits)
{
    while (digits--) {
        uint32_t digit = value >> 4 * digits & 0xf;

        text_add(t, "%c", (int)(digit < 10 ? '0' + digit : 'A' + digit - 10));
    }
}

/* Four bytes as a little-endian machine reads them from the wire. */
static void add_address(struct text *t, uint32_t address)
{
    add_hex(t, __builtin_bswap32(address), 8);
}

void text_net_route(struct text *t, const struct process *p)
{
    (void)p;
    text_add(t, "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\t"
                "IRTT\n");
    for (const struct route *r = route_first(); r; r = r->next) {
        uint32_t flags = 1 | (r->gateway ? BY_GATEWAY : 0) | (r->mask == ~0u ? TO_HOST : 0);

        text_add(t, "%s\t", r->interface->name);
        add_address(t, r->destination);
        text_add(t, "\t");
        add_address(t, r->gateway);
        text_add(t, "\t");
        add_hex(t, flags, 4);
        text_add(t, "\t0\t0\t%u\t", r->metric);
        add_address(t, r->mask);
        text_add(t, "\t0\t0\t0\n");
    }
}

static void add_dotted(struct text *t, uint32_t address)
{
    char dotted[16];

    format(dotted, sizeof(dotted), "%u.%u.%u.%u", address >> 24, address >> 16 & 255,
           address >> 8 & 255, address & 255);
    text_add(t, "%-16s ", dotted);
}

void text_net_arp(struct text *t, const struct process *p)
{
    (void)p;
    text_add(t, "IP address       HW type     Flags       HW address            Mask     Device\n");
    for (const struct arp_entry *e = arp_first(); e; e = e->next) {
        const uint8_t *mac = e->mac;

        add_dotted(t, e->address);
        text_add(t, "0x1         0x%x         %02x:%02x:%02x:%02x:%02x:%02x     *        %s\n",
                 (e->known ? 2u : 0) | (e->permanent ? 4u : 0), mac[0], mac[1], mac[2], mac[3],
                 mac[4], mac[5], e->interface->name);
    }
}

static void add_end(struct text *t, const struct inet_end *end)
{
    add_address(t, end->address);
    text_add(t, ":");
    add_hex(t, end->port, 4);
    text_add(t, " ");
}

static void add_socket(struct text *t, uint32_t line, const struct inet_end *local,
                       const struct inet_end *remote, uint32_t state, uint32_t out, uint32_t in)
{
    text_add(t, "%4u: ", line);
    add_end(t, local);
    add_end(t, remote);
    add_hex(t, state, 2);
    text_add(t, " ");
    add_hex(t, out, 8);
    text_add(t, ":");
    add_hex(t, in, 8);
    text_add(t, " 00:00000000 00000000 %5u %8u %u\n", 0, 0, 0);
}

#define SOCKETS_HEAD                                                                               \
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "  \
    "inode\n"

void text_net_tcp(struct text *t, const struct process *p)
{
    uint32_t line = 0;

    (void)p;
    text_add(t, SOCKETS_HEAD);
    for (const struct inet_socket *s = inet_bound; s; s = s->next)
        if (s->socket.listening)
            add_socket(t, line++, &s->local, &s->remote, LISTEN, 0, 0);
    for (const struct connection *c = connections; c; c = c->next)
        add_socket(t, line++, &c->local, &c->remote, state_number[c->tcp.state], c->tcp.out_bytes,
                   c->tcp.in_bytes);
}

void text_net_udp(struct text *t, const struct process *p)
{
    uint32_t line = 0;

    (void)p;
    text_add(t, SOCKETS_HEAD);
    for (const struct inet_socket *s = inet_bound; s; s = s->next)
        if (s->socket.protocol == PROTOCOL_UDP)
            add_socket(t, line++, &s->local, &s->remote, s->remote.port ? 1 : 7, 0,
                       s->socket.queued);
}

void text_net_raw(struct text *t, const struct process *p)
{
    uint32_t line = 0;

    (void)p;
    text_add(t, SOCKETS_HEAD);
    for (const struct inet_socket *s = inet_raw_first(); s; s = s->next)
        add_socket(t, line++, &s->local, &s->remote, 7, 0, s->socket.queued);
}
