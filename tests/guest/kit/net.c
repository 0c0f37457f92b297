/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/guest/kit/net.h"

static uint16_t last_flags;

void net_make(struct net_end *end, unsigned handle, grant_ref_t ref)
{
    if (!end->tx) {
        struct evtchn_alloc_unbound channel = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};

        end->tx = page_alloc();
        end->rx = page_alloc();
        for (unsigned i = 0; i < NET_PAGES; i++) {
            end->out[i] = page_alloc();
            end->in[i] = page_alloc();
        }
        if (event_op(EVTCHNOP_alloc_unbound, &channel))
            give_up("no port");
        end->port = channel.port;
        event_mask_set(end->port, true);
    }
    memset(end->tx, 0, PAGE_SIZE);
    memset(end->rx, 0, PAGE_SIZE);
    end->tx->req_event = end->tx->rsp_event = end->rx->req_event = end->rx->rsp_event = 1;
    end->sent = end->answered = end->offered = end->taken = 0;
    end->handle = handle;
    end->ref = ref;
    memcpy(end->mac, "\2\0\0\0\0", 6);
    end->mac[5] = (uint8_t)handle;
    grant_give(ref, 0, end->tx, GTF_permit_access);
    grant_give(ref + 1, 0, end->rx, GTF_permit_access);
    for (unsigned i = 0; i < NET_PAGES; i++)
        grant_give(net_out_ref(end, i), 0, end->out[i], GTF_permit_access | GTF_readonly);
}

struct xenolith_io_op net_connection(const struct net_end *end)
{
    struct xenolith_io_op op = {
        .command = XENOLITH_IO_VIF_CONNECT,
        .handle = end->handle,
        .vif = {.tx_ring = end->ref, .rx_ring = end->ref + 1, .port = end->port},
    };

    memcpy(op.vif.mac, end->mac, 6);
    return op;
}

long net_connect(struct net_end *end, unsigned flags)
{
    struct xenolith_io_op op = net_connection(end);

    op.vif.flags = flags;
    end->flip = flags & XENOLITH_IO_VIF_FLIP;
    return io_op(&op);
}

/* Buffers that were given up and not used get frames again. */
static void take_back_frames(struct net_end *end)
{
    for (; end->flip && end->taken != end->offered; end->taken++) {
        unsigned page = end->rx->ring[end->taken % NET_SLOTS].req.id % NET_PAGES;
        struct grant_entry_v1 *entry = &grant_table()[net_in_ref(end, page)];
        xen_pfn_t place = pfn_of(end->in[page]);
        struct xen_memory_reservation more = {.nr_extents = 1, .domid = DOMID_SELF};

        if (entry->flags != GTF_accept_transfer)
            continue;
        entry->flags = 0;
        set_xen_guest_handle(more.extent_start, &place);
        expect(HYPERCALL(memory_op, XENMEM_populate_physmap, &more), 1);
        p2m[pfn_of(end->in[page])] = place;
        expect(map(end->in[page], MFN_PTE(place, PTE_P | PTE_W)), 0);
    }
}

long net_disconnect(struct net_end *end)
{
    struct xenolith_io_op op = {.command = XENOLITH_IO_VIF_DISCONNECT, .handle = end->handle};
    uint64_t until = now() + 1000 * MS;
    long result = io_op(&op);
    bool busy = result == -EBUSY;

    while (result == -EBUSY && now() < until) {
        HYPERCALL(sched_op, SCHEDOP_yield, 0);
        result = io_op(&op);
    }
    take_back_frames(end);
    return busy && result == -ESRCH ? 0 : result;
}

struct xenolith_io_vif_statistics net_statistics(const struct net_end *end)
{
    struct xenolith_io_op op = {.command = XENOLITH_IO_VIF_STATISTICS, .handle = end->handle};

    expect(io_op(&op), 0);
    return op.vif_statistics;
}

/* ---- buffers ----------------------------------------------------------------------------------
 */

static void give_frame_up(const void *page)
{
    xen_pfn_t frame = mfn_of(page);
    struct xen_memory_reservation less = {.nr_extents = 1, .domid = DOMID_SELF};

    set_xen_guest_handle(less.extent_start, &frame);
    expect(map(page, 0), 0);
    expect(HYPERCALL(memory_op, XENMEM_decrease_reservation, &less), 1);
}

void net_offer(struct net_end *end, unsigned page)
{
    grant_ref_t ref = net_in_ref(end, page);
    struct netif_rx_request request = {.id = (uint16_t)page, .gref = ref};

    if (end->flip) {
        give_frame_up(end->in[page]);
        grant_give(ref, 0, end->in[page], GTF_accept_transfer);
        grant_table()[ref].frame = pfn_of(end->in[page]);
    } else {
        grant_give(ref, 0, end->in[page], GTF_permit_access);
    }
    end->rx->ring[end->offered++ % NET_SLOTS].req = request;
    asm volatile("" ::: "memory");
    end->rx->req_prod = end->offered;
}

void net_offer_all(struct net_end *end)
{
    for (unsigned i = 0; i < NET_PAGES; i++)
        net_offer(end, i);
}

/* ---- sending ----------------------------------------------------------------------------------
 */

void net_put(struct net_end *end, const struct netif_tx_request *requests, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        end->tx->ring[end->sent++ % NET_SLOTS].req = requests[i];
    asm volatile("" ::: "memory");
    end->tx->req_prod = end->sent;
    event_send(end->port);
}

/* Blocks until one of the counters is another than it was. */
static bool wait_for(struct net_end *end, const volatile RING_IDX *counter, RING_IDX was,
                     RING_IDX *event, unsigned ms)
{
    uint64_t until = now() + ms * MS;

    while (*counter == was) {
        struct sched_poll poll = {.nr_ports = 1, .timeout = now() + 20 * MS};

        if (now() > until)
            return false;
        event_clear(end->port);
        *event = was + 1;
        asm volatile("lock; addl $0, (%%esp)" ::: "memory");
        if (*counter != was)
            break;
        set_xen_guest_handle(poll.ports, &end->port);
        HYPERCALL(sched_op, SCHEDOP_poll, &poll);
    }
    return true;
}

int net_answer(struct net_end *end, uint16_t *id)
{
    struct netif_tx_response response;

    if (!wait_for(end, &end->tx->rsp_prod, end->answered, &end->tx->rsp_event, 1000))
        return NO_ANSWER;
    response = end->tx->ring[end->answered++ % NET_SLOTS].rsp;
    *id = response.id;
    return response.status;
}

int net_send(struct net_end *end, const void *packet, unsigned bytes)
{
    unsigned page = end->sent % NET_PAGES;
    struct netif_tx_request request = {
        .gref = net_out_ref(end, page), .id = (uint16_t)(1000 + page), .size = (uint16_t)bytes};
    uint16_t id = 0;
    int result;

    memcpy(end->out[page], packet, bytes);
    net_put(end, &request, 1);
    result = net_answer(end, &id);
    check(result == NO_ANSWER || id == request.id, "the answer is to %u, not to %u", id,
          request.id);
    return result;
}

/* ---- receiving --------------------------------------------------------------------------------
 */

static void take_frame(const struct net_end *end, unsigned page)
{
    const struct grant_entry_v1 *entry = &grant_table()[net_in_ref(end, page)];

    expect(entry->flags, GTF_accept_transfer | GTF_transfer_committed | GTF_transfer_completed);
    expect(machine_to_phys_mapping[entry->frame], pfn_of(end->in[page]));
    p2m[pfn_of(end->in[page])] = entry->frame;
    expect(map(end->in[page], MFN_PTE(entry->frame, PTE_P | PTE_W)), 0);
}

int net_receive(struct net_end *end, void *packet, unsigned ms)
{
    struct netif_rx_response response;
    unsigned page;

    if (!wait_for(end, &end->rx->rsp_prod, end->taken, &end->rx->rsp_event, ms))
        return NO_ANSWER;
    response = end->rx->ring[end->taken++ % NET_SLOTS].rsp;
    page = response.id % NET_PAGES;
    last_flags = response.flags;
    if (response.status < 0)
        return response.status;
    if (end->flip)
        take_frame(end, page);
    memcpy(packet, end->in[page] + response.offset, (size_t)response.status);
    net_offer(end, page);
    return response.status;
}

uint16_t net_flags(void)
{
    return last_flags;
}
