/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * blkfront.h - a virtual disk: a ring to the back end
 *
 * Lock: the kernel's, at every call. Nothing here sleeps; what waits, waits with SCHEDOP_poll for
 * one port, and other domains run meanwhile.
 */
#ifndef GUESTOS_BLKFRONT_H
#define GUESTOS_BLKFRONT_H

#include "guestos/arch/xen/front.h"
#include "guestos/block/queue.h"

/* ---- blkfront.c ---------------------------------------------------------------------------- */

struct blkif_sring;

struct blkfront {
    struct block_queue queue;
    struct blkif_sring *ring;
    uint32_t ring_ref;
    evtchn_port_t port;
    uint32_t req_prod, rsp_cons;
    bool flushing, flush_failed;
    uint32_t free_slots; /* a bit each */
    struct {
        struct block_request *request; /* NULL: a flush */
        uint32_t ref[11];
    } slot[32];
};

/* A front end with a ring that is granted to a domain, and a port for it; NULL. */
struct blkfront *blkfront_make(uint16_t backend);
/* The other end is there: it becomes a block device with this name and number. */
void blkfront_open(struct blkfront *front, const char *name, uint32_t number, uint64_t sectors,
                   bool read_only, bool parts);

/* The other end has gone, or goes: what is under way fails, and all that follows. */
void blkfront_close(struct blkfront *front);

/* ---- disks.c ------------------------------------------------------------------------------- */

void disks_find(void);

#endif
