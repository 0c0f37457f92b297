/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * io.h - Domain 0's hypercall for devices: which domain may use which sectors of which disk
 *
 * The hypervisor drives the disks and serves the rings (public/io/blkif.h, protocol x86_32-abi);
 * Domain 0 decides who has what. It is what Xen 1.0's call for block devices carried. Hypercall 55,
 * with the address of a struct xenolith_io_op in Domain 0; what the hypervisor answers is written
 * into it.
 */
#ifndef XENOLITH_IO_H
#define XENOLITH_IO_H

#define XENOLITH_IO_HYPERCALL 55

enum xenolith_io_command {
    XENOLITH_IO_DISK = 1,   /* in: disk; out: sectors. -ENODEV: there is none of that number */
    XENOLITH_IO_CONNECT,    /* in: domain, handle, connect. -EEXIST, -ESRCH, -EINVAL, -ENOMEM */
    XENOLITH_IO_DISCONNECT, /* in: domain, handle. -EBUSY: requests are under way, it takes no
                               more and ends with them; -ESRCH: there is none (any more) */
    XENOLITH_IO_STATISTICS  /* in: domain, handle; out: statistics */
};

#define XENOLITH_IO_EXTENTS      16
#define XENOLITH_IO_EXTENT_LEAST 88 /* sectors: one request never lies in three */
#define XENOLITH_IO_READ_ONLY    1

struct xenolith_io_extent {
    unsigned int disk, reserved;
    unsigned long long first, sectors;
};

/* Ring and port are as the front end has written them into the store: granted to Domain 0, and not
 * yet bound by it. */
struct xenolith_io_connect {
    unsigned int ring, port, flags, extents;
    struct xenolith_io_extent extent[XENOLITH_IO_EXTENTS];
};

struct xenolith_io_statistics {
    unsigned long long requests, responses, refused, segments, sectors_read, sectors_written;
    unsigned long long flushes, notifications_sent, notifications_spared, batches, in_flight;
};

struct xenolith_io_op {
    unsigned int command, domain, handle, disk;
    unsigned long long sectors;
    union {
        struct xenolith_io_connect connect;
        struct xenolith_io_statistics statistics;
    };
};

#endif
