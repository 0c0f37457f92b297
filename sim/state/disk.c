/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * disk.c - tables of PCI and of the disks behind it
 *
 * Which ranges of the bus a function has can depend on who came first, so it is saved and claimed
 * again. Of a disk only the blocks that were written are in the file: the image itself must be the
 * one that the saved machine had, which its configuration says.
 */
#include "sim/dev/ide/channel.h"
#include "sim/state/parts.h"

#include <string.h>

#define BLOCK_SECTORS (IMAGE_BLOCK_BYTES / SECTOR_BYTES)

/* ---- PCI ------------------------------------------------------------------------------------- */

#define SAVED_TYPE struct pci_bar
static const struct saved_field pci_bar_fields[] = {
    SAVED_NOT(space), SAVED_NOT(bytes),    SAVED_NOT(widths), SAVED_NOT(read),
    SAVED_NOT(write), SAVED_FLAG(claimed), SAVED(at)};
SAVED_TABLE(pci_bar)
#undef SAVED_TYPE

#define SAVED_TYPE struct pci_function
static const struct saved_field pci_function_fields[] = {
    SAVED_NOT(name),         SAVED_NOT(device),
    SAVED_NOT(function),     SAVED_NOT(pin),
    SAVED_NOT(many),         SAVED_NOT(vendor),
    SAVED_NOT(id),           SAVED_NOT(class_revision),
    SAVED_NOT(command_bits), SAVED_ARRAY(bar, pci_bar_table),
    SAVED_NOT(configured),   SAVED_NOT(owner),
    SAVED_NOT(pci),          SAVED(config),
    SAVED_NOT(writable),
};
SAVED_TABLE_SHARED(pci_function)
#undef SAVED_TYPE

#define SAVED_TYPE struct irq_shared
static const struct saved_field irq_shared_fields[] = {SAVED_NOT(line), SAVED(held)};
SAVED_TABLE(irq_shared)
#undef SAVED_TYPE

#define SAVED_TYPE struct pci
static const struct saved_field pci_fields[] = {
    SAVED_NOT(world), SAVED_NOT(bus),      SAVED_ARRAY(line, irq_shared_table),
    SAVED(address),   SAVED_NOT(function), SAVED_NOT(count)};
SAVED_TABLE_SHARED(pci)
#undef SAVED_TYPE

/* ---- disks ----------------------------------------------------------------------------------- */

#define SAVED_TYPE struct mechanics
static const struct saved_field mechanics_fields[] = {
    SAVED_NOT(costs),
    SAVED_NOT(hz),
    SAVED(track),
    SAVED(busy_until),
    SAVED(ahead),
    SAVED(write),
    SAVED_UP_TO(write_first, unsigned, MECHANICS_WRITES - 1),
    SAVED_UP_TO(writes, unsigned, MECHANICS_WRITES),
    SAVED(write_bytes),
    SAVED(write_next),
    SAVED(landed),
    SAVED(counts),
};
SAVED_TABLE(mechanics)
#undef SAVED_TYPE

#define SAVED_TYPE struct ide_disk
static const struct saved_field ide_disk_fields[] = {
    SAVED_NOT(image), SAVED_ARRAY(mechanics, mechanics_table), SAVED(counts)};
SAVED_TABLE(ide_disk)
#undef SAVED_TYPE

#define SAVED_TYPE struct ide_channel
static const struct saved_field ide_channel_fields[] = {
    SAVED_NOT(ide),
    SAVED_NOT(irq),
    SAVED_ARRAY(disk, ide_disk_table),
    SAVED(feature),
    SAVED(count),
    SAVED(address),
    SAVED(select),
    SAVED(control),
    SAVED(status),
    SAVED(error),
    SAVED_FLAG(pending),
    SAVED_UP_TO(transfer, enum ide_transfer, IDE_WAIT),
    SAVED_NOT(busy), /* by its number */
    SAVED(first),
    SAVED(sector),
    SAVED(left),
    SAVED(buffer),
    SAVED_UP_TO(used, unsigned, SECTOR_BYTES - 1),
    SAVED_ARRAY(done, event_table),
    SAVED(master_command),
    SAVED(master_status),
    SAVED(table),
};
SAVED_TABLE(ide_channel)
#undef SAVED_TYPE

#define SAVED_TYPE struct ide
static const struct saved_field ide_fields[] = {SAVED_ARRAY(function, pci_function_table),
                                                SAVED_NOT(world),
                                                SAVED_NOT(failed),
                                                SAVED_NOT(began),
                                                SAVED_NOT(ended),
                                                SAVED_ARRAY(channel, ide_channel_table),
                                                SAVED_FLAG(claimed)};
SAVED_TABLE(ide)
#undef SAVED_TYPE

const struct saved_table *const disk_tables[] = {
    &pci_bar_table,  &pci_function_table, &irq_shared_table, &pci_table, &mechanics_table,
    &ide_disk_table, &ide_channel_table,  &ide_table,        NULL};

/* Whether what is under way can be: a command has a disk, and its sectors are that disk's. */
static bool command_good(const struct ide_channel *channel)
{
    const struct ide_disk *busy = channel->busy;
    uint64_t sectors;

    if (!busy)
        return channel->transfer == IDE_NOTHING && !(channel->status & (ATA_DRQ | ATA_BSY));
    if (!busy->image || channel->transfer == IDE_NOTHING)
        return false;
    sectors = busy->image->sectors;
    return channel->first <= channel->sector && channel->sector <= sectors &&
           channel->left <= sectors - channel->sector &&
           (channel->left || channel->transfer == IDE_PORT_WRITE ||
            channel->transfer >= IDE_IDENTIFY);
}

static void busy_saved(struct ide_channel *channel, struct saved *saved)
{
    uint64_t number = channel->busy ? (uint64_t)(channel->busy - channel->disk) + 1 : 0;

    saved_number(saved, "busy", &number, IDE_DISKS);
    if (!saved->loading || !saved_good(saved))
        return;
    channel->busy = number ? &channel->disk[number - 1] : NULL;
    if (!command_good(channel))
        saved_refuse(saved, "the saved state is damaged: a disk's command cannot be");
}

/* ---- what was written ------------------------------------------------------------------------ */

static void save_block(const struct image *image, uint64_t block, struct saved *saved)
{
    uint64_t number = block;

    saved_number(saved, "block", &number, IMAGE_SECTORS_MAX);
    saved_move(saved, image->kept[block], IMAGE_BLOCK_BYTES);
}

static void load_block(struct image *image, struct saved *saved)
{
    uint8_t data[IMAGE_BLOCK_BYTES];
    uint64_t block = 0;

    saved_number(saved, "block", &block, (image->sectors - 1) / BLOCK_SECTORS);
    saved_move(saved, data, sizeof(data));
    for (uint64_t i = 0; saved_good(saved) && i < BLOCK_SECTORS; i++) {
        uint64_t sector = block * BLOCK_SECTORS + i;

        if (sector < image->sectors && !image_write(image, sector, data + i * SECTOR_BYTES))
            saved_refuse(saved, "%s",
                         image->trouble[0] ? image->trouble
                                           : "no memory for what a disk was given");
    }
}

static void image_saved(struct image *image, struct saved *saved)
{
    uint64_t blocks = (image->sectors + BLOCK_SECTORS - 1) / BLOCK_SECTORS, count = 0;

    for (uint64_t block = 0; !saved->loading && block < blocks; block++)
        count += image->kept[block] != NULL;
    saved_number(saved, "blocks", &count, blocks);
    for (uint64_t block = 0; !saved->loading && block < blocks; block++)
        if (image->kept[block])
            save_block(image, block, saved);
    for (; saved->loading && saved_good(saved) && count; count--)
        load_block(image, saved);
}

/* ---- all ------------------------------------------------------------------------------------- */

void disks_saved(struct machine *machine, struct saved *saved)
{
    struct ide *ide = &machine->disks.ide;

    if (!disks_present(machine))
        return;
    saved_struct(saved, &ide_table, ide);
    for (unsigned i = 0; i < IDE_CHANNELS; i++)
        busy_saved(&ide->channel[i], saved);
    for (unsigned i = 0; i < IDE_CHANNELS * IDE_DISKS && saved_good(saved); i++) {
        struct image *image = ide->channel[i / IDE_DISKS].disk[i % IDE_DISKS].image;

        if (image)
            image_saved(image, saved);
    }
}
