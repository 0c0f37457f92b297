/* SPDX-License-Identifier: GPL-2.0-only */
/* guestos_queue.c - the queue of a disk (guestos/block/queue.c) and tables of partitions */
#include "guestos/block/devices.h"
#include "guestos/block/queue.h"
#include "guestos/kernel/errno.h"
#include "guestos/mm/allocate.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define SECTORS 4096u

/* A disk that does one request at a time, and notes the order. */
static struct disk {
    struct block_queue queue;
    uint8_t contents[SECTORS][SECTOR_BYTES];
    struct block_request *current;
    uint64_t bad; /* a sector that fails */
    uint64_t first[1024];
    uint32_t length[1024], requests, flushes;
} disk;

static bool start(struct block_queue *queue, struct block_request *request)
{
    (void)queue;
    if (disk.current)
        return false;
    disk.current = request;
    disk.first[disk.requests % 1024] = request->sector;
    disk.length[disk.requests++ % 1024] = request->sectors;
    return true;
}

static void wait(struct block_queue *queue)
{
    struct block_request *r = disk.current;
    uint8_t *at = disk.contents[r->sector];
    uint32_t bytes = 0;

    for (uint32_t i = 0; i < r->segments; i++) {
        const struct block_segment *s = &r->segment[i];

        cr_assert(queue->contiguous || ((uintptr_t)s->data & 4095) + s->bytes <= 4096);
        cr_assert_eq(s->bytes % SECTOR_BYTES, 0);
        if (r->write)
            memcpy(at + bytes, s->data, s->bytes);
        else
            memcpy(s->data, at + bytes, s->bytes);
        bytes += s->bytes;
    }
    cr_assert_eq(bytes, r->sectors * SECTOR_BYTES);
    cr_assert_leq(r->segments, queue->max_segments);
    cr_assert_leq(r->sectors, queue->max_sectors);
    disk.current = NULL;
    block_queue_done(queue, r,
                     r->sector <= disk.bad && disk.bad < r->sector + r->sectors ? -EIO : 0);
}

static int flush(struct block_queue *queue)
{
    cr_assert_eq(queue->under_way, 0);
    disk.flushes++;
    return 0;
}

static const struct block_driver driver = {start, wait, flush};

static struct block_device *open_disk(bool contiguous, uint32_t segments)
{
    memset(&disk, 0, sizeof(disk));
    disk.bad = ~UINT64_C(0);
    disk.queue.device.sectors = SECTORS;
    disk.queue.driver = &driver;
    disk.queue.contiguous = contiguous;
    disk.queue.max_segments = segments;
    disk.queue.max_sectors = QUEUE_SECTORS;
    cr_assert_eq(block_queue_open(&disk.queue), 0);
    return &disk.queue.device;
}

static void close_disk(void)
{
    heap_free(disk.queue.pool);
    heap_free(disk.queue.free);
    heap_free(disk.queue.waiting);
}

static uint8_t page[32][4096] __attribute__((aligned(4096)));

Test(guestos_queue, neighbours_become_one)
{
    struct block_device *device = open_disk(true, 32);

    for (uint32_t i = 0; i < 8; i++)
        cr_assert_eq(block_write_later(device, 100 + 8 * i, 8, page[i]), 0);
    cr_assert_eq(block_write_later(device, 92, 8, page[20]), 0);
    cr_assert_eq(block_settle(device), 0);
    cr_assert_eq(disk.requests, 1);
    cr_assert_eq(disk.first[0], 92);
    cr_assert_eq(disk.length[0], 72);
    cr_assert_eq(disk.queue.counts.joined, 8);
    close_disk();
}

Test(guestos_queue, no_request_is_too_long)
{
    struct block_device *device = open_disk(false, 11);

    for (uint32_t i = 0; i < 32; i++)
        memset(page[i], (int)i + 1, 4096);
    cr_assert_eq(block_write(device, 0, 256, page), 0);
    cr_assert_eq(disk.requests, 3); /* of 11 pages at most */
    for (uint32_t i = 0; i < 256; i++)
        cr_assert_eq(disk.contents[i][17], i / 8 + 1);
    close_disk();
}

Test(guestos_queue, one_sweep_and_the_next)
{
    static const uint32_t asked[] = {500, 100, 900, 50, 300, 700};
    static const uint32_t done[] = {200, 300, 500, 700, 900, 50, 100};
    struct block_device *device = open_disk(true, 32);

    cr_assert_eq(block_read(device, 200, 1, page[0]), 0); /* the arm is behind it */
    for (uint32_t i = 0; i < 6; i++)
        cr_assert_eq(block_read_later(device, asked[i], 1, page[i]), 0);
    cr_assert_eq(block_settle(device), 0);
    for (uint32_t i = 0; i < 7; i++)
        cr_assert_eq(disk.first[i], done[i], "request %u at %u", i, (uint32_t)disk.first[i]);
    close_disk();
}

Test(guestos_queue, who_was_passed_often_enough_is_passed_no_more)
{
    struct block_device *device = open_disk(true, 32);

    cr_assert_eq(block_read(device, 0, 1, page[0]), 0);
    cr_assert_eq(block_read_later(device, 1000, 1, page[1]), 0);
    disk.queue.waiting[0]->passed = 2;
    for (uint32_t i = 0; i < 3; i++)
        cr_assert_eq(block_read_later(device, 100 + 10 * i, 1, page[2 + i]), 0);
    cr_assert_eq(block_settle(device), 0);
    cr_assert_eq(disk.first[1], 100);
    cr_assert_eq(disk.first[2], 110);
    cr_assert_eq(disk.first[3], 1000);
    cr_assert_eq(disk.first[4], 120);
    close_disk();
}

Test(guestos_queue, what_overlaps_keeps_its_order)
{
    struct block_device *device = open_disk(true, 32);

    memset(page[0], 1, 4096);
    memset(page[1], 2, 4096);
    cr_assert_eq(block_write_later(device, 800, 8, page[0]), 0);
    cr_assert_eq(block_write_later(device, 804, 2, page[1]), 0);
    cr_assert_eq(block_read(device, 800, 8, page[2]), 0);
    cr_assert_eq(block_settle(device), 0);
    cr_assert_eq(page[2][0], 1);
    cr_assert_eq(page[2][4 * 512], 2);
    cr_assert_eq(page[2][6 * 512], 1);
    close_disk();
}

Test(guestos_queue, errors_go_to_who_asked)
{
    struct block_device *device = open_disk(true, 32);

    disk.bad = 300;
    cr_assert_eq(block_write_later(device, 296, 8, page[0]), 0);
    cr_assert_eq(block_read(device, 100, 8, page[1]), 0);
    cr_assert_eq(block_settle(device), -EIO);
    cr_assert_eq(block_settle(device), 0);
    cr_assert_eq(block_read(device, 300, 1, page[1]), -EIO);
    cr_assert_eq(block_flush(device), 0);
    cr_assert_eq(disk.flushes, 1);
    cr_assert_eq(block_read(device, SECTORS - 1, 2, page[1]), -EIO);
    cr_assert_eq(block_read(device, 0, 1, page[0] + 100), -EINVAL);
    close_disk();
}

/* Many requests of seeded places and lengths: the disk has what a plain array would have. */
Test(guestos_queue, any_order_leaves_the_same_bytes)
{
    static uint8_t expected[SECTORS][SECTOR_BYTES];
    struct block_device *device = open_disk(false, 11);
    uint32_t seed = 7;

    memset(expected, 0, sizeof(expected));
    for (uint32_t round = 0; round < 300; round++) {
        for (uint32_t i = 0; i < 32; i++) {
            seed = seed * 1103515245 + 12345;
            uint32_t count = 1 + (seed >> 16) % 8, sector = (seed >> 8) % (SECTORS - 8);

            memset(page[i], (int)(seed >> 24), 4096);
            for (uint32_t s = 0; s < count; s++)
                memcpy(expected[sector + s], page[i] + s * SECTOR_BYTES, SECTOR_BYTES);
            cr_assert_eq(i % 5 ? block_write_later(device, sector, count, page[i])
                               : block_write(device, sector, count, page[i]),
                         0);
        }
        cr_assert_eq(block_settle(device), 0);
    }
    cr_assert_eq(memcmp(expected, disk.contents, sizeof(expected)), 0);
    cr_assert_eq(disk.queue.free_count, QUEUE_REQUESTS);
    close_disk();
}

/* ---- partitions ------------------------------------------------------------------------------ */

static void entry(uint8_t *sector, unsigned i, uint8_t flag, uint8_t type, uint32_t first,
                  uint32_t sectors)
{
    uint8_t *at = sector + 446 + 16 * i;

    at[0] = flag;
    at[4] = type;
    for (unsigned b = 0; b < 4; b++) {
        at[8 + b] = (uint8_t)(first >> 8 * b);
        at[12 + b] = (uint8_t)(sectors >> 8 * b);
    }
    sector[510] = 0x55;
    sector[511] = 0xaa;
}

Test(guestos_queue, partitions)
{
    static const struct row {
        uint32_t first, sectors;
        uint8_t flag, type;
        uint32_t found; /* sectors */
    } rows[] = {
        {63, 937, 0, 0x83, 937},     {63, 938, 0, 0x83, 0}, {1, 999, 0x80, 0x83, 999},
        {0, 100, 0, 0x83, 0},        {63, 100, 0, 0, 0},    {63, 100, 1, 0x83, 0},
        {63, 100, 0, 5, 0},          {1000, 1, 0, 0x83, 0}, {0xffffffff, 2, 0, 0x83, 0},
        {2, 0xffffffff, 0, 0x83, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        uint8_t sector[SECTOR_BYTES] = {0};
        struct partition part[PARTITIONS];

        entry(sector, 2, rows[i].flag, rows[i].type, rows[i].first, rows[i].sectors);
        partitions_read(sector, 1000, part);
        cr_assert_eq(part[2].sectors, rows[i].found, "row %zu: %u", i, part[2].sectors);
        cr_assert_eq(part[0].sectors, 0);
        sector[511] = 0;
        partitions_read(sector, 1000, part);
        cr_assert_eq(part[2].sectors, 0);
    }
}
