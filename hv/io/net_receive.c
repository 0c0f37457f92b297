/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * net_receive.c - a packet into a buffer that a front end has offered
 *
 * Nothing waits here: who has offered no buffer gets no packet, and holds up nobody. A buffer is
 * one of two things, as the VIF was connected.
 *
 *   copy       a grant of a page of the domain's. It is pinned and its frame used as writable for
 *              as long as the copy lasts.
 *   exchange   the domain has given up a frame and says by an entry of its grant table that it
 *              accepts another one (GTF_accept_transfer). The frame that the card has written is
 *              given to it, and what is left of that frame is cleared: the packet is not copied. A
 *              packet of another domain's is copied into a fresh frame, for its sender keeps its
 *              own.
 *
 * An offer that cannot be used is answered with an error, in the slot where it stood, and the
 * packet is lost.
 */
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/perfc.h"
#include "hv/io/vif.h"

static bool drop(struct vif *vif, enum xenolith_io_drop why)
{
    vif->counts.dropped[why]++;
    if (why == XENOLITH_IO_DROP_BUFFER)
        perfc_count(vif_bad_buffers);
    else
        perfc_count(vif_dropped);
    return false;
}

/* --- the ring --------------------------------------------------------------------------------- */

/* Copies the next offer, once. False: there is none. */
static bool take_buffer(struct vif *vif, struct netif_rx_request *offer)
{
    struct netif_rx_sring *ring;
    uint32_t waiting;

    if (vif->closing || vif->rx.broken)
        return false;
    ring = map_frame(vif->rx.frame);
    waiting = __atomic_load_n(&ring->req_prod, __ATOMIC_SEQ_CST) - vif->rx.req_cons;
    vif->rx.broken = waiting > RX_RING;
    if (waiting > 0 && waiting <= RX_RING) {
        memcpy(offer, &ring->ring[vif->rx.req_cons % RX_RING].req, sizeof(*offer));
        barrier();
    }
    unmap_frame(ring);
    return waiting > 0 && waiting <= RX_RING;
}

static void respond(struct vif *vif, uint16_t id, uint16_t flags, int result)
{
    struct netif_rx_sring *ring = map_frame(vif->rx.frame);
    struct netif_rx_response answer = {.id = id, .flags = flags, .status = (int16_t)result};
    uint32_t wanted;

    vif->rx.req_cons++;
    memcpy(&ring->ring[vif->rx.rsp_prod % RX_RING].rsp, &answer, sizeof(answer));
    vif->rx.rsp_prod++;
    __atomic_store_n(&ring->rsp_prod, vif->rx.rsp_prod, __ATOMIC_SEQ_CST);
    wanted = __atomic_load_n(&ring->rsp_event, __ATOMIC_SEQ_CST);
    unmap_frame(ring);
    vif->counts.buffers++;
    perfc_count(vif_buffers);
    vif_responded(vif, wanted == vif->rx.rsp_prod);
}

/* --- the bytes -------------------------------------------------------------------------------- */

/* A sum that its sender left to others, and that this receiver wants. */
static void fill_sum(const struct net_packet *packet, uint8_t *target)
{
    uint8_t *at = target + packet->sum_at;
    uint16_t sum = net_sum_end(
        net_sum(0, target + packet->sum_start, packet->bytes - packet->sum_start, false));

    if (sum == 0 && packet->sum_at == packet->sum_start + 6)
        sum = 0xffff; /* of UDP, where 0 means that there is none (RFC 768) */
    at[0] = (uint8_t)(sum >> 8);
    at[1] = (uint8_t)sum;
}

static void copy_packet(const struct vif *vif, const struct net_packet *packet, uint8_t *target)
{
    uint8_t *at = target;

    memcpy(at, packet->head, packet->head_bytes);
    at += packet->head_bytes;
    for (unsigned i = 0; i < packet->parts; i++) {
        const struct nic_part *part = &packet->part[i];
        const char *from = map_frame(part->frame);

        memcpy(at, from + part->offset, part->bytes);
        unmap_frame(from);
        at += part->bytes;
    }
    if (packet->blank && vif->no_sums)
        fill_sum(packet, target);
}

static bool copy(struct vif *vif, const struct net_packet *packet, grant_ref_t ref)
{
    const struct domain *domain = domains[vif->domain];
    uint8_t *target;
    mfn frame;

    if (grant_pin(domain, ref, 0, GRANT_HOST_WRITE, true, &frame) != GNTST_okay)
        return false;
    if (frame_get_with_type(frame, domain->id, FRAME_WRITABLE)) {
        grant_unpin(domain, ref, GRANT_HOST_WRITE);
        return false;
    }
    target = map_frame(frame);
    copy_packet(vif, packet, target);
    unmap_frame(target);
    grant_unpin(domain, ref, GRANT_HOST_WRITE);
    frame_put_with_type(frame);
    vif->counts.copied++;
    perfc_count(vif_copied);
    return true;
}

/* `frame` is the packet's, or a fresh one. */
static bool exchange(struct vif *vif, const struct net_packet *packet, grant_ref_t ref, mfn frame)
{
    struct domain *domain = domains[vif->domain];
    uint8_t *target;

    if (!grant_accepts(domain, ref, 0))
        return false;
    target = map_frame(frame);
    if (frame != packet->frame)
        copy_packet(vif, packet, target);
    memset(target + packet->bytes, 0, PAGE_SIZE - packet->bytes);
    unmap_frame(target);
    frame_hand_over(frame, domain, grant_accepted_pfn(domain, ref));
    grant_complete(domain, ref, frame);
    vif->counts.exchanged++;
    perfc_count(vif_exchanged);
    return true;
}

/* --- both ------------------------------------------------------------------------------------- */

static uint16_t flags_of(const struct vif *vif, const struct net_packet *packet)
{
    if (packet->blank && !vif->no_sums)
        return NETRXF_csum_blank | NETRXF_data_validated;
    return packet->blank || packet->checked ? NETRXF_data_validated : 0;
}

bool net_deliver(struct vif *vif, const struct net_packet *packet)
{
    mfn frame = packet->frame;
    struct netif_rx_request offer;
    bool done;

    if (!take_buffer(vif, &offer))
        return drop(vif, XENOLITH_IO_DROP_NO_BUFFER);
    lock(&mm_lock);
    if (vif->flip && !frame && !frame_take(&frame)) {
        unlock(&mm_lock);
        return drop(vif, XENOLITH_IO_DROP_MEMORY);
    }
    if (vif->flip)
        done = exchange(vif, packet, offer.gref, frame);
    else
        done = copy(vif, packet, offer.gref);
    if (vif->flip && !done && frame != packet->frame)
        frame_return(frame);
    unlock(&mm_lock);
    if (!done) {
        drop(vif, XENOLITH_IO_DROP_BUFFER);
        respond(vif, offer.id, 0, NETIF_RSP_ERROR);
        return false;
    }
    vif->counts.buffers_used++;
    vif->counts.received_packets++;
    vif->counts.received_bytes += packet->bytes;
    respond(vif, offer.id, flags_of(vif, packet), (int)packet->bytes);
    return vif->flip && frame == packet->frame;
}
