/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * blkfront.h - between the parts of the Xen port that make disks: grants, the store, the ring
 *
 * Lock: the kernel's, at every call. Nothing here sleeps; what waits, waits with SCHEDOP_poll for
 * one port, and other domains run meanwhile.
 */
#ifndef GUESTOS_BLKFRONT_H
#define GUESTOS_BLKFRONT_H

#include "guestos/arch/xen/domain.h"
#include "guestos/block/queue.h"

/* ---- grant.c ------------------------------------------------------------------------------- */

/* A free entry that lets a domain use the page at an address of the linear map; 0: none is left. */
uint32_t grant_give(uint16_t domain, const void *page, bool read_only);
/* False: the other end still uses it; the entry and the page stay given. */
bool grant_end(uint32_t ref);
/* Makes the table. False: the hypervisor has none for us. */
bool grant_init(void);

/* ---- xenbus.c ------------------------------------------------------------------------------ */

/* Whether there is a store that answers. */
bool xenbus_init(void);
/* The value of a node, with a NUL, into `value`; its length, or -Exxx. */
int xenbus_read(const char *directory, const char *name, char *value, uint32_t size);
int xenbus_write(const char *directory, const char *name, const char *value);
/* The names below a node, one after the other, each with its NUL; the length of all. */
int xenbus_list(const char *directory, char *names, uint32_t size);

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

/* ---- disks.c ------------------------------------------------------------------------------- */

void disks_find(void);

#endif
