/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ide.h - the IDE function of an 82371SB (PIIX3): two channels, bus-master DMA, and their disks
 *
 * After Intel's PIIX3 data sheet (290550), the Programming Interface for Bus Master IDE Controller
 * 1.0 and ATA/ATAPI-6. Both channels have their compatible ports and ISA lines, 14 and 15; the
 * disks are master and slave of the first. Present: IDENTIFY, reads and writes of one sector a
 * block and by DMA, with 28 and 48 bits and by cylinder, verify, flush, power and feature commands
 * that change nothing. Every other command is aborted. What a guest does out of turn (a command
 * while one runs, data that nobody asked for) is ignored, as disks do. A DMA transfer moves all its
 * data when the disk has done its part.
 */
#ifndef XENOLITH_SIM_IDE_H
#define XENOLITH_SIM_IDE_H

#include "sim/dev/ide/image.h"
#include "sim/dev/ide/mechanics.h"
#include "sim/dev/pci/pci.h"

#define IDE_CHANNELS    2
#define IDE_DISKS       2       /* of a channel */
#define IDE_IO          16      /* ports of the bus masters */
#define IDE_FIRMWARE_IO 0xc000u /* where firmware puts them */

struct ide;

struct ide_counts {
    uint64_t commands, errors, sectors_read, sectors_written, interrupts;
};

struct ide_disk {
    struct image *image; /* NULL: nothing is connected */
    struct mechanics mechanics;
    struct ide_counts counts;
};

enum ide_transfer {
    IDE_NOTHING,
    IDE_PORT_READ,
    IDE_PORT_WRITE,
    IDE_DMA_READ,
    IDE_DMA_WRITE,
    IDE_IDENTIFY,
    IDE_WAIT /* for the platter, without data */
};

struct ide_channel {
    struct ide *ide;
    struct irq_line irq;
    struct ide_disk disk[IDE_DISKS];
    /* Registers written, the last value and the one before (ATA-6, 48-bit addresses). */
    uint8_t feature[2], count[2], address[3][2];
    uint8_t select, control, status, error;
    bool pending; /* it wants an interrupt, whether the guest lets it or not */

    enum ide_transfer transfer;
    struct ide_disk *busy; /* whose command runs */
    uint64_t first;        /* sector with which it began */
    uint64_t sector, left; /* what is not done of it */
    uint8_t buffer[SECTOR_BYTES];
    unsigned used; /* bytes of the buffer that the guest has read or written */
    struct event done;

    uint8_t master_command, master_status; /* bus master registers */
    uint32_t table;
};

struct ide {
    struct pci_function function;
    struct device_world world;
    void (*failed)(void *machine, const char *sentence); /* a file did: nothing is to go on */
    /* Told of each command, and of its end; may be NULL. */
    void (*began)(void *machine, unsigned disk, uint8_t command, uint64_t sector, uint64_t count);
    void (*ended)(void *machine, unsigned disk, bool error);
    struct ide_channel channel[IDE_CHANNELS];
    bool claimed[IDE_CHANNELS]; /* compatible ports */
};

/* Puts the function on the bus, as firmware leaves it. The caller has set world, failed, the
 * channels' lines and the disks' images, and their mechanics' parameters. */
void ide_open(struct ide *ide, struct pci *pci, uint8_t device, uint8_t function);

/* As pci_release() and pci_claim_again(), for the compatible ports too. */
void ide_release(struct ide *ide);
bool ide_claim_again(struct ide *ide);

/* A channel's eight ports, its control port, and the bus master's sixteen. */
uint32_t ide_read(void *channel, const struct access *access);
void ide_write(void *channel, const struct access *access, uint32_t value);
uint32_t ide_control_read(void *channel, const struct access *access);
void ide_control_write(void *channel, const struct access *access, uint32_t value);
uint32_t ide_master_read(void *ide, const struct access *access);
void ide_master_write(void *ide, const struct access *access, uint32_t value);

#endif
