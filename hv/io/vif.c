/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vif.c - virtual interfaces come and go
 *
 * As a VBD (vbd.c): a VIF lives on its domain's account, its rings' grants are pinned and their
 * frames counted from the connection to the end, and the front end's port becomes one of a channel
 * whose other end is the VIF. No two have the same MAC, so the switch needs nothing else.
 */
#include "hv/include/event.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/time.h"
#include "hv/io/vif.h"

#define FLAGS (XENOLITH_IO_VIF_FLIP | XENOLITH_IO_VIF_NO_SUMS)

struct vif *vifs[VIFS];

_Static_assert(sizeof(struct vif) <= PAGE_SIZE, "a VIF is one page");

static struct vif *find(uint32_t domain, uint32_t handle)
{
    for (unsigned i = 0; i < VIFS; i++) {
        if (vifs[i] && vifs[i]->domain == domain && vifs[i]->handle == handle)
            return vifs[i];
    }
    return NULL;
}

/* --- rings and channel ------------------------------------------------------------------------ */

/* Needs mm_lock. */
static status ring_get(const struct domain *domain, struct vif_ring *ring)
{
    if (grant_pin(domain, ring->ref, 0, GRANT_HOST_WRITE, true, &ring->frame) != GNTST_okay)
        return -EINVAL;
    if (frame_get_with_type(ring->frame, domain->id, FRAME_WRITABLE) == 0)
        return 0;
    grant_unpin(domain, ring->ref, GRANT_HOST_WRITE);
    return -EINVAL;
}

/* Needs mm_lock. Last of all: the domain may go with it. */
static void rings_put(const struct domain *domain, const struct vif *vif)
{
    grant_unpin(domain, vif->tx.ref, GRANT_HOST_WRITE);
    grant_unpin(domain, vif->rx.ref, GRANT_HOST_WRITE);
    frame_put_with_type(vif->tx.frame);
    frame_put_with_type(vif->rx.frame);
}

static status rings_get(const struct domain *domain, struct vif *vif)
{
    if (ring_get(domain, &vif->tx))
        return -EINVAL;
    if (ring_get(domain, &vif->rx) == 0)
        return 0;
    grant_unpin(domain, vif->tx.ref, GRANT_HOST_WRITE);
    frame_put_with_type(vif->tx.frame);
    return -EINVAL;
}

/* The channel, if the port is still the VIF's; needs event_lock. */
static struct event_channel *own_channel(const struct vif *vif)
{
    struct event_channel *c = event_channel(domains[vif->domain], vif->port);

    return c && c->status == EVTCHNSTAT_interdomain && c->reserved == EVENT_CONSUMER_VIF &&
                   c->padding == vif->slot
               ? c
               : NULL;
}

static status channel_take(const struct domain *domain, const struct vif *vif)
{
    struct event_channel *c;
    status result = -EINVAL;

    lock(&event_lock);
    c = event_channel(domain, vif->port);
    if (c && c->status == EVTCHNSTAT_unbound && c->remote_domain == 0) {
        c->status = EVTCHNSTAT_interdomain;
        c->reserved = EVENT_CONSUMER_VIF;
        c->padding = vif->slot;
        result = 0;
    }
    unlock(&event_lock);
    return result;
}

static void channel_give_back(const struct vif *vif)
{
    struct event_channel *c;

    lock(&event_lock);
    c = own_channel(vif);
    if (c)
        *c = (struct event_channel){.status = EVTCHNSTAT_unbound};
    unlock(&event_lock);
}

void vif_responded(struct vif *vif, bool wanted)
{
    if (!wanted) {
        vif->counts.notifications_spared++;
        return;
    }
    vif->counts.notifications_sent++;
    lock(&event_lock);
    if (own_channel(vif))
        event_set_pending(domains[vif->domain], vif->port);
    unlock(&event_lock);
}

/* --- the operations --------------------------------------------------------------------------- */

static status check(const struct xenolith_io_vif *wanted)
{
    static const uint8_t none[6];

    if ((wanted->flags & ~FLAGS) || wanted->addresses > XENOLITH_IO_VIF_ADDRESSES ||
        (wanted->mac[0] & 1) || memcmp(wanted->mac, none, 6) == 0 ||
        (wanted->credit_bytes && !wanted->credit_us))
        return -EINVAL;
    return 0;
}

static void fill_in(struct vif *vif, const struct xenolith_io_vif *wanted)
{
    vif->port = wanted->port;
    vif->tx.ref = wanted->tx_ring;
    vif->rx.ref = wanted->rx_ring;
    vif->flip = wanted->flags & XENOLITH_IO_VIF_FLIP;
    vif->no_sums = wanted->flags & XENOLITH_IO_VIF_NO_SUMS;
    memcpy(vif->mac, wanted->mac, sizeof(vif->mac));
    vif->addresses = (uint8_t)wanted->addresses;
    memcpy(vif->address, wanted->address, sizeof(vif->address));
    vif->credit_bytes = vif->credit_left = wanted->credit_bytes;
    vif->credit_time = MICROSECONDS((nanoseconds)wanted->credit_us);
}

/* Takes the rings and the channel; none on failure. Needs mm_lock. */
static status join(const struct domain *domain, struct vif *vif)
{
    status result = rings_get(domain, vif);

    if (!result && channel_take(domain, vif)) {
        rings_put(domain, vif);
        result = -EINVAL;
    }
    return result;
}

static status connect(struct domain *domain, uint32_t handle, const struct xenolith_io_vif *wanted)
{
    unsigned slot = 0;
    struct vif *vif;
    status result;

    while (slot < VIFS && vifs[slot])
        slot++;
    vif = slot < VIFS ? heap_page_for(domain) : NULL;
    if (!vif)
        return -ENOMEM;
    vif->domain = domain->id;
    vif->slot = (uint16_t)slot;
    vif->handle = handle;
    fill_in(vif, wanted);
    result = join(domain, vif);
    if (result) {
        domain_account(domain, 0u - 1);
        heap_free(vif);
        return result;
    }
    vifs[slot] = vif;
    net_switch_add(vif);
    net_notify(slot); /* what it may have asked for already */
    return 0;
}

status vif_connect(const struct domain *self, const struct xenolith_io_op *op)
{
    status result = check(&op->vif);
    struct domain *domain;

    if (result)
        return result;
    lock(&net_lock);
    lock(&mm_lock);
    domain = domain_by_id(self, op->domain);
    if (!domain || domain->state == DOMAIN_DYING)
        result = -ESRCH;
    else if (find(domain->id, op->handle) || net_find(op->vif.mac))
        result = -EEXIST;
    else
        result = connect(domain, op->handle, &op->vif);
    unlock(&mm_lock);
    unlock(&net_lock);
    net_work(NULL);
    return result;
}

void vif_try_free(struct vif *vif)
{
    struct domain *domain = domains[vif->domain];

    if (!vif->closing || vif->in_flight > 0)
        return;
    vifs[vif->slot] = NULL;
    net_switch_remove(vif);
    channel_give_back(vif);
    lock(&mm_lock);
    domain_account(domain, 0u - 1);
    rings_put(domain, vif);
    unlock(&mm_lock);
    heap_free(vif);
}

status vif_disconnect(const struct xenolith_io_op *op)
{
    status result = -ESRCH;
    struct vif *vif;

    lock(&net_lock);
    vif = find(op->domain, op->handle);
    if (vif) {
        vif->closing = true;
        result = vif->in_flight > 0 ? -EBUSY : 0;
        vif_try_free(vif);
    }
    unlock(&net_lock);
    return result;
}

status vif_statistics(struct xenolith_io_op *op)
{
    const struct vif *vif;

    lock(&net_lock);
    vif = find(op->domain, op->handle);
    if (vif) {
        op->vif_statistics = vif->counts;
        op->vif_statistics.in_flight = vif->in_flight;
    }
    unlock(&net_lock);
    return vif ? 0 : -ESRCH;
}

status vif_card(struct xenolith_io_op *op)
{
    const uint8_t *address = nic_address();

    if (!address)
        return -ENODEV;
    memcpy(op->vif.mac, address, sizeof(op->vif.mac));
    return 0;
}

void vifs_end(const struct domain *domain)
{
    lock(&net_lock);
    for (unsigned i = 0; i < VIFS; i++) {
        if (!vifs[i] || vifs[i]->domain != domain->id)
            continue;
        vifs[i]->closing = true;
        vif_try_free(vifs[i]);
    }
    unlock(&net_lock);
}

void vifs_pins(void (*visit)(const struct domain *domain, grant_ref_t ref, enum grant_use use,
                             mfn frame, int sign),
               int sign)
{
    const struct net_request *request;

    for (unsigned i = 0; i < VIFS; i++) {
        const struct vif *vif = vifs[i];

        if (!vif)
            continue;
        visit(domains[vif->domain], vif->tx.ref, GRANT_HOST_WRITE, vif->tx.frame, sign);
        visit(domains[vif->domain], vif->rx.ref, GRANT_HOST_WRITE, vif->rx.frame, sign);
    }
    for (unsigned i = 0; (request = net_under_way(i)) != NULL; i++) {
        for (unsigned n = 0; request->vif && n < request->slots; n++)
            visit(domains[request->vif->domain], request->slot[n].ref, GRANT_DEVICE_READ,
                  request->slot[n].frame, sign);
    }
}
