/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * net.c - the network back end: packets out of the rings of virtual interfaces, in turns
 *
 * The ring is the guest's memory and is treated as a block ring is (block.c): requests are copied
 * once and the copies checked (net_check.c), our counters are ours, and a ring that makes no sense
 * is not looked at any more. Then every grant of the packet is pinned and every frame counted, and
 * the head of the packet, by which it is judged and sent on its way, is copied: the guest cannot
 * change it afterwards. The rest is read where it is, by the card, or by the copy to another
 * domain.
 *
 * Whose turn it is sends one packet. VIFs whose packet is for a card without room wait until it has
 * sent something; VIFs that have used their credit, until they have it again.
 *
 * Work is done in bounded pieces. Who sends an event does the work for its own VIFs, and with each
 * packet of its own at most one of any other VIF's that asked; it goes on until nothing is left for
 * it, and lets go in between as long hypercalls do. What is left without anybody who goes on is
 * taken up by a timer of the first processor. The packet's sender pays for the time, or its
 * receiver if it comes from the wire, whichever vcpu runs meanwhile.
 */
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/perfc.h"
#include "hv/include/sched.h"
#include "hv/include/time.h"
#include "hv/include/arch/percpu.h"
#include "hv/io/vif.h"

#define REQUESTS        65 /* one is never the card's */
#define REQUESTS_A_PAGE (PAGE_SIZE / sizeof(struct net_request))
#define REQUEST_PAGES   ((REQUESTS + REQUESTS_A_PAGE - 1) / REQUESTS_A_PAGE)
#define PIECE           64               /* packets, each with those who get it */
#define PAUSE           MICROSECONDS(50) /* between pieces of the timer's */

static uint32_t kicked[VIFS / 32]; /* an event came, or not all was taken */
static bool work;
static unsigned turn; /* whose turn is next */
static struct net_request *pages[REQUEST_PAGES], *free_requests;
static void look(struct timer *fired);
static struct timer timer = {.fire = look};
static nanoseconds timer_due; /* 0: it is not set */
static bool poll_wanted;

void net_init(void)
{
    for (unsigned i = 0; i < REQUEST_PAGES; i++) {
        pages[i] = heap_page();
        if (!pages[i])
            panic("no memory for the network");
        for (unsigned r = 0; r < REQUESTS_A_PAGE; r++) {
            pages[i][r].next = free_requests;
            free_requests = &pages[i][r];
        }
    }
}

const struct net_request *net_under_way(unsigned i)
{
    return i < REQUEST_PAGES * REQUESTS_A_PAGE ? &pages[i / REQUESTS_A_PAGE][i % REQUESTS_A_PAGE]
                                               : NULL;
}

void net_notify(unsigned slot)
{
    __atomic_fetch_or(&kicked[slot / 32], 1u << slot % 32, __ATOMIC_SEQ_CST);
    __atomic_store_n(&work, true, __ATOMIC_SEQ_CST);
}

/* The timer's next look is no later than this. */
static void look_at(nanoseconds when)
{
    if (timer_due && timer_due <= when)
        return;
    timer_due = when;
    timer_set(&domains[0]->vcpu[0], &timer, when);
}

/* --- answers ---------------------------------------------------------------------------------- */

/* One for each slot of a packet; of extra information there is nothing to say. */
static void respond(struct vif *vif, const struct net_request *request, int16_t result)
{
    struct netif_tx_sring *ring = map_frame(vif->tx.frame);
    uint32_t before = vif->tx.rsp_prod, wanted;

    for (unsigned i = 0; i < request->slots; i++) {
        const struct net_slot *slot = &request->slot[i];
        struct netif_tx_response answer = {.id = slot->id,
                                           .status = slot->extra ? NETIF_RSP_NULL : result};

        memcpy(&ring->ring[vif->tx.rsp_prod++ % TX_RING].rsp, &answer, sizeof(answer));
    }
    __atomic_store_n(&ring->rsp_prod, vif->tx.rsp_prod, __ATOMIC_SEQ_CST);
    wanted = __atomic_load_n(&ring->rsp_event, __ATOMIC_SEQ_CST);
    unmap_frame(ring);
    vif->counts.responses += request->slots;
    perfc_add(vif_responses, request->slots);
    vif_responded(vif, vif->tx.rsp_prod - wanted < vif->tx.rsp_prod - before);
}

/* --- frames ----------------------------------------------------------------------------------- */

/* Of the first so many slots. */
static void unpin(const struct net_request *request, unsigned slots)
{
    const struct domain *domain = domains[request->vif->domain];

    for (unsigned i = 0; i < slots; i++)
        grant_unpin(domain, request->slot[i].ref, GRANT_DEVICE_READ);
    for (unsigned i = 0; i < slots; i++) /* last: the domain may go with it */
        frame_put(request->slot[i].frame);
}

static void let_go(struct net_request *request)
{
    lock(&mm_lock);
    unpin(request, request->slots);
    unlock(&mm_lock);
}

static bool pin_one(const struct domain *domain, struct net_slot *slot)
{
    if (grant_pin(domain, slot->ref, 0, GRANT_DEVICE_READ, true, &slot->frame) != GNTST_okay)
        return false;
    if (frame_get(slot->frame, domain->id) == 0)
        return true;
    grant_unpin(domain, slot->ref, GRANT_DEVICE_READ);
    return false;
}

/* All or none. Only packets without extra information come so far. */
static bool pin(struct net_request *request)
{
    const struct domain *domain = domains[request->vif->domain];
    unsigned done = 0;

    lock(&mm_lock);
    while (done < request->slots && pin_one(domain, &request->slot[done]))
        done++;
    if (done < request->slots)
        unpin(request, done);
    unlock(&mm_lock);
    return done == request->slots;
}

/* Copies the head, and says where the rest is. */
static void behead(struct net_request *request)
{
    struct net_packet *packet = &request->packet;
    unsigned left = MIN(packet->bytes, (unsigned)VIF_HEAD), parts = 0;

    packet->head = request->head;
    packet->head_bytes = left;
    packet->part = request->part;
    for (unsigned i = 0; i < request->slots; i++) {
        const struct net_slot *slot = &request->slot[i];
        unsigned here = MIN((unsigned)slot->bytes, left);

        if (here > 0) {
            const char *from = map_frame(slot->frame);

            memcpy(request->head + packet->head_bytes - left, from + slot->offset, here);
            unmap_frame(from);
            left -= here;
        }
        if (here < slot->bytes)
            request->part[parts++] = (struct nic_part){slot->frame, (uint16_t)(slot->offset + here),
                                                       (uint16_t)(slot->bytes - here)};
    }
    packet->parts = parts;
}

/* --- the card --------------------------------------------------------------------------------- */

static bool wire_has_room(void)
{
    return nic_has_room() && free_requests && free_requests->next;
}

static void sent(struct nic_packet *out)
{
    struct net_request *request = container_of(out, struct net_request, out);
    struct vif *vif = request->vif;

    sched_work_for(domains[vif->domain]);
    let_go(request);
    respond(vif, request, NETIF_RSP_OKAY);
    request->vif = NULL;
    request->next = free_requests;
    free_requests = request;
    vif->in_flight--;
    vif_try_free(vif);
}

static void send_out(struct net_request *request)
{
    const struct net_packet *packet = &request->packet;
    struct nic_packet *out = &request->out;

    free_requests = request->next;
    request->vif->in_flight++;
    perfc_count(vif_to_wire);
    out->part[0] = (struct nic_part){heap_mfn((void *)((uintptr_t)request & PAGE_MASK)),
                                     (uint16_t)((uintptr_t)request->head & ~PAGE_MASK),
                                     (uint16_t)packet->head_bytes};
    for (unsigned i = 0; i < packet->parts; i++)
        out->part[1 + i] = packet->part[i];
    out->parts = 1 + packet->parts;
    out->sum_start = packet->blank ? packet->sum_start : 0;
    out->sum_at = packet->blank ? packet->sum_at : 0;
    out->sum_udp = packet->blank && packet->sum_at == packet->sum_start + 6;
    out->done = sent;
    nic_send(out);
}

/* --- a packet --------------------------------------------------------------------------------- */

/* Whether its VIF may send so many bytes now. If not, the timer looks again. */
static bool has_credit(struct vif *vif, unsigned bytes)
{
    nanoseconds time;

    if (!vif->credit_bytes)
        return true;
    time = now();
    if (time >= vif->credit_until) {
        vif->credit_left = vif->credit_bytes;
        vif->credit_until = time + vif->credit_time;
    }
    if (bytes <= vif->credit_left || vif->credit_left == vif->credit_bytes) {
        vif->credit_left -= MIN(bytes, vif->credit_left);
        return true;
    }
    vif->wants_credit = true;
    vif->counts.waited_for_credit++;
    look_at(vif->credit_until);
    return false;
}

static unsigned answer(struct vif *vif, const struct net_request *request, int16_t result)
{
    vif->tx.req_cons += request->slots;
    vif->counts.requests += request->slots;
    perfc_add(vif_requests, request->slots);
    if (result == NETIF_RSP_ERROR) {
        vif->counts.refused++;
        perfc_count(vif_refused);
    } else if (result == NETIF_RSP_DROPPED) {
        vif->counts.dropped[XENOLITH_IO_DROP_FILTER]++;
        perfc_count(vif_filtered);
    }
    respond(vif, request, result);
    return 1;
}

/* A packet that may go: to the card, which answers later, and to others. */
static unsigned forward(struct vif *vif, struct net_request *request, bool to_wire)
{
    struct net_packet *packet = &request->packet;
    unsigned tried;
    bool kept;

    vif->counts.sent_packets++;
    vif->counts.sent_bytes += packet->bytes;
    perfc_count(vif_packets);
    tried = net_dispatch(packet, &kept);
    if (!to_wire) {
        let_go(request);
        return answer(vif, request, NETIF_RSP_OKAY) + tried;
    }
    vif->tx.req_cons += request->slots;
    vif->counts.requests += request->slots;
    perfc_add(vif_requests, request->slots);
    send_out(request);
    return 1 + tried;
}

/* Pins, judges, forwards. How much was done; 0: it is for the card, which has no room. */
static unsigned consider(struct vif *vif, struct net_request *request)
{
    struct net_packet *packet = &request->packet;
    bool sum_found, to_wire;

    request->vif = vif;
    if (!pin(request))
        return answer(vif, request, NETIF_RSP_ERROR);
    behead(request);
    packet->from = vif;
    packet->frame = 0;
    packet->blank = request->flags & NETTXF_csum_blank;
    packet->checked = true; /* no wire has damaged it */
    sum_found = !packet->blank || net_find_sum(packet);
    if (!sum_found || !net_may_send(vif, packet)) {
        let_go(request);
        return answer(vif, request, sum_found ? NETIF_RSP_DROPPED : NETIF_RSP_ERROR);
    }
    to_wire = net_is_for_wire(packet);
    if (!to_wire || wire_has_room())
        return forward(vif, request, to_wire);
    let_go(request);
    vif->wants_wire = true;
    return 0;
}

/* One packet, if there is one and it may go now. How much was done. */
static unsigned serve(struct vif *vif)
{
    struct net_request *request = free_requests;
    struct netif_tx_sring *ring;
    enum net_gathered gathered = NET_BROKEN;
    uint32_t waiting;
    unsigned done = 0;

    if (vif->closing || vif->tx.broken || (vif->wants_wire && !wire_has_room()))
        return 0;
    vif->wants_wire = vif->wants_credit = false;
    ring = map_frame(vif->tx.frame);
    waiting = __atomic_load_n(&ring->req_prod, __ATOMIC_SEQ_CST) - vif->tx.req_cons;
    if (waiting == 0) { /* an event is wanted for the next one; it may have come just now */
        __atomic_store_n(&ring->req_event, vif->tx.req_cons + 1, __ATOMIC_SEQ_CST);
        waiting = __atomic_load_n(&ring->req_prod, __ATOMIC_SEQ_CST) - vif->tx.req_cons;
    }
    if (waiting <= TX_RING)
        gathered = net_gather(ring, vif->tx.req_cons, waiting, request);
    unmap_frame(ring);
    vif->tx.broken = gathered == NET_BROKEN;
    if (gathered == NET_REFUSED)
        done = answer(vif, request, NETIF_RSP_ERROR);
    else if (gathered == NET_PACKET && has_credit(vif, request->packet.bytes))
        done = consider(vif, request);
    if (free_requests == request)
        request->vif = NULL;
    return done;
}

/* --- turns ------------------------------------------------------------------------------------ */

/* The next one that asked, from the turn on; it is taken off the list. False: there is none. */
static bool next_kicked(unsigned *slot)
{
    for (unsigned i = 0; i <= VIFS / 32; i++) {
        unsigned word = (turn / 32 + i) % (VIFS / 32);
        uint32_t bits = __atomic_load_n(&kicked[word], __ATOMIC_SEQ_CST);

        if (i == 0)
            bits &= ~0u << turn % 32;
        if (!bits)
            continue;
        *slot = word * 32 + (unsigned)__builtin_ctz(bits);
        __atomic_fetch_and(&kicked[word], ~(1u << *slot % 32), __ATOMIC_SEQ_CST);
        return true;
    }
    return false;
}

static bool any_kicked(void)
{
    for (unsigned i = 0; i < VIFS / 32; i++) {
        if (kicked[i])
            return true;
    }
    return false;
}

static bool domain_kicked(const struct domain *domain)
{
    for (unsigned i = 0; i < VIFS / 32; i++) {
        for (uint32_t bits = kicked[i]; bits; bits &= bits - 1) {
            const struct vif *vif = vifs[i * 32 + (unsigned)__builtin_ctz(bits)];

            if (vif && vif->domain == domain->id)
                return true;
        }
    }
    return false;
}

static void run(void)
{
    unsigned slot, done = 0;

    while (done < PIECE && next_kicked(&slot)) {
        struct vif *vif = vifs[slot];
        unsigned some;

        turn = (slot + 1) % VIFS;
        if (!vif)
            continue;
        sched_work_for(domains[vif->domain]);
        some = serve(vif);
        if (some > 0)
            __atomic_fetch_or(&kicked[slot / 32], 1u << slot % 32, __ATOMIC_SEQ_CST);
        done += some;
    }
    sched_work_for(NULL);
}

bool net_work(const struct domain *domain)
{
    bool more;

    if (!__atomic_load_n(&work, __ATOMIC_SEQ_CST))
        return false;
    lock(&net_lock);
    run();
    __atomic_store_n(&work, false, __ATOMIC_SEQ_CST);
    if (any_kicked())
        __atomic_store_n(&work, true, __ATOMIC_SEQ_CST);
    more = work && domain && domain_kicked(domain);
    if (work && !more)
        look_at(now() + PAUSE);
    unlock(&net_lock);
    return more;
}

/* Who waits for the card, or for credit that is there by now, asks again. */
static void kick_waiting(nanoseconds time)
{
    bool room = wire_has_room();

    for (unsigned i = 0; i < VIFS; i++) {
        const struct vif *vif = vifs[i];

        if (!vif)
            continue;
        if ((vif->wants_wire && room) || (vif->wants_credit && time >= vif->credit_until))
            net_notify(i);
        else if (vif->wants_credit)
            look_at(vif->credit_until);
    }
}

static void look(struct timer *fired)
{
    (void)fired;
    lock(&net_lock);
    timer_due = 0;
    if (poll_wanted) {
        perfc_count(nic_polls);
        poll_wanted = nic_poll();
    }
    kick_waiting(now());
    run();
    if (poll_wanted || any_kicked())
        look_at(now() + PAUSE);
    unlock(&net_lock);
}

void nic_idle(bool more)
{
    poll_wanted |= more;
    kick_waiting(now());
    run();
    if (poll_wanted || any_kicked())
        look_at(now() + PAUSE);
}

/* --- what comes by the wire ------------------------------------------------------------------- */

bool nic_arrived(mfn frame, unsigned bytes, bool checked, bool may_keep, unsigned *done)
{
    struct net_packet packet = {.head = map_frame(frame),
                                .head_bytes = bytes,
                                .bytes = bytes,
                                .checked = checked,
                                .frame = may_keep ? frame : 0};
    struct vif *owner = bytes >= VIF_LEAST ? net_find(packet.head) : NULL;
    bool kept = false;

    sched_work_for(owner ? domains[owner->domain] : NULL);
    *done = bytes >= VIF_LEAST ? net_dispatch(&packet, &kept) : 0;
    perfc_count(vif_from_wire);
    if (*done == 0)
        perfc_count(vif_unknown);
    unmap_frame(packet.head);
    return kept;
}
