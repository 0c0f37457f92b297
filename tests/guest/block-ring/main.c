/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domain 0 gives itself sectors of the machine's disk, reads and writes them through a ring, and
 * what was done is counted. The image holds the lines of `seq 1 20000`.
 */
#include "tests/guest/kit/block.h"

#define HANDLE 0xca00
#define ENTRY  20 /* of the grant table: the ring, and behind it the data */

static struct block_end end;
static uint64_t sectors;
static char *page;

/* One page, from or to a sector. */
static struct blkif_request whole_page(uint8_t operation, uint64_t sector)
{
    struct blkif_request request = {
        .operation = operation, .nr_segments = 1, .sector_number = sector};

    request.seg[0] = (struct blkif_request_segment){ENTRY + 1, 0, 7};
    return request;
}

static void not_for_all(void)
{
    struct xenolith_io_op op = {.command = XENOLITH_IO_DISK};

    expect(io_op(&op), -EPERM);
    op.command = 99;
    expect(io_op(&op), -EPERM);
}

static void disk(void)
{
    struct xenolith_io_op op = {.command = XENOLITH_IO_DISK};

    expect(io_op(&op), 0);
    sectors = op.sectors;
    expect(sectors, 4096);
    op.disk = 1;
    expect(io_op(&op), -ENODEV);
    op.disk = ~0u;
    expect(io_op(&op), -ENODEV);
    op.command = 99;
    expect(io_op(&op), -ENOSYS);
    expect(hypercall(XENOLITH_IO_HYPERCALL, 0xffffff00, 0, 0, 0, 0), -EFAULT);
}

/* What cannot be connected: one thing is wrong in each row. */
static void refused_connections(void)
{
    struct xenolith_io_op good = block_connection(&end, 0, sectors), op;

#define REFUSED(change, error)                                                                     \
    op = good;                                                                                     \
    change;                                                                                        \
    check_equal(#change, io_op(&op), error)
    REFUSED(op.domain = 77, -ESRCH);
    REFUSED(op.domain = 0xffffffff, -ESRCH);
    REFUSED(op.connect.ring = ENTRY + 2, -EINVAL);
    REFUSED(op.connect.ring = 0xffffffff, -EINVAL);
    REFUSED(op.connect.port = end.port + 1, -EINVAL);
    REFUSED(op.connect.port = 0xffffffff, -EINVAL);
    REFUSED(op.connect.extents = 0, -EINVAL);
    REFUSED(op.connect.extents = XENOLITH_IO_EXTENTS + 1, -EINVAL);
    REFUSED(op.connect.extents = 0xffffffff, -EINVAL);
    REFUSED(op.connect.flags = 2, -EINVAL);
    REFUSED(op.connect.extent[0].disk = 1, -EINVAL);
    REFUSED(op.connect.extent[0].disk = 0xffffffff, -EINVAL);
    REFUSED(op.connect.extent[0].first = 1, -EINVAL);
    REFUSED(op.connect.extent[0].first = ~0ull, -EINVAL);
    REFUSED(op.connect.extent[0].sectors = sectors + 1, -EINVAL);
    REFUSED(op.connect.extent[0].sectors = ~0ull, -EINVAL);
    REFUSED(op.connect.extent[0].sectors = XENOLITH_IO_EXTENT_LEAST - 1, -EINVAL);
#undef REFUSED
    expect(grant_table()[ENTRY].flags, GTF_permit_access); /* none of them uses it */
    grant_give(ENTRY, 0, end.ring, GTF_permit_access | GTF_readonly);
    expect(block_connect(&end, 0, sectors, 0), -EINVAL);
    grant_give(ENTRY, 0, base_table(), GTF_permit_access);
    expect(block_connect(&end, 0, sectors, 0), -EINVAL);
    grant_give(ENTRY, 0, end.ring, GTF_permit_access);
}

static void one_block(void)
{
    struct xenolith_io_statistics counts;

    expect(block_connect(&end, 0, sectors, 0), 0);
    expect(block_connect(&end, 0, sectors, 0), -EEXIST);
    check(grant_table()[ENTRY].flags & GTF_writing, "the ring's grant is not in use");
    expect(block_ask(&end, whole_page(BLKIF_OP_READ, 0), 41), BLKIF_RSP_OKAY);
    check(starts_with(page, "1\n2\n3\n4\n5\n"), "the first sector is not the image's");
    expect(grant_table()[ENTRY + 1].flags, GTF_permit_access); /* not used any more */
    counts = block_statistics(&end);
    expect(counts.requests, 1);
    expect(counts.responses, 1);
    expect(counts.refused, 0);
    expect(counts.segments, 1);
    expect(counts.sectors_read, 8);
    expect(counts.sectors_written, 0);
    expect(counts.notifications_sent + counts.notifications_spared, 1);
    expect(counts.batches, 1);
    expect(counts.in_flight, 0);
}

static void written(void)
{
    struct blkif_request flush = {.operation = BLKIF_OP_FLUSH_DISKCACHE};
    struct blkif_request barrier;

    for (unsigned i = 0; i < PAGE_SIZE; i++)
        page[i] = (char)(i * 7);
    expect(block_ask(&end, whole_page(BLKIF_OP_WRITE, 100), 1), BLKIF_RSP_OKAY);
    expect(block_ask(&end, flush, 2), BLKIF_RSP_OKAY);
    page[0] = 99;
    barrier = whole_page(BLKIF_OP_WRITE_BARRIER, 108);
    expect(block_ask(&end, barrier, 3), BLKIF_RSP_OKAY);
    memset(page, 0, PAGE_SIZE);
    expect(block_ask(&end, whole_page(BLKIF_OP_READ, 100), 4), BLKIF_RSP_OKAY);
    check(page[0] == 0 && page[1] == 7 && page[4095] == (char)(4095 * 7), "what was written");
    expect(block_ask(&end, whole_page(BLKIF_OP_READ, 108), 5), BLKIF_RSP_OKAY);
    check(page[0] == 99 && page[1] == 7, "what the barrier wrote");
    expect(block_statistics(&end).flushes, 2);
    expect(block_statistics(&end).sectors_written, 16);
}

/* Parts of pages, from two extents that lie apart, in one request. */
static void in_pieces(void)
{
    struct blkif_request request = {
        .operation = BLKIF_OP_READ, .nr_segments = 2, .sector_number = 96};
    struct xenolith_io_op op = block_connection(&end, 1000, 100);

    expect(block_disconnect(&end), 0);
    block_make(&end, HANDLE, ENTRY);
    op.connect.extents = 2;
    op.connect.extent[1] = (struct xenolith_io_extent){.first = 0, .sectors = 100};
    expect(io_op(&op), 0);
    request.seg[0] = (struct blkif_request_segment){ENTRY + 1, 2, 3};
    request.seg[1] = (struct blkif_request_segment){ENTRY + 1, 4, 7};
    memset(page, 0, PAGE_SIZE);
    expect(block_ask(&end, request, 6), BLKIF_RSP_OKAY);
    check(page[0] == 0 && page[1023] == 0, "sectors that nobody asked for");
    check(starts_with(page + 4 * 512 + 1024, "") && starts_with(page + 6 * 512, "1\n2\n3\n"),
          "the second extent does not follow the first");
    expect(block_disconnect(&end), 0);
    expect(block_disconnect(&end), -ESRCH);
    expect(grant_table()[ENTRY].flags, GTF_permit_access);
}

/* A full ring, answered in whatever order: every id once. */
static void full_ring(void)
{
    uint32_t seen = 0;

    block_make(&end, HANDLE, ENTRY);
    expect(block_connect(&end, 0, sectors, 0), 0);
    for (unsigned i = 0; i < RING_SLOTS; i++) {
        struct blkif_request request = whole_page(BLKIF_OP_READ, i * 1237 % 4000);

        request.id = i;
        block_put(&end, &request);
    }
    for (unsigned i = 0; i < RING_SLOTS; i++) {
        struct blkif_response response;

        expect(block_answer(&end, &response), BLKIF_RSP_OKAY);
        seen |= 1u << response.id % 32;
    }
    expect(seen, ~0u);
    expect(block_statistics(&end).in_flight, 0);
    expect(block_disconnect(&end), 0);
}

void test(void)
{
    if (!privileged) {
        not_for_all();
        return;
    }
    page = page_alloc();
    grant_give(ENTRY + 1, 0, page, GTF_permit_access);
    disk();
    block_make(&end, HANDLE, ENTRY);
    refused_connections();
    one_block();
    written();
    in_pieces();
    full_ring();
}
