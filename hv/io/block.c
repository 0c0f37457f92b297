/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * block.c - the block back end: requests out of rings, responses into them
 *
 * A front end shares a page with us (public/io/ring.h): requests and responses in the same slots,
 * two counters of each side. The page is the guest's and may change at any moment. Therefore
 *   - a request is copied once, and the copy is checked (block_check.c);
 *   - our own counters are here, and those in the page are only written;
 *   - a counter that claims more requests than the ring has makes the ring broken: no more is taken
 *     from it until it is connected anew.
 *
 * What may fail is done first: every grant of a request is pinned and every frame counted, as
 * writable if the disk writes it, before any transfer is queued. They stay so until the transfer
 * is over, whatever becomes of the domain. Then the response is written, whole, with zeros where it
 * has no meaning.
 *
 * VBDs with requests have turns of BATCH requests. So a full ring waits for its neighbours' first
 * ones and not for all, and what is taken is enough for the elevator to sort. A flush or barrier
 * waits for all that its VBD has under way, and what comes after waits for it.
 *
 * An event is sent when the front end has asked for one by its counter.
 */
#include "hv/include/event.h"
#include "hv/include/grant.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/perfc.h"
#include "hv/io/vbd.h"

#define BATCH 8
#define LOAD  64 /* transfers that a disk may have: enough to sort */
#define RING  __CONST_RING_SIZE(blkif, PAGE_SIZE)

_Static_assert(RING == VBD_REQUESTS, "as many as the ring has");

static uint32_t kicked[VBDS / 32]; /* an event came, or not all was taken */
static bool work;
static unsigned turn; /* whose turn is next */

void block_notify(unsigned slot)
{
    __atomic_fetch_or(&kicked[slot / 32], 1u << slot % 32, __ATOMIC_SEQ_CST);
    __atomic_store_n(&work, true, __ATOMIC_SEQ_CST);
}

/* --- answers ---------------------------------------------------------------------------------- */

static void send_event(const struct vbd *vbd)
{
    struct domain *domain = domains[vbd->domain];
    const struct event_channel *c;

    lock(&event_lock);
    c = event_channel(domain, vbd->port);
    if (c && c->status == EVTCHNSTAT_interdomain && c->reserved == EVENT_CONSUMER_VBD &&
        c->padding == vbd->slot)
        event_set_pending(domain, vbd->port);
    unlock(&event_lock);
}

static void respond(struct vbd *vbd, uint64_t id, uint8_t operation, int16_t result)
{
    struct blkif_sring *ring = map_frame(vbd->ring);
    struct blkif_response *slot = &ring->ring[vbd->rsp_prod % RING].rsp, whole;
    uint32_t wanted;

    memset(&whole, 0, sizeof(whole)); /* what lies between its members too */
    whole.id = id;
    whole.operation = operation;
    whole.status = result;
    memcpy(slot, &whole, sizeof(whole));
    vbd->rsp_prod++;
    __atomic_store_n(&ring->rsp_prod, vbd->rsp_prod, __ATOMIC_SEQ_CST);
    wanted = __atomic_load_n(&ring->rsp_event, __ATOMIC_SEQ_CST);
    unmap_frame(ring);
    vbd->counts.responses++;
    perfc_count(vbd_responses);
    if (wanted == vbd->rsp_prod) {
        vbd->counts.notifications_sent++;
        send_event(vbd);
    } else {
        vbd->counts.notifications_spared++;
    }
}

/* --- frames ----------------------------------------------------------------------------------- */

static bool writes_memory(const struct vbd_request *request)
{
    return request->operation == BLKIF_OP_READ;
}

static void unpin(const struct vbd_request *request, unsigned segments)
{
    const struct domain *domain = domains[request->vbd->domain];
    bool writes = writes_memory(request);

    for (unsigned i = 0; i < segments; i++)
        grant_unpin(domain, request->segment[i].ref,
                    writes ? GRANT_DEVICE_WRITE : GRANT_DEVICE_READ);
    /* Last: the domain may be dying, and this the last count of its last frame but the ring's. */
    for (unsigned i = 0; i < segments; i++) {
        if (writes)
            frame_put_with_type(request->segment[i].frame);
        else
            frame_put(request->segment[i].frame);
    }
}

static bool pin_one(struct vbd_request *request, unsigned i)
{
    const struct domain *domain = domains[request->vbd->domain];
    bool writes = writes_memory(request);
    enum grant_use use = writes ? GRANT_DEVICE_WRITE : GRANT_DEVICE_READ;
    mfn *frame = &request->segment[i].frame;

    if (grant_pin(domain, request->segment[i].ref, 0, use, true, frame) != GNTST_okay)
        return false;
    if (frame_get(*frame, domain->id) == 0) {
        if (!writes || frame_get_type(*frame, FRAME_WRITABLE) == 0)
            return true;
        frame_put(*frame);
    }
    grant_unpin(domain, request->segment[i].ref, use);
    return false;
}

/* All or none. */
static bool pin(struct vbd_request *request)
{
    unsigned done = 0;

    lock(&mm_lock);
    while (done < request->segments && pin_one(request, done))
        done++;
    if (done < request->segments)
        unpin(request, done);
    unlock(&mm_lock);
    return done == request->segments;
}

/* --- a request's end -------------------------------------------------------------------------- */

static void finish(struct vbd_request *request)
{
    struct vbd *vbd = request->vbd;

    /* First: who sees the answer, on another processor, takes the grants back at once. */
    if (request->segments > 0) {
        lock(&mm_lock);
        unpin(request, request->segments);
        unlock(&mm_lock);
    }
    respond(vbd, request->id, request->operation,
            request->failed ? BLKIF_RSP_ERROR : BLKIF_RSP_OKAY);
    request->busy = false;
    request->next = vbd->free;
    vbd->free = request;
    vbd->in_flight--;
    if (vbd->in_flight == 0)
        vbd->alone = false;
    block_notify(vbd->slot); /* more may wait for the place, or for the flush */
    vbd_try_free(vbd);
}

static void part_done(struct disk_transfer *transfer, bool failed)
{
    struct vbd_request *request = transfer->owner;

    request->failed |= failed;
    if (--request->left == 0)
        finish(request);
}

static void submit_parts(struct vbd_request *request)
{
    unsigned parts = request->left = request->parts; /* it may be over before the loop is */

    for (unsigned i = 0; i < parts; i++) {
        request->part[i].done = part_done;
        request->part[i].owner = request;
        disk_submit(&request->part[i]);
    }
}

/* What a barrier writes follows the flush. */
static void flush_done(struct disk_transfer *transfer, bool failed)
{
    struct vbd_request *request = transfer->owner;

    request->failed |= failed;
    if (--request->left > 0)
        return;
    if (request->parts > 0 && !request->failed)
        submit_parts(request);
    else
        finish(request);
}

static bool uses_disk(const struct vbd *vbd, unsigned disk)
{
    for (unsigned i = 0; i < vbd->extents; i++) {
        if (vbd->extent[i].disk == disk)
            return true;
    }
    return false;
}

static void submit_flush(struct vbd *vbd, struct vbd_request *request)
{
    vbd->alone = true;
    vbd->counts.flushes++;
    request->left = 0;
    for (unsigned disk = 0; disk < DISKS; disk++)
        request->left += uses_disk(vbd, disk);
    for (unsigned disk = 0; disk < DISKS; disk++) {
        struct disk_transfer *t = &vbd->flush[disk];

        if (!uses_disk(vbd, disk))
            continue;
        *t = (struct disk_transfer){.disk = (uint8_t)disk, .done = flush_done, .owner = request};
        disk_submit(t);
    }
}

/* --- a request's beginning -------------------------------------------------------------------- */

static void count_request(struct vbd *vbd, const struct vbd_request *request)
{
    uint32_t sectors = 0;

    for (unsigned i = 0; i < request->parts; i++)
        sectors += request->part[i].sectors;
    vbd->counts.segments += request->segments;
    perfc_add(vbd_segments, request->segments);
    if (request->operation == BLKIF_OP_READ)
        vbd->counts.sectors_read += sectors;
    else
        vbd->counts.sectors_written += sectors;
}

static void begin(struct vbd *vbd, const struct blkif_request *copy)
{
    struct vbd_request *request = vbd->free;
    int16_t answer = block_check(vbd, copy);

    vbd->counts.requests++;
    perfc_count(vbd_requests);
    request->vbd = vbd;
    request->id = copy->id;
    request->operation = copy->operation;
    request->failed = false;
    request->segments = answer == BLKIF_RSP_OKAY ? copy->nr_segments : 0;
    for (unsigned i = 0; i < request->segments; i++)
        request->segment[i].ref = copy->seg[i].gref;
    if (answer == BLKIF_RSP_OKAY && !pin(request))
        answer = BLKIF_RSP_ERROR;
    if (answer != BLKIF_RSP_OKAY) {
        vbd->counts.refused++;
        perfc_count(vbd_refused);
        respond(vbd, copy->id, copy->operation, answer);
        return;
    }
    vbd->free = request->next;
    vbd->in_flight++;
    request->busy = true;
    request->parts = (uint8_t)block_lay_out(vbd, copy, request);
    count_request(vbd, request);
    if (copy->operation >= BLKIF_OP_WRITE_BARRIER)
        submit_flush(vbd, request);
    else
        submit_parts(request);
}

/* Copies the next request, once. False: there is none, or not now. */
static bool take(struct vbd *vbd)
{
    struct blkif_sring *ring;
    struct blkif_request copy;
    uint32_t waiting;

    if (vbd->closing || vbd->broken || vbd->alone || !vbd->free)
        return false;
    ring = map_frame(vbd->ring);
    waiting = __atomic_load_n(&ring->req_prod, __ATOMIC_SEQ_CST) - vbd->req_cons;
    if (waiting == 0) { /* an event is wanted for the next one; it may have come just now */
        __atomic_store_n(&ring->req_event, vbd->req_cons + 1, __ATOMIC_SEQ_CST);
        waiting = __atomic_load_n(&ring->req_prod, __ATOMIC_SEQ_CST) - vbd->req_cons;
    }
    vbd->broken = waiting > RING;
    if (waiting > 0 && waiting <= RING) {
        memcpy(&copy, &ring->ring[vbd->req_cons % RING].req, sizeof(copy));
        barrier();
    }
    unmap_frame(ring);
    if (waiting == 0 || waiting > RING)
        return false;
    if ((copy.operation == BLKIF_OP_WRITE_BARRIER || copy.operation == BLKIF_OP_FLUSH_DISKCACHE) &&
        vbd->in_flight > 0)
        return false; /* it is read again, and checked again, when they are over */
    vbd->req_cons++;
    begin(vbd, &copy);
    return true;
}

/* --- turns ------------------------------------------------------------------------------------ */

static bool busy(const struct vbd *vbd)
{
    return disk_load(vbd->extent[0].disk) >= LOAD;
}

/* One turn; whether the VBD may have more. */
static bool serve(struct vbd *vbd)
{
    unsigned taken = 0;

    while (taken < BATCH && !busy(vbd)) {
        if (!take(vbd))
            break;
        taken++;
    }
    vbd->counts.batches += taken > 0;
    return taken == BATCH || busy(vbd);
}

void block_run(void)
{
    bool more = true;

    while (more) {
        more = false;
        for (unsigned i = 0; i < VBDS; i++) {
            unsigned slot = (turn + i) % VBDS;
            uint32_t bit = 1u << slot % 32;

            if (!(__atomic_fetch_and(&kicked[slot / 32], ~bit, __ATOMIC_SEQ_CST) & bit))
                continue;
            if (!vbds[slot] || !serve(vbds[slot]))
                continue;
            kicked[slot / 32] |= bit;
            more = more || !busy(vbds[slot]);
            turn = slot + 1; /* where the disk had enough, the next one begins */
        }
    }
}

void block_work(void)
{
    if (!__atomic_exchange_n(&work, false, __ATOMIC_SEQ_CST))
        return;
    lock(&io_lock);
    block_run();
    unlock(&io_lock);
}

void disks_idle(void)
{
    block_work();
}
