/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vbd.c - virtual block devices come and go
 *
 * A VBD lives on its domain's account: a page for itself, and pages for its requests. Its ring's
 * grant is pinned and its frame counted, as writable, from the connection to the end; so the domain
 * cannot be forgotten before its VBDs are. The front end's port becomes one of a channel whose
 * other end is the VBD (struct event_channel: reserved and padding); for the guest it is
 * one to Domain 0.
 */
#include "hv/io/vbd.h"
#include "hv/include/event.h"
#include "hv/include/grant.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"

struct vbd *vbds[VBDS];

_Static_assert(sizeof(struct vbd) <= PAGE_SIZE, "a VBD is one page");
_Static_assert(sizeof(struct vbd_request) * REQUESTS_A_PAGE <= PAGE_SIZE, "and its requests");

static struct vbd *find(uint32_t domain, uint32_t handle)
{
    for (unsigned i = 0; i < VBDS; i++) {
        if (vbds[i] && vbds[i]->domain == domain && vbds[i]->handle == handle)
            return vbds[i];
    }
    return NULL;
}

/* --- what is asked for ------------------------------------------------------------------------ */

static status check_extents(const struct xenolith_io_connect *connect)
{
    if (connect->extents == 0 || connect->extents > XENOLITH_IO_EXTENTS ||
        (connect->flags & ~XENOLITH_IO_READ_ONLY))
        return -EINVAL;
    for (unsigned i = 0; i < connect->extents; i++) {
        const struct xenolith_io_extent *e = &connect->extent[i];
        uint64_t sectors = disk_sectors(e->disk);

        if (e->sectors < XENOLITH_IO_EXTENT_LEAST || e->first >= sectors ||
            e->sectors > sectors - e->first)
            return -EINVAL;
    }
    return 0;
}

static void free_pages(struct vbd *vbd)
{
    for (unsigned i = 0; i < VBD_REQUEST_PAGES; i++)
        heap_free(vbd->page[i]);
    heap_free(vbd);
}

static struct vbd *make(struct domain *domain)
{
    struct vbd *vbd = heap_page_for(domain);
    bool all = vbd != NULL;

    for (unsigned i = 0; vbd && i < VBD_REQUEST_PAGES; i++) {
        vbd->page[i] = heap_page_for(domain);
        all = all && vbd->page[i];
        for (unsigned r = 0; vbd->page[i] && r < REQUESTS_A_PAGE; r++) {
            vbd->page[i][r].next = vbd->free;
            vbd->free = &vbd->page[i][r];
        }
    }
    if (all)
        return vbd;
    if (vbd)
        free_pages(vbd);
    return NULL;
}

/* --- the ring and the channel ----------------------------------------------------------------- */

/* Needs mm_lock. */
static status ring_get(const struct domain *domain, struct vbd *vbd)
{
    if (grant_pin(domain, vbd->ring_ref, 0, GRANT_HOST_WRITE, true, &vbd->ring) != GNTST_okay)
        return -EINVAL;
    if (frame_get_with_type(vbd->ring, domain->id, FRAME_WRITABLE) == 0)
        return 0;
    grant_unpin(domain, vbd->ring_ref, GRANT_HOST_WRITE);
    return -EINVAL;
}

/* Needs mm_lock. Last of all: the domain may go with it. */
static void ring_put(const struct vbd *vbd)
{
    grant_unpin(domains[vbd->domain], vbd->ring_ref, GRANT_HOST_WRITE);
    frame_put_with_type(vbd->ring);
}

static status channel_take(const struct domain *domain, const struct vbd *vbd)
{
    struct event_channel *c;
    status result = -EINVAL;

    lock(&event_lock);
    c = event_channel(domain, vbd->port);
    if (c && c->status == EVTCHNSTAT_unbound && c->remote_domain == 0) {
        c->status = EVTCHNSTAT_interdomain;
        c->reserved = EVENT_CONSUMER_VBD;
        c->padding = vbd->slot;
        result = 0;
    }
    unlock(&event_lock);
    return result;
}

static void channel_give_back(const struct vbd *vbd)
{
    struct event_channel *c;

    lock(&event_lock);
    c = event_channel(domains[vbd->domain], vbd->port);
    if (c && c->reserved == EVENT_CONSUMER_VBD && c->padding == vbd->slot)
        *c = (struct event_channel){.status = EVTCHNSTAT_unbound};
    unlock(&event_lock);
}

/* --- the operations --------------------------------------------------------------------------- */

/* Takes the ring and the channel; none on failure. Needs io_lock and mm_lock. */
static status join(const struct domain *domain, struct vbd *vbd)
{
    status result = ring_get(domain, vbd);

    if (!result && channel_take(domain, vbd)) {
        ring_put(vbd);
        result = -EINVAL;
    }
    return result;
}

static status connect(struct domain *domain, uint32_t handle,
                      const struct xenolith_io_connect *wanted)
{
    unsigned slot = 0;
    struct vbd *vbd;
    status result;

    while (slot < VBDS && vbds[slot])
        slot++;
    vbd = slot < VBDS ? make(domain) : NULL;
    if (!vbd)
        return -ENOMEM;
    vbd->domain = domain->id;
    vbd->slot = (uint16_t)slot;
    vbd->handle = handle;
    vbd->read_only = wanted->flags & XENOLITH_IO_READ_ONLY;
    vbd->ring_ref = wanted->ring;
    vbd->port = wanted->port;
    vbd->extents = wanted->extents;
    for (unsigned i = 0; i < wanted->extents; i++) {
        vbd->extent[i] = wanted->extent[i];
        vbd->sectors += wanted->extent[i].sectors;
    }
    result = join(domain, vbd);
    if (result) {
        domain_account(domain, 0u - (1 + VBD_REQUEST_PAGES));
        free_pages(vbd);
        return result;
    }
    vbds[slot] = vbd;
    block_notify(slot); /* what it may have asked for already */
    return 0;
}

status vbd_connect(const struct domain *self, const struct xenolith_io_op *op)
{
    status result = check_extents(&op->connect);
    struct domain *domain;

    if (result)
        return result;
    lock(&io_lock);
    lock(&mm_lock);
    domain = domain_by_id(self, op->domain);
    if (!domain || domain->state == DOMAIN_DYING)
        result = -ESRCH;
    else if (find(domain->id, op->handle))
        result = -EEXIST;
    else
        result = connect(domain, op->handle, &op->connect);
    unlock(&mm_lock);
    unlock(&io_lock);
    block_work();
    return result;
}

void vbd_try_free(struct vbd *vbd)
{
    struct domain *domain = domains[vbd->domain];

    if (!vbd->closing || vbd->in_flight > 0)
        return;
    vbds[vbd->slot] = NULL;
    channel_give_back(vbd);
    lock(&mm_lock);
    domain_account(domain, 0u - (1 + VBD_REQUEST_PAGES));
    ring_put(vbd);
    unlock(&mm_lock);
    free_pages(vbd);
}

status vbd_disconnect(const struct xenolith_io_op *op)
{
    status result = -ESRCH;
    struct vbd *vbd;

    lock(&io_lock);
    vbd = find(op->domain, op->handle);
    if (vbd) {
        vbd->closing = true;
        result = vbd->in_flight > 0 ? -EBUSY : 0;
        vbd_try_free(vbd);
    }
    unlock(&io_lock);
    return result;
}

status vbd_statistics(struct xenolith_io_op *op)
{
    const struct vbd *vbd;

    lock(&io_lock);
    vbd = find(op->domain, op->handle);
    if (vbd) {
        op->sectors = vbd->sectors;
        op->statistics = vbd->counts;
        op->statistics.in_flight = vbd->in_flight;
    }
    unlock(&io_lock);
    return vbd ? 0 : -ESRCH;
}

void vbds_end(const struct domain *domain)
{
    lock(&io_lock);
    for (unsigned i = 0; i < VBDS; i++) {
        if (!vbds[i] || vbds[i]->domain != domain->id)
            continue;
        vbds[i]->closing = true;
        vbd_try_free(vbds[i]);
    }
    unlock(&io_lock);
}

void vbds_pins(void (*visit)(const struct domain *domain, grant_ref_t ref, enum grant_use use,
                             mfn frame, int sign),
               int sign)
{
    for (unsigned i = 0; i < VBDS; i++) {
        const struct vbd *vbd = vbds[i];

        if (!vbd)
            continue;
        visit(domains[vbd->domain], vbd->ring_ref, GRANT_HOST_WRITE, vbd->ring, sign);
        for (unsigned r = 0; r < VBD_REQUESTS; r++) {
            const struct vbd_request *request =
                &vbd->page[r / REQUESTS_A_PAGE][r % REQUESTS_A_PAGE];
            enum grant_use use =
                request->operation == BLKIF_OP_READ ? GRANT_DEVICE_WRITE : GRANT_DEVICE_READ;

            for (unsigned n = 0; request->busy && n < request->segments; n++)
                visit(domains[vbd->domain], request->segment[n].ref, use, request->segment[n].frame,
                      sign);
        }
    }
}
