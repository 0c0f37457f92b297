/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * master.c - an IDE channel as master of the bus
 *
 * A table in memory lists physical regions: address, length, and in the last one a mark. The guest
 * wrote it, so each entry is looked at once, when it is used; one that leaves RAM ends the transfer
 * with an error. A table that ends before the data stops the master without an interrupt, and one
 * that goes on leaves it active (Programming Interface for Bus Master IDE Controller, 3.1).
 */
#include "sim/dev/ide/channel.h"

#define REGION_LAST  0x80000000u
#define REGION_BYTES 0x10000u

enum moved { MOVED, FAULT, TOO_SHORT };

struct regions {
    uint32_t table; /* the next entry */
    uint32_t at, left;
    bool last;
};

void channel_start_dma(struct ide_channel *channel, uint64_t now)
{
    struct mechanics *mechanics;
    bool reads = channel->transfer == IDE_DMA_READ;

    if (!(channel->master_status & MASTER_ACTIVE) || event_pending(&channel->done) ||
        (!reads && channel->transfer != IDE_DMA_WRITE))
        return;
    mechanics = &channel->busy->mechanics;
    event_schedule(channel->ide->world.events, &channel->done,
                   reads ? mechanics_read(mechanics, now, channel->sector, channel->left)
                         : mechanics_write(mechanics, now, channel->sector, channel->left));
}

static enum moved next_region(struct ide_channel *channel, struct regions *regions)
{
    uint32_t entry[2];

    if (regions->last)
        return TOO_SHORT;
    if (!pci_master_read(&channel->ide->function, regions->table, entry, sizeof(entry)))
        return FAULT;
    regions->table += (uint32_t)sizeof(entry);
    regions->at = entry[0] & ~UINT32_C(1);
    regions->left = entry[1] & (REGION_BYTES - 2);
    if (!regions->left)
        regions->left = REGION_BYTES;
    regions->last = entry[1] & REGION_LAST;
    return MOVED;
}

/* One sector between the buffer and the regions, which may split it anywhere. */
static enum moved move_sector(struct ide_channel *channel, struct regions *regions, bool to_memory)
{
    uint32_t done = 0;

    while (done < SECTOR_BYTES) {
        enum moved more = regions->left ? MOVED : next_region(channel, regions);
        uint32_t bytes = SECTOR_BYTES - done;
        uint8_t *data = channel->buffer + done;

        if (more != MOVED)
            return more;
        if (bytes > regions->left)
            bytes = regions->left;
        if (to_memory ? !pci_master_write(&channel->ide->function, regions->at, data, bytes)
                      : !pci_master_read(&channel->ide->function, regions->at, data, bytes))
            return FAULT;
        regions->at += bytes;
        regions->left -= bytes;
        done += bytes;
    }
    return MOVED;
}

/* False: the disk could not keep what it was to write. */
static bool move_all(struct ide_channel *channel, struct regions *regions, enum moved *moved)
{
    struct ide_disk *disk = channel->busy;
    bool to_memory = channel->transfer == IDE_DMA_READ;

    *moved = to_memory == ((channel->master_command & MASTER_TO_MEMORY) != 0) ? MOVED : FAULT;
    for (; channel->left && *moved == MOVED; channel->left--, channel->sector++) {
        if (to_memory)
            image_read(disk->image, channel->sector, channel->buffer);
        *moved = move_sector(channel, regions, to_memory);
        if (*moved != MOVED)
            break;
        if (!to_memory && !image_write(disk->image, channel->sector, channel->buffer))
            return false;
        if (to_memory)
            disk->counts.sectors_read++;
        else
            disk->counts.sectors_written++;
    }
    return true;
}

void channel_move_dma(struct ide_channel *channel)
{
    struct regions regions = {.table = channel->table};
    enum moved moved;
    bool kept = move_all(channel, &regions, &moved);

    channel_look_for_trouble(channel);
    if (moved != MOVED || (regions.last && !regions.left))
        channel->master_status &= (uint8_t)~MASTER_ACTIVE;
    if (moved == FAULT)
        channel->master_status |= MASTER_ERROR;
    if (!kept)
        channel_end(channel, ATA_ERR | ATA_DF, ATA_ABRT, true);
    else if (moved == FAULT)
        channel_end(channel, ATA_ERR, ATA_ABRT, true);
    else
        channel_end(channel, 0, 0, moved == MOVED);
}
