/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * io.h - Domain 0's hypercall for devices: which domain may use which sectors of which disk, and
 * which addresses on the network
 *
 * The hypervisor drives the devices and serves the rings (public/io/blkif.h, protocol x86_32-abi;
 * public/io/netif.h); Domain 0 decides who has what. It is what Xen 1.0's calls for block devices
 * and networks carried. Hypercall 55, with the address of a struct xenolith_io_op in Domain 0; what
 * the hypervisor answers is written into it.
 */
#ifndef XENOLITH_IO_H
#define XENOLITH_IO_H

#define XENOLITH_IO_HYPERCALL 55

enum xenolith_io_command {
    XENOLITH_IO_DISK = 1,   /* in: disk; out: sectors. -ENODEV: there is none of that number */
    XENOLITH_IO_CONNECT,    /* in: domain, handle, connect. -EEXIST, -ESRCH, -EINVAL, -ENOMEM */
    XENOLITH_IO_DISCONNECT, /* in: domain, handle. -EBUSY: requests are under way, it takes no
                               more and ends with them; -ESRCH: there is none (any more) */
    XENOLITH_IO_STATISTICS, /* in: domain, handle; out: statistics */

    /* The same of virtual interfaces; their handles are another space of numbers. */
    XENOLITH_IO_NIC,            /* out: vif.mac, the card's. -ENODEV: there is none */
    XENOLITH_IO_VIF_CONNECT,    /* in: domain, handle, vif. As above; -EEXIST: or its mac is */
    XENOLITH_IO_VIF_DISCONNECT, /* in: domain, handle. As above */
    XENOLITH_IO_VIF_STATISTICS  /* in: domain, handle; out: vif_statistics */
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

#define XENOLITH_IO_VIF_FLIP      1 /* packets come in frames that are exchanged, not copied */
#define XENOLITH_IO_VIF_NO_SUMS   2 /* what comes has its sums filled in, whoever sent it */
#define XENOLITH_IO_VIF_ADDRESSES 4

/*
 * Rings and port are as the front end has written them into the store. It may send from its own mac
 * only; and if it has addresses of IP, from these only, and no other protocol. Of credit_bytes it
 * may send so many in each credit_us; 0: as many as it can.
 */
struct xenolith_io_vif {
    unsigned int tx_ring, rx_ring, port, flags, credit_bytes, credit_us, addresses;
    unsigned char mac[6], reserved[2];
    unsigned char address[XENOLITH_IO_VIF_ADDRESSES][4];
};

/* Why a packet to a VIF was dropped, or one from it. */
enum xenolith_io_drop {
    XENOLITH_IO_DROP_NO_BUFFER, /* to: it has offered none */
    XENOLITH_IO_DROP_BUFFER,    /* to: it has offered one that cannot be used */
    XENOLITH_IO_DROP_MEMORY,    /* to: there is no frame to exchange */
    XENOLITH_IO_DROP_FILTER,    /* from: its rules are against it */
    XENOLITH_IO_DROPS
};

/* Requests and responses are of the ring for sending, a slot each; buffers and buffers_used of the
 * other one. */
struct xenolith_io_vif_statistics {
    unsigned long long requests, responses, refused, buffers, buffers_used;
    unsigned long long sent_packets, sent_bytes, received_packets, received_bytes;
    unsigned long long copied, exchanged, dropped[XENOLITH_IO_DROPS];
    unsigned long long notifications_sent, notifications_spared, waited_for_credit, in_flight;
};

struct xenolith_io_op {
    unsigned int command, domain, handle, disk;
    unsigned long long sectors;
    union {
        struct xenolith_io_connect connect;
        struct xenolith_io_statistics statistics;
        struct xenolith_io_vif vif;
        struct xenolith_io_vif_statistics vif_statistics;
    };
};

#endif
