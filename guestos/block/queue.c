/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * queue.c - the order in which a disk does what is asked of it
 *
 * The elevator of Linux 2.4 (there also in the hypervisor of 2003): requests are sorted by sector
 * in one direction, from where the arm is to the disk's end and then from its beginning. A new
 * request goes between two neighbours that it lies between, the last such place; it may pass others
 * on its way there, but each of them only so often: 8192 times a read, 16384 a write, so that none
 * waits for ever. One that continues another one, in the same direction, becomes part of it.
 *
 * Requests that overlap are done in the order in which they came: who would overlap another one
 * first waits for all.
 *
 * Pure: a unit test drives it with a driver of its own.
 */
#include "guestos/block/queue.h"
#include "guestos/kernel/errno.h"
#include "guestos/mm/allocate.h"

#define PASSED_READ  8192u
#define PASSED_WRITE 16384u
#define PAGE_BYTES   4096u

static struct block_queue *queue_of(struct block_device *device)
{
    return CONTAINER(device, struct block_queue, device);
}

/* ---- segments -------------------------------------------------------------------------------- */

/* How much of what begins at `data` can be in one segment. */
static uint32_t piece(const struct block_queue *queue, const uint8_t *data, uint32_t bytes)
{
    uint32_t to_end = PAGE_BYTES - (uint32_t)((uintptr_t)data & (PAGE_BYTES - 1));

    return queue->contiguous ? bytes : MIN(bytes, to_end);
}

/* Whether `data` continues the request's last segment in memory. */
static bool continues(const struct block_queue *queue, const struct block_request *request,
                      const uint8_t *data)
{
    const struct block_segment *last = &request->segment[request->segments - 1];
    bool page = !((uintptr_t)data & (PAGE_BYTES - 1));

    return request->segments && last->data + last->bytes == data && (queue->contiguous || !page);
}

/* Appends as much as the request has room for; bytes appended, whole sectors. */
static uint32_t append(const struct block_queue *queue, struct block_request *request,
                       uint8_t *data, uint32_t bytes)
{
    uint32_t done = 0;

    bytes = MIN(bytes, (queue->max_sectors - request->sectors) * SECTOR_BYTES);
    while (done < bytes) {
        uint32_t n = piece(queue, data + done, bytes - done);

        if (continues(queue, request, data + done))
            request->segment[request->segments - 1].bytes += n;
        else if (request->segments < queue->max_segments)
            request->segment[request->segments++] = (struct block_segment){data + done, n};
        else
            break;
        done += n;
    }
    request->sectors += done / SECTOR_BYTES;
    return done;
}

/* Puts all of it in front of what the request has; false: there is no room, nothing is changed. */
static bool prepend(const struct block_queue *queue, struct block_request *request, uint8_t *data,
                    uint32_t bytes)
{
    struct block_request front = {.sector = request->sector - bytes / SECTOR_BYTES};

    if (append(queue, &front, data, bytes) < bytes ||
        front.segments + request->segments > queue->max_segments ||
        front.sectors + request->sectors > queue->max_sectors)
        return false;
    for (uint32_t i = request->segments; i--;)
        request->segment[front.segments + i] = request->segment[i];
    for (uint32_t i = 0; i < front.segments; i++)
        request->segment[i] = front.segment[i];
    request->segments += front.segments;
    request->sectors += front.sectors;
    request->sector = front.sector;
    return true;
}

/* ---- the order ------------------------------------------------------------------------------- */

/* Whether `sector` lies between two neighbours, the second of which may begin a new sweep. */
static bool between(uint64_t before, uint64_t sector, uint64_t after)
{
    if (before <= after)
        return before <= sector && sector < after;
    return before <= sector || sector < after;
}

/*
 * Where a new request goes: an index in waiting[]. What it passes can be passed once less; behind
 * who has been passed often enough it goes to the end.
 */
static uint32_t place(struct block_queue *queue, uint64_t sector)
{
    struct block_request **waiting = queue->waiting;
    uint32_t count = queue->waiting_count, at = count;

    if (!count || between(waiting[count - 1]->sector, sector, queue->position))
        return count; /* the last of this sweep, or of the next */
    while (at > 0 && waiting[at - 1]->passed) {
        uint64_t before = at > 1 ? waiting[at - 2]->sector : queue->position;

        at--;
        if (!between(before, sector, waiting[at]->sector))
            continue;
        for (uint32_t i = at; i < count; i++)
            waiting[i]->passed--;
        return at;
    }
    return count;
}

static void insert(struct block_queue *queue, struct block_request *request)
{
    uint32_t at = place(queue, request->sector);

    for (uint32_t i = queue->waiting_count++; i > at; i--)
        queue->waiting[i] = queue->waiting[i - 1];
    queue->waiting[at] = request;
}

/* Whether the sectors overlap what waits or is under way, unless both are read. */
static bool overlaps(const struct block_queue *queue, uint64_t sector, uint32_t sectors, bool write)
{
    for (const struct block_request *r = queue->pool; r < queue->pool + QUEUE_REQUESTS; r++)
        if (r->sectors && (write || r->write) && sector < r->sector + r->sectors &&
            r->sector < sector + sectors)
            return true;
    return false;
}

/* ---- giving to the driver, and back ---------------------------------------------------------- */

void block_queue_run(struct block_queue *queue)
{
    while (queue->waiting_count && queue->driver->start(queue, queue->waiting[0])) {
        struct block_request *request = queue->waiting[0];

        request->started = true;
        queue->position = request->sector + request->sectors;
        queue->under_way++;
        queue->counts.requests++;
        queue->waiting_count--;
        for (uint32_t i = 0; i < queue->waiting_count; i++)
            queue->waiting[i] = queue->waiting[i + 1];
    }
}

void block_queue_done(struct block_queue *queue, struct block_request *request, int error)
{
    if (request->write)
        queue->counts.sectors_written += error ? 0 : request->sectors;
    else
        queue->counts.sectors_read += error ? 0 : request->sectors;
    if (request->result)
        *request->result = error;
    else if (!queue->error)
        queue->error = error;
    *request = (struct block_request){0};
    queue->free[queue->free_count++] = request;
    queue->under_way--;
}

/* One step nearer to the end of all. */
static void advance(struct block_queue *queue)
{
    block_queue_run(queue);
    if (queue->waiting_count || queue->under_way)
        queue->driver->wait(queue);
}

static void drain(struct block_queue *queue)
{
    while (queue->waiting_count || queue->under_way)
        advance(queue);
}

/* A request that is not in use, waited for if need be. */
static struct block_request *new_request(struct block_queue *queue, uint64_t sector, bool write)
{
    while (!queue->free_count)
        advance(queue);
    struct block_request *request = queue->free[--queue->free_count];
    *request = (struct block_request){
        .sector = sector, .write = write, .passed = write ? PASSED_WRITE : PASSED_READ};
    return request;
}

/* ---- the device's functions ------------------------------------------------------------------ */

/* Adds it to a request that waits and that it continues, at either end; sectors taken. */
static uint32_t join(struct block_queue *queue, uint64_t sector, uint32_t sectors, uint8_t *data,
                     bool write)
{
    for (uint32_t i = queue->waiting_count; i--;) {
        struct block_request *r = queue->waiting[i];

        if (!r->joins || r->write != write)
            continue;
        if (r->sector + r->sectors == sector)
            return append(queue, r, data, sectors * SECTOR_BYTES) / SECTOR_BYTES;
        if (sector + sectors == r->sector && prepend(queue, r, data, sectors * SECTOR_BYTES))
            return sectors;
    }
    return 0;
}

static int queue_later(struct block_device *device, uint64_t sector, uint32_t count, void *data,
                       bool write)
{
    struct block_queue *queue = queue_of(device);
    uint8_t *at = data;

    if ((uintptr_t)data % SECTOR_BYTES)
        return -EINVAL;
    if (overlaps(queue, sector, count, write))
        drain(queue);
    while (count) {
        uint32_t done = join(queue, sector, count, at, write);

        queue->counts.joined += done != 0;
        if (!done) {
            struct block_request *request = new_request(queue, sector, write);

            request->joins = true;
            done = append(queue, request, at, count * SECTOR_BYTES) / SECTOR_BYTES;
            insert(queue, request);
        }
        sector += done;
        at += done * SECTOR_BYTES;
        count -= done;
    }
    return 0;
}

static int queue_settle(struct block_device *device)
{
    struct block_queue *queue = queue_of(device);

    drain(queue);
    int error = queue->error;
    queue->error = 0;
    return error;
}

/* Those that somebody waits for at once: each a request of its own, so that its error is. */
static int now(struct block_queue *queue, uint64_t sector, uint32_t count, uint8_t *at, bool write)
{
    if ((uintptr_t)at % SECTOR_BYTES)
        return -EINVAL;
    if (overlaps(queue, sector, count, write))
        drain(queue);
    while (count) {
        struct block_request *request = new_request(queue, sector, write);
        int result = 1;

        request->result = &result;
        uint32_t done = append(queue, request, at, count * SECTOR_BYTES) / SECTOR_BYTES;
        insert(queue, request);
        while (result > 0)
            advance(queue);
        if (result)
            return result;
        sector += done;
        at += done * SECTOR_BYTES;
        count -= done;
    }
    return 0;
}

static int queue_read(struct block_device *device, uint64_t sector, uint32_t count, void *to)
{
    return now(queue_of(device), sector, count, to, false);
}

static int queue_write(struct block_device *device, uint64_t sector, uint32_t count,
                       const void *from)
{
    return now(queue_of(device), sector, count, (uint8_t *)(uintptr_t)from, true);
}

static int queue_flush(struct block_device *device)
{
    struct block_queue *queue = queue_of(device);

    drain(queue);
    return queue->driver->flush ? queue->driver->flush(queue) : 0;
}

int block_queue_open(struct block_queue *queue)
{
    struct block_device *device = &queue->device;

    queue->pool = heap_allocate(QUEUE_REQUESTS * sizeof(*queue->pool));
    queue->free = heap_allocate(QUEUE_REQUESTS * sizeof(struct block_request *));
    queue->waiting = heap_allocate(QUEUE_REQUESTS * sizeof(struct block_request *));
    if (!queue->pool || !queue->free || !queue->waiting) {
        heap_free(queue->pool);
        heap_free(queue->free);
        heap_free(queue->waiting);
        return -ENOMEM;
    }
    queue->max_segments = MIN(queue->max_segments, QUEUE_SEGMENTS);
    queue->max_sectors = MIN(queue->max_sectors, QUEUE_SECTORS);
    for (uint32_t i = 0; i < QUEUE_REQUESTS; i++)
        queue->free[queue->free_count++] = &queue->pool[i];
    device->read = queue_read;
    device->write = queue_write;
    device->later = queue_later;
    device->settle = queue_settle;
    device->flush = queue_flush;
    return 0;
}
