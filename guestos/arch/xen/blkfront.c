/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * blkfront.c - a virtual disk: requests go through a ring to the back end, whose grants lead to our
 * pages
 *
 * A slot of ours (0 .. 31) is a request's identity in the ring. The other end may say anything: a
 * response to a slot that has no request, or more responses than requests, ends the disk, and every
 * request on it fails. Pages are granted for one request each and taken back when it is answered; a
 * page whose grant the other end keeps is lost with its entry, and the request has failed.
 *
 * Sources: public/io/blkif.h, ring.h.
 */
#include "guestos/arch/xen/blkfront.h"
#include "guestos/block/devices.h"
#include "guestos/kernel/errno.h"
#include "guestos/mm/heap.h"

#include <xen/grant_table.h>
#include <xen/io/ring.h>
#include <xen/io/blkif.h>

#define RING     __CONST_RING_SIZE(blkif, PAGE_SIZE)
#define SEGMENTS BLKIF_MAX_SEGMENTS_PER_REQUEST
#define SECTORS  (SEGMENTS * (PAGE_SIZE / SECTOR_BYTES))

_Static_assert(RING == 32 && SEGMENTS == 11, "struct blkfront has the numbers");

static struct blkfront *front_of(struct block_queue *queue)
{
    return CONTAINER(queue, struct blkfront, queue);
}

/* ---- requests ------------------------------------------------------------------------------ */

static void push(struct blkfront *front)
{
    struct blkif_sring *ring = front->ring;
    uint32_t old = front->req_prod++;

    __atomic_store_n(&ring->req_prod, front->req_prod, __ATOMIC_SEQ_CST);
    uint32_t wanted = __atomic_load_n(&ring->req_event, __ATOMIC_SEQ_CST);
    if (front->req_prod - wanted < front->req_prod - old) {
        count(COUNT_disk_notifications);
        event_send(front->port);
    }
}

static struct blkif_request *new_slot(struct blkfront *front, uint32_t *number)
{
    if (!front->free_slots)
        return NULL;
    *number = (uint32_t)__builtin_ctz(front->free_slots);
    front->free_slots &= front->free_slots - 1;
    struct blkif_request *request = &front->ring->ring[front->req_prod % RING].req;
    memset(request, 0, sizeof(*request));
    request->id = *number;
    return request;
}

static bool start(struct block_queue *queue, struct block_request *request)
{
    struct blkfront *front = front_of(queue);
    uint32_t number;
    struct blkif_request *wire = new_slot(front, &number);

    if (!wire)
        return false;
    wire->operation = request->write ? BLKIF_OP_WRITE : BLKIF_OP_READ;
    wire->nr_segments = (uint8_t)request->segments;
    wire->sector_number = request->sector;
    for (uint32_t i = 0; i < request->segments; i++) {
        const struct block_segment *s = &request->segment[i];
        uint32_t first = ((uint32_t)s->data & ~PAGE_MASK) / SECTOR_BYTES;
        uint32_t ref = grant_give(0, (void *)((uint32_t)s->data & PAGE_MASK), request->write);

        ASSERT(ref); /* the table has more entries than all rings have segments */
        front->slot[number].ref[i] = ref;
        wire->seg[i] = (struct blkif_request_segment){
            .gref = ref,
            .first_sect = (uint8_t)first,
            .last_sect = (uint8_t)(first + s->bytes / SECTOR_BYTES - 1)};
    }
    front->slot[number].request = request;
    count(COUNT_disk_requests);
    push(front);
    return true;
}

/* ---- responses ----------------------------------------------------------------------------- */

static void end_slot(struct blkfront *front, uint32_t number, int error)
{
    struct block_request *request = front->slot[number].request;

    for (uint32_t i = 0; request && i < request->segments; i++)
        if (!grant_end(front->slot[number].ref[i]))
            error = -EIO;
    front->slot[number].request = NULL;
    front->free_slots |= 1u << number;
    if (request) {
        count_many(COUNT_disk_sectors, error ? 0 : request->sectors);
        block_queue_done(&front->queue, request, error);
    } else {
        front->flushing = false;
        front->flush_failed = error;
    }
}

void blkfront_close(struct blkfront *front)
{
    for (uint32_t i = 0; i < RING; i++)
        if (!(front->free_slots & 1u << i))
            end_slot(front, i, -EIO);
    front->free_slots = 0;           /* nothing more is asked of it ... */
    front->queue.device.sectors = 0; /* ... as there is nothing */
}

static void give_up(struct blkfront *front)
{
    kprintf("%s: the other end makes no sense: the disk is not used any more\n",
            front->queue.device.name);
    blkfront_close(front);
}

/* Whether there was anything. */
static bool look(struct blkfront *front)
{
    struct blkif_sring *ring = front->ring;
    uint32_t end = __atomic_load_n(&ring->rsp_prod, __ATOMIC_ACQUIRE);
    bool any = end != front->rsp_cons;

    if (end - front->rsp_cons > front->req_prod - front->rsp_cons) {
        give_up(front);
        return true;
    }
    while (front->rsp_cons != end) {
        struct blkif_response answer = ring->ring[front->rsp_cons++ % RING].rsp;

        if (answer.id >= RING || front->free_slots & 1u << answer.id) {
            give_up(front);
            return true;
        }
        end_slot(front, (uint32_t)answer.id, answer.status == BLKIF_RSP_OKAY ? 0 : -EIO);
    }
    return any;
}

/* Blocks the domain, but no other, until the port is pending. */
static void wait(struct block_queue *queue)
{
    struct blkfront *front = front_of(queue);

    if (front->free_slots == ~0u)
        return; /* nothing is under way */
    while (!look(front)) {
        struct sched_poll poll = {.nr_ports = 1};

        event_clear(front->port);
        __atomic_store_n(&front->ring->rsp_event, front->rsp_cons + 1, __ATOMIC_SEQ_CST);
        if (look(front))
            break;
        set_xen_guest_handle(poll.ports, &front->port);
        HYPERCALL_2(sched_op, SCHEDOP_poll, &poll);
    }
    block_queue_run(queue);
}

static int flush(struct block_queue *queue)
{
    struct blkfront *front = front_of(queue);
    uint32_t number;
    struct blkif_request *wire = new_slot(front, &number);

    if (!wire)
        return -EIO;
    wire->operation = BLKIF_OP_FLUSH_DISKCACHE;
    front->slot[number].request = NULL;
    front->flushing = true;
    count(COUNT_disk_requests);
    push(front);
    while (front->flushing)
        wait(queue);
    return front->flush_failed ? -EIO : 0;
}

static const struct block_driver driver = {start, wait, flush};

/* ---- beginnings ---------------------------------------------------------------------------- */

struct blkfront *blkfront_make(uint16_t backend)
{
    struct blkfront *front = grant_init() ? heap_allocate(sizeof(*front)) : NULL;
    struct evtchn_alloc_unbound channel = {.dom = DOMID_SELF, .remote_dom = backend};

    if (!front)
        return NULL;
    front->ring = heap_allocate(PAGE_SIZE);
    front->ring_ref = front->ring ? grant_give(backend, front->ring, false) : 0;
    if (!front->ring_ref || HYPERCALL_2(event_channel_op, EVTCHNOP_alloc_unbound, &channel)) {
        if (front->ring_ref)
            grant_end(front->ring_ref);
        heap_free(front->ring);
        heap_free(front);
        return NULL;
    }
    front->port = channel.port;
    front->free_slots = ~0u;
    front->ring->req_event = front->ring->rsp_event = 1;
    return front;
}

void blkfront_open(struct blkfront *front, const char *name, uint32_t number, uint64_t sectors,
                   bool read_only, bool parts)
{
    struct block_queue *queue = &front->queue;

    queue->device.sectors = sectors;
    queue->device.number = number;
    queue->device.read_only = read_only;
    format(queue->device.name, sizeof(queue->device.name), "%s", name);
    queue->driver = &driver;
    queue->max_segments = SEGMENTS;
    queue->max_sectors = SECTORS;
    if (block_queue_open(queue))
        return;
    kprintf("%s: %llu sectors%s, through a ring\n", name, sectors, read_only ? ", read-only" : "");
    block_add(&queue->device, parts);
}
