/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * disk.h - disks of the machine: transfers between sectors and frames
 *
 * The caller keeps the frames from being anything else while a transfer is under way: it holds
 * counts on them, and of frames that are written, a use as writable. Transfers are done in the
 * order of the elevator (dev/elevator.c), flushes before any transfer that waits. Everything needs
 * io_lock; done() is called with it held, on any processor.
 */
#ifndef HV_DISK_H
#define HV_DISK_H

#include "hv/include/arch/spinlock.h"
#include "hv/include/types.h"
#include "hv/include/arch/x86.h"

#define DISKS            2
#define TRANSFER_REGIONS 12
#define SECTOR_BYTES     512u

extern struct spinlock io_lock; /* outside mm_lock and event_lock */

struct disk_region {
    mfn frame;
    uint16_t offset, bytes;
};

struct disk_transfer {
    struct disk_transfer *next;
    uint64_t sector;
    uint32_t sectors; /* 0: a flush */
    uint16_t passed;  /* by how many more it may be passed; the elevator's */
    bool write;
    uint8_t disk, regions;
    struct disk_region region[TRANSFER_REGIONS];
    void (*done)(struct disk_transfer *transfer, bool failed);
    void *owner; /* for done()'s use */
};

/* Finds the disks. Once, after the I/O APIC is there. */
void disks_init(void);

/* The driver's: after an interrupt, without io_lock. There may be room for more (io/block.c). */
void disks_idle(void);

/* How many sectors a disk has; 0: there is none of this number. */
uint64_t disk_sectors(unsigned disk);

/* Queues a transfer, and starts it if the disk is idle. Its place stays the disk's until done(). */
void disk_submit(struct disk_transfer *transfer);
/* Transfers that wait or are under way. */
unsigned disk_load(unsigned disk);

/* --- dev/elevator.c, pure ------------------------------------------------------------------- */

/* Puts a transfer into a list where the arm best comes by, which now is at `position`. */
void elevator_insert(struct disk_transfer **list, struct disk_transfer *transfer,
                     uint64_t position);
/* Takes out the first and those behind it that continue it; linked by next, `sectors` at most. */
struct disk_transfer *elevator_take(struct disk_transfer **list, uint32_t sectors);

#endif
