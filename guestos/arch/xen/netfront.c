/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * netfront.c - a virtual network interface: what goes out, and the two ends of its life
 *
 * A packet that has a page of its own is granted for as long as the other end reads it. A small one
 * shares its page with other objects, so it is copied to the slot's part of a page that is granted
 * for good: nobody sees its neighbours, and no grant is made. Slots are filled as packets come; the
 * ring shows them to the other end at once, and tells it if it has asked (push).
 *
 * The other end may say anything. An answer to a slot that has no packet, or more answers than
 * requests, ends the interface. A page whose grant it keeps is lost with its entry.
 *
 * Sums are left to the other end, which completes them on the way to a wire and not at all on the
 * way to another domain.
 *
 * Sources: public/io/netif.h, ring.h.
 */
#include "guestos/arch/xen/netfront.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/sched.h"
#include "guestos/mm/heap.h"
#include "guestos/time/time.h"

#include <xen/io/ring.h>
#include <xen/io/netif.h>

#define TX_RING    __CONST_RING_SIZE(netif_tx, PAGE_SIZE)
#define PER_PAGE   (PAGE_SIZE / NETFRONT_SMALL)
#define ALL_FREE   (~0ull >> (64 - NETFRONT_SENDS))
#define FRONTS     4
#define PAUSE      (NANOSECONDS / 20000) /* the programs', between two batches */
#define FRAME_MOST (ETHERNET_MTU + ETHERNET_HEADER)

static struct netfront *fronts[FRONTS];

static struct netfront *front_of(struct interface *interface)
{
    return CONTAINER(interface, struct netfront, interface);
}

/* ---- out ------------------------------------------------------------------------------------- */

static void end_slot(struct netfront *front, uint32_t slot)
{
    struct packet *packet = front->out[slot].packet;

    if (packet && grant_end(front->out[slot].ref))
        packet_free(packet);
    else if (packet)
        front->interface.out.errors++; /* its page is the other end's for ever */
    front->out[slot].packet = NULL;
    front->tx_free |= 1ull << slot;
}

void netfront_give_up(struct netfront *front)
{
    if (front->dead)
        return;
    kprintf("%s: the other end makes no sense: the interface is not used any more\n",
            front->interface.name);
    front->dead = true;
    front->interface.flags &= ~INTERFACE_RUNNING;
}

static void take_answers(struct netfront *front)
{
    struct netif_tx_sring *ring = front->tx;
    uint32_t end = __atomic_load_n(&ring->rsp_prod, __ATOMIC_ACQUIRE);

    if (end - front->tx_cons > front->tx_told - front->tx_cons) {
        netfront_give_up(front);
        return;
    }
    while (front->tx_cons != end) {
        struct netif_tx_response answer = ring->ring[front->tx_cons++ % TX_RING].rsp;

        if (answer.id >= NETFRONT_SENDS || front->tx_free >> answer.id & 1) {
            netfront_give_up(front);
            return;
        }
        if (answer.status != NETIF_RSP_OKAY)
            front->interface.out.errors++;
        end_slot(front, answer.id);
    }
    /* The next event is wanted when half of what is under way is answered. */
    __atomic_store_n(&ring->rsp_event, end + ((front->tx_told - end) >> 1) + 1, __ATOMIC_SEQ_CST);
}

/* Where the slot's bytes are: the packet's page, granted, or a copy. False: no grant is left. */
static bool place(struct netfront *front, uint32_t slot, struct packet *packet,
                  struct netif_tx_request *request)
{
    if (packet_has_page(packet)) {
        uint32_t ref = grant_give(front->backend, (void *)((uint32_t)packet & PAGE_MASK), true);

        if (!ref)
            return false;
        front->out[slot].packet = packet;
        front->out[slot].ref = request->gref = ref;
        request->offset = (uint16_t)((uint32_t)packet->data & ~PAGE_MASK);
        return true;
    }
    request->gref = front->small_ref[slot / PER_PAGE];
    request->offset = (uint16_t)(slot % PER_PAGE * NETFRONT_SMALL);
    memcpy(front->small[slot / PER_PAGE] + request->offset, packet->data, packet->bytes);
    return true;
}

static int transmit(struct interface *interface, struct packet *packet)
{
    struct netfront *front = front_of(interface);
    bool small = !packet_has_page(packet);

    if (front->dead || packet->bytes > (small ? NETFRONT_SMALL : FRAME_MOST)) {
        interface->out.errors++;
        packet_free(packet);
        return 0;
    }
    if (!front->tx_free)
        take_answers(front);
    if (!front->tx_free)
        return -ENOBUFS;
    uint32_t slot = lowest_of(front->tx_free);
    struct netif_tx_request request = {
        .id = (uint16_t)slot,
        .size = (uint16_t)packet->bytes,
        .flags = packet->sum_open ? NETTXF_csum_blank | NETTXF_data_validated : 0};
    if (!place(front, slot, packet, &request))
        return -ENOBUFS;
    front->tx_free &= ~(1ull << slot);
    front->tx->ring[front->tx_prod++ % TX_RING].req = request;
    count(COUNT_net_requests);
    if (small)
        packet_free(packet);
    return 0;
}

static void push(struct interface *interface)
{
    struct netfront *front = front_of(interface);
    uint32_t old = front->tx_told;

    if (front->dead || front->tx_prod == old)
        return;
    front->tx_told = front->tx_prod;
    __atomic_store_n(&front->tx->req_prod, front->tx_prod, __ATOMIC_SEQ_CST);
    uint32_t wanted = __atomic_load_n(&front->tx->req_event, __ATOMIC_SEQ_CST);
    if (front->tx_prod - wanted < front->tx_prod - old) {
        count(COUNT_net_notifications);
        event_send(front->port);
    }
}

/* ---- events ---------------------------------------------------------------------------------- */

static void work(struct netfront *front)
{
    take_answers(front);
    interface_ready(&front->interface);
    if (netfront_take(front))
        timer_set(&front->later, arch_clock() + PAUSE);
    net_run();
}

static void go_on(struct timer *timer, uint64_t now)
{
    (void)now;
    struct netfront *front = CONTAINER(timer, struct netfront, later);

    if (!front->dead)
        work(front);
}

static void happened(evtchn_port_t port)
{
    struct netfront *front = NULL;

    for (uint32_t i = 0; i < FRONTS; i++)
        if (fronts[i] && fronts[i]->port == port)
            front = fronts[i];
    if (!front || front->dead)
        return;
    count(COUNT_net_interrupts);
    work(front);
}

static int open(struct interface *interface)
{
    struct netfront *front = front_of(interface);

    if (front->dead)
        return -ENODEV;
    netfront_offer(front);
    event_unmask(front->port);
    event_raise(front->port); /* what has come while it was down */
    return 0;
}

/* Packets under way end as they would; what comes is dropped. */
static const struct interface_ops ops = {.open = open, .transmit = transmit, .push = push};

/* ---- beginnings ------------------------------------------------------------------------------ */

static bool make_small(struct netfront *front)
{
    for (uint32_t i = 0; i < NETFRONT_SENDS / PER_PAGE; i++) {
        front->small[i] = heap_allocate(PAGE_SIZE);
        if (!front->small[i])
            return false;
        front->small_ref[i] = grant_give(front->backend, front->small[i], true);
        if (!front->small_ref[i])
            return false;
    }
    return true;
}

static bool make_rings(struct netfront *front)
{
    struct evtchn_alloc_unbound channel = {.dom = DOMID_SELF, .remote_dom = front->backend};

    front->tx = heap_allocate(PAGE_SIZE);
    front->rx = heap_allocate(PAGE_SIZE);
    if (!front->tx || !front->rx)
        return false;
    front->tx->req_event = front->tx->rsp_event = 1;
    front->rx->req_event = front->rx->rsp_event = 1;
    front->tx_ref = grant_give(front->backend, front->tx, false);
    front->rx_ref = grant_give(front->backend, front->rx, false);
    if (!front->tx_ref || !front->rx_ref ||
        HYPERCALL_2(event_channel_op, EVTCHNOP_alloc_unbound, &channel))
        return false;
    front->port = channel.port;
    event_mask(front->port);
    return true;
}

static void drop_page(void *page, uint32_t ref)
{
    if (!ref || grant_end(ref))
        heap_free(page);
}

/* It stays in the list of interfaces, without a carrier. */
void netfront_close(struct netfront *front)
{
    front->dead = true;
    front->interface.flags &= ~INTERFACE_RUNNING;
    event_mask(front->port);
    kprintf("%s: taken away\n", front->interface.name);
}

void netfront_drop(struct netfront *front)
{
    struct evtchn_close channel = {.port = front->port};

    if (front->port)
        HYPERCALL_2(event_channel_op, EVTCHNOP_close, &channel);
    drop_page(front->tx, front->tx_ref);
    drop_page(front->rx, front->rx_ref);
    for (uint32_t i = 0; i < NETFRONT_SENDS / PER_PAGE; i++)
        drop_page(front->small[i], front->small_ref[i]);
    for (uint32_t i = 0; i < NETFRONT_BUFFERS; i++)
        drop_page(front->in[i].page, front->flip ? 0 : front->in[i].ref);
    heap_free(front);
}

struct netfront *netfront_make(uint16_t backend, bool flip, const uint8_t mac[MAC_BYTES])
{
    struct netfront *front = grant_init() ? heap_allocate(sizeof(*front)) : NULL;

    if (!front)
        return NULL;
    front->backend = backend;
    front->flip = flip;
    front->tx_free = ALL_FREE;
    memcpy(front->interface.mac, mac, MAC_BYTES);
    if (make_rings(front) && make_small(front) && netfront_make_buffers(front))
        return front;
    netfront_drop(front);
    return NULL;
}

void netfront_open(struct netfront *front)
{
    struct interface *interface = &front->interface;
    uint32_t i = 0;

    while (i < FRONTS && fronts[i])
        i++;
    if (i == FRONTS)
        return;
    fronts[i] = front;
    interface->ops = &ops;
    interface->pattern = "eth%u";
    interface->kind = KIND_ETHERNET;
    interface->flags = INTERFACE_BROADCAST | INTERFACE_MULTICAST | INTERFACE_RUNNING;
    interface->mtu = interface->mtu_limit = ETHERNET_MTU;
    interface->sums = true;
    front->later = (struct timer){.at = NO_DEADLINE, .fire = go_on};
    event_bind(front->port, happened);
    interface_add(interface);
    kprintf("%s: %02x:%02x:%02x:%02x:%02x:%02x, through rings, pages are %s\n", interface->name,
            interface->mac[0], interface->mac[1], interface->mac[2], interface->mac[3],
            interface->mac[4], interface->mac[5], front->flip ? "exchanged" : "copied");
}
