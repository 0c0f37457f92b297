/* SPDX-License-Identifier: GPL-2.0-only */
/* arp.c - see arp.h */
#include "guestos/net/ip/arp.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"
#include "include/tcp/checksum.h"
#include "guestos/net/ip/ethernet.h"
#include "guestos/net/net.h"
#include "guestos/time/time.h"
#include "guestos/kernel/sched.h"
#include "guestos/time/timer.h"

#define ARP_BYTES     28u
#define REQUEST       1
#define REPLY         2
#define ENTRY_LIMIT   256u
#define WAITING_LIMIT 8u /* packets for an address that is asked for */
#define ASK_AGAIN     NANOSECONDS
#define ASK_TIMES     3
#define FRESH         (60 * NANOSECONDS)
#define KEPT          (300 * NANOSECONDS) /* without use or answer */

static struct arp_entry *table;
static uint32_t count;
static struct timer clock;

const struct arp_entry *arp_first(void)
{
    return table;
}

struct arp_entry *arp_find(const struct interface *interface, uint32_t address)
{
    struct arp_entry *entry = table;

    while (entry && (entry->address != address || entry->interface != interface))
        entry = entry->next;
    return entry;
}

/* ---- life of an entry ------------------------------------------------------------------------ */

static void drop_waiting(struct arp_entry *entry, bool unreachable)
{
    struct packet *packet;

    while ((packet = entry->first)) {
        entry->first = packet->next;
        if (unreachable)
            ip_unreachable(packet, EHOSTUNREACH);
        packet_free(packet);
    }
    entry->last = &entry->first;
    entry->waiting = 0;
}

static void destroy(struct arp_entry **link)
{
    struct arp_entry *entry = *link;

    *link = entry->next;
    drop_waiting(entry, false);
    heap_free(entry);
    count--;
}

/* The entry longest without news that is no program's makes room. */
static void make_room(void)
{
    struct arp_entry **oldest = NULL;

    for (struct arp_entry **link = &table; *link; link = &(*link)->next)
        if (!(*link)->permanent && (!oldest || (*link)->since < (*oldest)->since))
            oldest = link;
    if (oldest)
        destroy(oldest);
}

static struct arp_entry *create(struct interface *interface, uint32_t address)
{
    if (count >= ENTRY_LIMIT)
        make_room();
    struct arp_entry *entry = count < ENTRY_LIMIT ? heap_allocate(sizeof(*entry)) : NULL;
    if (!entry)
        return NULL;
    *entry = (struct arp_entry){.interface = interface, .address = address, .next = table};
    entry->last = &entry->first;
    table = entry;
    count++;
    return entry;
}

static void learn(struct arp_entry *entry, const uint8_t *mac)
{
    struct packet *packet;

    memcpy(entry->mac, mac, MAC_BYTES);
    entry->known = true;
    entry->asked = 0;
    entry->since = arch_clock();
    while ((packet = entry->first)) {
        entry->first = packet->next;
        ethernet_send(entry->interface, entry->mac, TYPE_IP, packet);
    }
    entry->last = &entry->first;
    entry->waiting = 0;
}

/* ---- what is sent ---------------------------------------------------------------------------- */

static void emit(struct interface *interface, uint32_t operation, const uint8_t *to,
                 const uint8_t *target_mac, uint32_t target)
{
    static const uint8_t ethernet_ip[] = {0, 1, 8, 0, MAC_BYTES, 4};
    struct packet *packet = packet_make(ARP_BYTES);

    if (!packet)
        return;
    uint8_t *arp = packet->data;
    memcpy(arp, ethernet_ip, sizeof(ethernet_ip));
    put16(arp + 6, operation);
    memcpy(arp + 8, interface->mac, MAC_BYTES);
    put32(arp + 14, interface->address);
    memcpy(arp + 18, target_mac, MAC_BYTES);
    put32(arp + 24, target);
    ethernet_send(interface, to, TYPE_ARP, packet);
}

static void ask(struct arp_entry *entry)
{
    static const uint8_t nobody[MAC_BYTES];

    entry->asked++;
    entry->since = arch_clock();
    emit(entry->interface, REQUEST, entry->known ? entry->mac : ethernet_everybody, nobody,
         entry->address);
    if (clock.at > entry->since + ASK_AGAIN)
        timer_set(&clock, entry->since + ASK_AGAIN);
}

/* Entries that wait for an answer are asked for again, or given up. */
static void tick(struct timer *timer, uint64_t now)
{
    uint64_t next = NO_DEADLINE;

    for (struct arp_entry **link = &table; *link;) {
        struct arp_entry *entry = *link;

        if (entry->asked && now >= entry->since + ASK_AGAIN) {
            if (entry->asked >= ASK_TIMES) {
                drop_waiting(entry, true);
                destroy(link);
                continue;
            }
            ask(entry);
        }
        if (entry->asked)
            next = MIN(next, entry->since + ASK_AGAIN);
        link = &entry->next;
    }
    timer_set(timer, next);
    net_run();
}

static struct timer clock = {.at = NO_DEADLINE, .fire = tick};

int arp_send(struct interface *interface, uint32_t next_hop, struct packet *packet)
{
    struct arp_entry *entry = arp_find(interface, next_hop);
    uint64_t now = arch_clock();

    if (entry && entry->known && !entry->permanent && now > entry->since + KEPT)
        entry->known = false;
    if (!entry)
        entry = create(interface, next_hop);
    if (!entry) {
        packet_free(packet);
        return -ENOBUFS;
    }
    if (entry->known) {
        if (!entry->permanent && !entry->asked && now > entry->since + FRESH)
            ask(entry);
        return ethernet_send(interface, entry->mac, TYPE_IP, packet);
    }
    if (entry->waiting == WAITING_LIMIT) { /* the oldest goes */
        struct packet *oldest = entry->first;

        entry->first = oldest->next;
        packet_free(oldest);
        entry->waiting--;
    }
    packet->next = NULL;
    *entry->last = packet;
    entry->last = &packet->next;
    entry->waiting++;
    if (!entry->asked)
        ask(entry);
    return 0;
}

/* ---- what arrives ---------------------------------------------------------------------------- */

void arp_input(struct interface *interface, const uint8_t *arp, uint32_t bytes)
{
    static const uint8_t ethernet_ip[] = {0, 1, 8, 0, MAC_BYTES, 4};

    if (bytes < ARP_BYTES || memcmp(arp, ethernet_ip, sizeof(ethernet_ip)) || arp[8] & 1 ||
        interface->flags & INTERFACE_NO_ARP || !interface->address)
        return;
    uint32_t operation = get16(arp + 6), sender = get32(arp + 14), target = get32(arp + 24);
    struct arp_entry *entry = arp_find(interface, sender);
    bool for_us = target == interface->address;
    if (sender == interface->address)
        return; /* somebody has our address: RFC 5227's matter, which is absent */
    if (!entry && for_us && operation == REQUEST && sender)
        entry = create(interface, sender); /* who asks for us will want an answer */
    if (entry && !entry->permanent)
        learn(entry, arp + 8);
    if (for_us && operation == REQUEST)
        emit(interface, REPLY, arp + 8, arp + 8, sender);
}

/* ---- for programs ---------------------------------------------------------------------------- */

int arp_set(struct interface *interface, uint32_t address, const uint8_t *mac, bool permanent)
{
    struct arp_entry *entry = arp_find(interface, address);

    if (!entry)
        entry = create(interface, address);
    if (!entry)
        return -ENOBUFS;
    entry->permanent = permanent;
    learn(entry, mac);
    return 0;
}

int arp_remove(struct interface *interface, uint32_t address)
{
    for (struct arp_entry **link = &table; *link; link = &(*link)->next)
        if ((*link)->interface == interface && (*link)->address == address) {
            destroy(link);
            return 0;
        }
    return -ENXIO;
}

void arp_forget(const struct interface *interface)
{
    for (struct arp_entry **link = &table; *link;)
        if ((*link)->interface == interface)
            destroy(link);
        else
            link = &(*link)->next;
}
