/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a front end may do wrong, and only harm itself: every request that cannot be is refused with
 * an answer to its id, no frame is touched, nothing stays pinned, and the ring works afterwards.
 *
 * After published advisories: counters beyond the ring (XSA-39), grants that are refused (361, 362,
 * 365, 367), padding in responses (216), segments and sectors out of range, connections that come
 * and go (350), events without work (332).
 */
#include "tests/guest/kit/block.h"

#define HANDLE   0xca00
#define ENTRY    20
#define DATA     (ENTRY + 1) /* good */
#define READONLY (ENTRY + 2)
#define NOBODYS  (ENTRY + 3) /* gives nothing */
#define OTHERS   (ENTRY + 4) /* to another domain */
#define TABLE    (ENTRY + 5) /* a page table's frame */
#define FOREIGN  (ENTRY + 6) /* a frame that is not ours */
#define SECTORS  4096ull

static struct block_end end;
static char *page, *readonly;

static const struct row {
    const char *what;
    uint8_t operation, segments, first, last;
    uint64_t sector;
    grant_ref_t ref;
    int answer;
} rows[] = {
    {"no segments", BLKIF_OP_READ, 0, 0, 7, 0, DATA, -1},
    {"twelve segments", BLKIF_OP_READ, 12, 0, 7, 0, DATA, -1},
    {"255 segments", BLKIF_OP_WRITE, 255, 0, 7, 0, DATA, -1},
    {"255 segments in a flush", BLKIF_OP_FLUSH_DISKCACHE, 255, 0, 7, 0, DATA, -1},
    {"the first behind the last", BLKIF_OP_READ, 1, 4, 3, 0, DATA, -1},
    {"the last beyond the page", BLKIF_OP_READ, 1, 0, 8, 0, DATA, -1},
    {"255 to 255", BLKIF_OP_WRITE, 1, 255, 255, 0, DATA, -1},
    {"0 to 255", BLKIF_OP_WRITE, 11, 0, 255, 0, DATA, -1},
    {"the sector behind the end", BLKIF_OP_READ, 1, 0, 0, SECTORS, DATA, -1},
    {"over the end", BLKIF_OP_READ, 1, 0, 7, SECTORS - 7, DATA, -1},
    {"over the end, many", BLKIF_OP_WRITE, 11, 0, 7, SECTORS - 87, DATA, -1},
    {"the last sector there could be", BLKIF_OP_READ, 1, 0, 7, ~0ull, DATA, -1},
    {"around the end of numbers", BLKIF_OP_WRITE, 11, 0, 7, ~0ull - 10, DATA, -1},
    {"a discard", BLKIF_OP_DISCARD, 1, 0, 7, 0, DATA, -2},
    {"indirect segments", BLKIF_OP_INDIRECT, 1, 0, 7, 0, DATA, -2},
    {"a reserved operation", BLKIF_OP_RESERVED_1, 1, 0, 7, 0, DATA, -2},
    {"operation 255", 255, 11, 0, 7, 0, DATA, -2},
    {"a grant that is read-only", BLKIF_OP_READ, 1, 0, 7, 0, READONLY, -1},
    {"the eleventh a grant that is none", BLKIF_OP_READ, 11, 0, 7, 0, NOBODYS, -1},
    {"a grant to another domain", BLKIF_OP_WRITE, 1, 0, 7, 0, OTHERS, -1},
    {"a page table to write", BLKIF_OP_READ, 1, 0, 7, 0, TABLE, -1},
    {"a frame of somebody else", BLKIF_OP_WRITE, 1, 0, 7, 0, FOREIGN, -1},
    {"a reference beyond the table", BLKIF_OP_WRITE, 1, 0, 7, 0, 0x10000, -1},
    {"the last reference", BLKIF_OP_WRITE, 1, 0, 7, 0, ~0u, -1},
    {"a read-only grant to write from", BLKIF_OP_WRITE, 1, 0, 7, 200, READONLY, 0},
    {"a page table to write from", BLKIF_OP_WRITE, 1, 0, 7, 208, TABLE, 0},
    {"an empty barrier", BLKIF_OP_WRITE_BARRIER, 0, 0, 0, ~0ull, DATA, 0},
};

/* The last segment has the row's numbers, those before it are good where the row's are. */
static struct blkif_request request_of(const struct row *row)
{
    struct blkif_request request = {
        .operation = row->operation, .nr_segments = row->segments, .sector_number = row->sector};

    for (unsigned i = 0; i < BLKIF_MAX_SEGMENTS_PER_REQUEST; i++) {
        bool last = i + 1 >= row->segments;

        request.seg[i] = (struct blkif_request_segment){last || row->ref == DATA ? row->ref : DATA,
                                                        row->first, row->last};
    }
    return request;
}

static void wrong_requests(void)
{
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct xenolith_io_statistics before = block_statistics(&end), after;

        memset(page, 0x5a, PAGE_SIZE);
        check_equal(rows[i].what, block_ask(&end, request_of(&rows[i]), 1000 + i), rows[i].answer);
        for (unsigned b = 0; b < PAGE_SIZE; b++)
            if (page[b] != 0x5a) {
                check(false, "%s: a frame has changed at %u", rows[i].what, b);
                break;
            }
        for (grant_ref_t ref = DATA; ref <= FOREIGN; ref++)
            check(!(grant_table()[ref].flags & (GTF_reading | GTF_writing)),
                  "%s: entry %u stays in use", rows[i].what, ref);
        after = block_statistics(&end);
        expect(after.requests - before.requests, 1);
        expect(after.responses - before.responses, 1);
        expect(after.refused - before.refused, rows[i].answer ? 1 : 0);
        expect(after.in_flight, 0);
    }
}

/* Between the members of a response there is a byte: nothing of anybody's is in it. */
static void padding(void)
{
    struct blkif_request request = {.operation = BLKIF_OP_FLUSH_DISKCACHE, .id = ~0ull};
    struct blkif_response response;
    unsigned slot = end.requests % RING_SLOTS;

    memset(&end.ring->ring[slot], 0xff, sizeof(end.ring->ring[slot]));
    block_put(&end, &request);
    ((uint8_t *)&end.ring->ring[slot].rsp)[9] = 0xff; /* it is taken, and not answered yet */
    expect(block_answer(&end, &response), BLKIF_RSP_OKAY);
    expect(((const uint8_t *)&response)[9], 0);
}

static void read_only_disk(void)
{
    struct row write = {"", BLKIF_OP_WRITE, 1, 0, 7, 0, DATA, -1};
    struct blkif_request flush = {.operation = BLKIF_OP_FLUSH_DISKCACHE};

    expect(block_disconnect(&end), 0);
    block_make(&end, HANDLE, ENTRY);
    expect(block_connect(&end, 0, SECTORS, XENOLITH_IO_READ_ONLY), 0);
    expect(block_ask(&end, request_of(&write), 1), BLKIF_RSP_ERROR);
    write.operation = BLKIF_OP_WRITE_BARRIER;
    expect(block_ask(&end, request_of(&write), 2), BLKIF_RSP_ERROR);
    expect(block_ask(&end, flush, 3), BLKIF_RSP_ERROR);
    write.operation = BLKIF_OP_READ;
    expect(block_ask(&end, request_of(&write), 4), BLKIF_RSP_OKAY);
    check(starts_with(page, "1\n2\n3\n"), "the disk was written to");
}

/* More requests than a ring has: it is broken until it is connected anew. */
static void counters(void)
{
    static const uint32_t jumps[] = {RING_SLOTS + 1, 0x80000000, 0xffffffff};
    struct blkif_request flush = {.operation = BLKIF_OP_FLUSH_DISKCACHE};
    struct blkif_response response;

    for (unsigned i = 0; i < 3; i++) {
        expect(block_disconnect(&end), 0);
        block_make(&end, HANDLE, ENTRY);
        expect(block_connect(&end, 0, SECTORS, 0), 0);
        expect(block_ask(&end, flush, 1), BLKIF_RSP_OKAY);
        end.ring->req_prod = end.requests + jumps[i];
        event_send(end.port);
        expect(block_answer(&end, &response), NO_ANSWER);
        end.ring->req_prod = end.requests;
        block_put(&end, &flush);
        expect(block_answer(&end, &response), NO_ANSWER);
        expect(block_statistics(&end).requests, 1);
    }
    expect(block_disconnect(&end), 0);
    block_make(&end, HANDLE, ENTRY);
    expect(block_connect(&end, 0, SECTORS, 0), 0);
    expect(block_ask(&end, flush, 2), BLKIF_RSP_OKAY);
}

static void events(void)
{
    struct xenolith_io_statistics before = block_statistics(&end), after;

    for (unsigned i = 0; i < 5000; i++)
        event_send(end.port);
    after = block_statistics(&end);
    expect(after.requests, before.requests);
    expect(after.responses, before.responses);
}

/* The port goes, the grant goes, by force: the ring is served no more events, and can be ended. */
static void taken_away(void)
{
    struct blkif_request flush = {.operation = BLKIF_OP_FLUSH_DISKCACHE};

    expect(event_close(end.port), 0);
    expect(event_send(end.port), -EINVAL);
    grant_table()[ENTRY].flags = 0;
    end.ring->ring[end.requests++ % RING_SLOTS].req = flush;
    end.ring->req_prod = end.requests;
    expect(block_disconnect(&end), 0);
    end = (struct block_end){0};
}

static void flapping(void)
{
    struct row read = {"", BLKIF_OP_READ, 11, 0, 7, 300, DATA, 0};

    for (unsigned i = 0; i < 100; i++) {
        struct blkif_request request = request_of(&read);

        block_make(&end, HANDLE + i % 3, ENTRY);
        expect(block_connect(&end, 0, SECTORS, 0), 0);
        block_put(&end, &request); /* and gone before it is answered */
        expect(block_disconnect(&end), 0);
        expect(grant_table()[ENTRY].flags, GTF_permit_access);
        expect(grant_table()[DATA].flags, GTF_permit_access);
    }
}

void test(void)
{
    if (!privileged) {
        struct xenolith_io_op op = {.command = XENOLITH_IO_CONNECT};

        expect(io_op(&op), -EPERM);
        return;
    }
    page = page_alloc();
    readonly = page_alloc();
    grant_give(DATA, 0, page, GTF_permit_access);
    grant_give(READONLY, 0, readonly, GTF_permit_access | GTF_readonly);
    grant_give(NOBODYS, 0, page, GTF_invalid);
    grant_give(OTHERS, 5, page, GTF_permit_access);
    grant_give(TABLE, 0, base_table(), GTF_permit_access);
    grant_give(FOREIGN, 0, page, GTF_permit_access);
    grant_table()[FOREIGN].frame = 1;
    block_make(&end, HANDLE, ENTRY);
    expect(block_connect(&end, 0, SECTORS, 0), 0);
    wrong_requests();
    padding();
    read_only_disk();
    counters();
    events();
    taken_away();
    flapping();
}
