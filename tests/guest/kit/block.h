/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * block.h - a block ring of Domain 0's own: the smallest front end, which may also misbehave
 */
#ifndef TESTS_GUEST_KIT_BLOCK_H
#define TESTS_GUEST_KIT_BLOCK_H

#include "tests/guest/kit/kit.h"
#include "include/xenolith/io.h"

#include <xen/io/ring.h>
#include <xen/io/blkif.h>

#define RING_SLOTS 32u
#define NO_ANSWER  (-1000) /* of block_answer(): none came */

struct block_end {
    struct blkif_sring *ring;
    grant_ref_t ref;
    evtchn_port_t port;
    uint32_t requests, answers;
    unsigned handle;
};

long io_op(struct xenolith_io_op *op);

/* A page as ring, granted by an entry, and a port. The same ones again if it is made again. */
void block_make(struct block_end *end, unsigned handle, grant_ref_t ref);
/* What connects it to sectors of disk 0; to be changed before it is sent by io_op(). */
struct xenolith_io_op block_connection(const struct block_end *end, uint64_t first,
                                       uint64_t sectors);
long block_connect(struct block_end *end, uint64_t first, uint64_t sectors, unsigned flags);
/* Until it is done; the result. */
long block_disconnect(struct block_end *end);
struct xenolith_io_statistics block_statistics(const struct block_end *end);

/* Puts a request into the ring and sends an event. */
void block_put(struct block_end *end, const struct blkif_request *request);
/* Waits, for a second at the most: the next response's status; it is copied to `response`. */
int block_answer(struct block_end *end, struct blkif_response *response);
/* Both, of a request with this id; checks that the answer is its. */
int block_ask(struct block_end *end, struct blkif_request request, uint64_t id);

#endif
