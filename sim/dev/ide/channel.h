/* SPDX-License-Identifier: GPL-2.0-only */
/* channel.h - between the parts of the IDE controller: registers, commands, bus master */
#ifndef XENOLITH_SIM_IDE_CHANNEL_H
#define XENOLITH_SIM_IDE_CHANNEL_H

#include "sim/dev/ide/ide.h"

/* The status register (ATA-6, 7.15), the error register (7.9), the select register. */
enum {
    ATA_ERR = 0x01,
    ATA_DRQ = 0x08,
    ATA_DSC = 0x10,
    ATA_DF = 0x20,
    ATA_DRDY = 0x40,
    ATA_BSY = 0x80
};
enum { ATA_ABRT = 0x04, ATA_IDNF = 0x10 };
enum { ATA_SLAVE = 0x10, ATA_LBA = 0x40 };
enum { ATA_HEADS = 16, ATA_TRACK = 63 }; /* of addresses by cylinder */

/* Bus master command and status (SFF-8038i, 2.2 and 2.3). */
enum { MASTER_START = 1, MASTER_TO_MEMORY = 8 };
enum { MASTER_ACTIVE = 1, MASTER_ERROR = 2, MASTER_INTERRUPT = 4, MASTER_CAPABLE = 0x60 };

/* Before anything else. */
void channel_open(struct ide_channel *channel);

/* The guest wrote a command; `channel` is idle and has a disk. */
void channel_command(struct ide_channel *channel, uint8_t command, uint64_t now);

/* The guest took or gave the last byte of the buffer. */
void channel_buffer_done(struct ide_channel *channel, uint64_t now);

/* Ends the command: status and error as given, and an interrupt if `interrupt`. */
void channel_end(struct ide_channel *channel, uint8_t status, uint8_t error, bool interrupt);

/* Sets the interrupt line by what is pending and allowed. */
void channel_interrupt(struct ide_channel *channel, bool pending);

/* A file of a disk failed: says so. */
void channel_look_for_trouble(struct ide_channel *channel);

/* Both the command and the bus master are ready: the disk begins. Nothing if one is not. */
void channel_start_dma(struct ide_channel *channel, uint64_t now);

/* The disk has done its part of a DMA command: moves the data and ends it. */
void channel_move_dma(struct ide_channel *channel);

#endif
