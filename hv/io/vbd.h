/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vbd.h - virtual block devices: a domain's ring, and the sectors of disks that it leads to
 *
 * Everything needs io_lock, which is outside mm_lock and event_lock, but for what takes it.
 */
#ifndef HV_VBD_H
#define HV_VBD_H

#include "hv/dev/disk.h"
#include "hv/include/errors.h"
#include "hv/include/domain.h"
#include "hv/include/grant.h"
#include "include/xenolith/io.h"

#include <xen/io/ring.h>
#include <xen/io/blkif.h>

#define VBDS               128
#define VBD_REQUESTS       32 /* under way at once: as many as the ring has */
#define VBD_REQUEST_PAGES  4
#define REQUESTS_A_PAGE    (VBD_REQUESTS / VBD_REQUEST_PAGES)
#define SEGMENT_SECTORS    (PAGE_SIZE / SECTOR_BYTES)
#define EVENT_CONSUMER_VBD 1 /* struct event_channel: not a domain, but the VBD of that slot */

/* A request between its check and its response. Its frames are held: no DMA without a count. */
struct vbd_request {
    struct vbd *vbd;
    struct vbd_request *next; /* free ones */
    uint64_t id;
    uint8_t operation, segments;
    bool busy; /* not free */
    bool failed;
    uint8_t parts, left; /* transfers, and those that are not over */
    struct {
        grant_ref_t ref;
        mfn frame;
    } segment[BLKIF_MAX_SEGMENTS_PER_REQUEST];
    struct disk_transfer part[2]; /* it lies in two extents at the most */
};

struct vbd {
    uint16_t domain, slot;
    uint32_t handle;
    bool read_only;
    bool closing; /* takes nothing more; ends with its last request */
    bool broken;  /* its ring made no sense: takes nothing more until it is connected anew */
    bool alone;   /* a flush or barrier is under way */
    uint32_t ring_ref, port;
    mfn ring;
    uint32_t req_cons, rsp_prod;
    uint64_t sectors;
    unsigned extents, in_flight;
    struct xenolith_io_extent extent[XENOLITH_IO_EXTENTS];
    struct xenolith_io_statistics counts;
    struct disk_transfer flush[DISKS]; /* of the request that is alone */
    struct vbd_request *free, *page[VBD_REQUEST_PAGES];
};

extern struct vbd *vbds[VBDS];

/* --- io/vbd.c ------------------------------------------------------------------------------- */

/* XENOLITH_IO_CONNECT, _DISCONNECT and _STATISTICS, with results as in xenolith/io.h; what fails
 * has changed nothing. Take io_lock. */
status vbd_connect(const struct domain *self, const struct xenolith_io_op *op);
status vbd_disconnect(const struct xenolith_io_op *op);
status vbd_statistics(struct xenolith_io_op *op);

/* The domain is being destroyed: its VBDs end with what is under way. Takes io_lock. */
void vbds_end(const struct domain *domain);
/* For the audit: visits every pin of a grant, with the frame that is counted for it. */
void vbds_pins(void (*visit)(const struct domain *domain, grant_ref_t ref, enum grant_use use,
                             mfn frame, int sign),
               int sign);
/* Frees one that is closing and has nothing under way. */
void vbd_try_free(struct vbd *vbd);

/* --- io/block.c ----------------------------------------------------------------------------- */

/* A front end has sent an event. Needs event_lock alone; the work is done by block_run(). */
void block_notify(unsigned slot);
/* Serves the rings of which something is known to be there. block_work() takes io_lock. */
void block_run(void);
void block_work(void);

/* --- io/block_check.c, pure ----------------------------------------------------------------- */

/* What a request is answered with before anything is done about it: BLKIF_RSP_*; OKAY: go on. */
int16_t block_check(const struct vbd *vbd, const struct blkif_request *request);
/* Lays out a checked request's sectors and frames as transfers: how many, 0 for a flush. */
unsigned block_lay_out(const struct vbd *vbd, const struct blkif_request *request,
                       struct vbd_request *result);

#endif
