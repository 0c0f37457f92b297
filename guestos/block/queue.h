/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * queue.h - requests for a disk that has to be waited for: sorted, joined, given to its driver
 *
 * A driver has a struct block_queue a disk, fills in its limits and its three functions, and calls
 * block_queue_open(). It then is a block device. Requests wait in the queue in the order in which
 * the arm would best visit them (queue.c); the driver's start() takes one at a time, and the driver
 * says block_queue_done() when the disk has done it. Nothing but the driver and the caller of the
 * device's functions runs meanwhile: a waiter waits in the driver's wait().
 *
 * Memory that is read or written begins at a multiple of 512 bytes (-EINVAL): pages, and what the
 * heap gives of that size and more.
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_BLOCK_QUEUE_H
#define GUESTOS_BLOCK_QUEUE_H

#include "guestos/block/block.h"

#define QUEUE_REQUESTS 128u /* Linux 2.4: half of QUEUE_NR_REQUESTS, for reads or for writes */
#define QUEUE_SEGMENTS 32u
#define QUEUE_SECTORS  255u /* Linux 2.4's MAX_SECTORS */

struct block_segment {
    uint8_t *data; /* at most a page, and not across the end of one unless `contiguous` */
    uint32_t bytes;
};

struct block_request {
    uint64_t sector;
    uint32_t sectors;
    bool write;
    bool started;    /* the driver has it */
    bool joins;      /* others may become part of it */
    uint32_t passed; /* by how many more requests it may be passed */
    int *result;     /* whose caller waits for it alone: filled in when it is done; else NULL */
    uint32_t segments;
    struct block_segment segment[QUEUE_SEGMENTS];
};

struct block_queue;

struct block_driver {
    /* Gives the disk a request; false: it has enough, and start() is tried again later. */
    bool (*start)(struct block_queue *queue, struct block_request *request);
    /* Waits until the disk may have done something, and looks: block_queue_done() for what is. */
    void (*wait)(struct block_queue *queue);
    /* Waits until the disk will keep what it has without power; nothing is under way. */
    int (*flush)(struct block_queue *queue);
};

struct block_queue_counts {
    uint32_t requests, joined; /* given to the driver; calls that became part of another */
    uint64_t sectors_read, sectors_written;
};

struct block_queue {
    struct block_device device;
    const struct block_driver *driver;
    uint32_t max_segments, max_sectors; /* of a request; at most those above */
    bool contiguous;                    /* a segment may be longer than a page */

    struct block_request *pool;  /* QUEUE_REQUESTS of them */
    struct block_request **free; /* a stack of those not in use */
    uint32_t free_count;
    struct block_request **waiting; /* in order */
    uint32_t waiting_count;
    uint32_t under_way;
    uint64_t position; /* behind the last sector that the driver was given */
    int error;         /* the first since the last settle() */
    struct block_queue_counts counts;
};

/* The device's functions are the queue's from now on. -ENOMEM. */
int block_queue_open(struct block_queue *queue);

/* From the driver: the disk has done it, with 0 or -Exxx. The request is the queue's again. */
void block_queue_done(struct block_queue *queue, struct block_request *request, int error);
/* From the driver: the disk can take more. */
void block_queue_run(struct block_queue *queue);

#endif
