/* SPDX-License-Identifier: GPL-2.0-only */
/* registers.c - the IDE function's PCI space, its ports, and its lines */
#include "sim/dev/ide/channel.h"

#include <string.h>

enum { REG_DATA, REG_ERROR, REG_COUNT, REG_LOW, REG_MIDDLE, REG_HIGH, REG_SELECT, REG_STATUS };

#define CONTROL_QUIET    0x02
#define CONTROL_RESET    0x04
#define CONTROL_PREVIOUS 0x80 /* reads give the values before the last (ATA-6, HOB) */
#define TIMING           0x40 /* PIIX3: a word for each channel */
#define TIMING_DECODE    0x8000
#define CLASS_IDE        0x01018000 /* IDE, compatible ports, bus master */
#define MASTER_BAR       4

static struct ide_disk *selected(struct ide_channel *channel)
{
    struct ide_disk *disk = &channel->disk[channel->select & ATA_SLAVE ? 1 : 0];

    return disk->image ? disk : NULL;
}

void channel_interrupt(struct ide_channel *channel, bool pending)
{
    bool level = pending && !(channel->control & CONTROL_QUIET);

    channel->pending = pending;
    if (level)
        channel->master_status |= MASTER_INTERRUPT;
    irq_set(&channel->irq, level);
}

/* ---- a channel's ports ----------------------------------------------------------------------- */

static bool reading(const struct ide_channel *channel)
{
    return channel->status & ATA_DRQ &&
           (channel->transfer == IDE_PORT_READ || channel->transfer == IDE_IDENTIFY);
}

static uint32_t data_read(struct ide_channel *channel, const struct access *access)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < access->bytes && reading(channel); i++) {
        value |= (uint32_t)channel->buffer[channel->used++] << 8 * i;
        if (channel->used == SECTOR_BYTES)
            channel_buffer_done(channel, access->now);
    }
    return value;
}

static void data_write(struct ide_channel *channel, const struct access *access, uint32_t value)
{
    for (unsigned i = 0; i < access->bytes; i++) {
        if (!(channel->status & ATA_DRQ) || channel->transfer != IDE_PORT_WRITE)
            return;
        channel->buffer[channel->used++] = (uint8_t)(value >> 8 * i);
        if (channel->used == SECTOR_BYTES)
            channel_buffer_done(channel, access->now);
    }
}

static uint8_t register_read(struct ide_channel *channel, unsigned offset)
{
    unsigned before = channel->control & CONTROL_PREVIOUS ? 1 : 0;

    if (!channel->disk[0].image && !channel->disk[1].image)
        return 0;
    switch (offset) {
    case REG_DATA:
        return 0;
    case REG_ERROR:
        return channel->error;
    case REG_COUNT:
        return channel->count[before];
    case REG_SELECT:
        return channel->select | 0xa0;
    case REG_STATUS:
        channel_interrupt(channel, false);
        return selected(channel) ? channel->status : 0;
    default:
        return channel->address[offset - REG_LOW][before];
    }
}

uint32_t ide_read(void *device, const struct access *access)
{
    struct ide_channel *channel = device;
    uint32_t value = 0;

    if (access->offset == REG_DATA)
        return data_read(channel, access);
    for (unsigned i = 0; i < access->bytes; i++)
        value |= (uint32_t)register_read(channel, access->offset + i) << 8 * i;
    return value;
}

static void push(uint8_t pair[2], uint8_t value)
{
    pair[1] = pair[0];
    pair[0] = value;
}

static void register_write(struct ide_channel *channel, unsigned offset, uint8_t value,
                           uint64_t now)
{
    if (channel->status & (ATA_BSY | ATA_DRQ))
        return; /* out of turn */
    channel->control &= (uint8_t)~CONTROL_PREVIOUS;
    switch (offset) {
    case REG_DATA:
        break;
    case REG_ERROR:
        push(channel->feature, value);
        break;
    case REG_COUNT:
        push(channel->count, value);
        break;
    case REG_SELECT:
        channel->select = value;
        break;
    case REG_STATUS:
        if (!selected(channel) || channel->transfer != IDE_NOTHING)
            break;
        channel_interrupt(channel, false);
        channel->busy = selected(channel);
        channel_command(channel, value, now);
        break;
    default:
        push(channel->address[offset - REG_LOW], value);
    }
}

void ide_write(void *device, const struct access *access, uint32_t value)
{
    struct ide_channel *channel = device;

    if (access->offset == REG_DATA) {
        data_write(channel, access, value);
        return;
    }
    for (unsigned i = 0; i < access->bytes; i++)
        register_write(channel, access->offset + i, (uint8_t)(value >> 8 * i), access->now);
}

/* The signature of a disk that is no packet device (ATA-6, 9.12). */
static void reset_registers(struct ide_channel *channel)
{
    channel->status = ATA_DRDY | ATA_DSC;
    channel->error = 1;
    channel->select = 0;
    channel->count[0] = 1;
    channel->address[0][0] = 1;
    channel->address[1][0] = channel->address[2][0] = 0;
}

static void abandon(struct ide_channel *channel)
{
    event_cancel(channel->ide->world.events, &channel->done);
    channel->transfer = IDE_NOTHING;
    channel->busy = NULL;
    channel->master_status &= (uint8_t)~MASTER_ACTIVE;
}

uint32_t ide_control_read(void *device, const struct access *access)
{
    struct ide_channel *channel = device;

    (void)access;
    return selected(channel) ? channel->status : 0;
}

void ide_control_write(void *device, const struct access *access, uint32_t value)
{
    struct ide_channel *channel = device;
    uint8_t before = channel->control;

    (void)access;
    channel->control = (uint8_t)value;
    if (value & CONTROL_RESET) {
        abandon(channel);
        channel->status = ATA_BSY;
        channel->pending = false;
    } else if (before & CONTROL_RESET) {
        reset_registers(channel);
    }
    channel_interrupt(channel, channel->pending);
}

/* ---- the bus masters' ports ------------------------------------------------------------------ */

enum { MASTER_COMMAND, MASTER_STATUS = 2, MASTER_TABLE = 4, MASTER_BYTES = 8 };

static uint8_t master_read(const struct ide_channel *channel, unsigned offset)
{
    if (offset == MASTER_COMMAND)
        return channel->master_command;
    if (offset == MASTER_STATUS)
        return channel->master_status;
    return offset >= MASTER_TABLE ? (uint8_t)(channel->table >> 8 * (offset - MASTER_TABLE)) : 0;
}

uint32_t ide_master_read(void *device, const struct access *access)
{
    const struct ide *ide = device;
    uint32_t value = 0;

    for (unsigned i = 0; i < access->bytes; i++) {
        unsigned offset = access->offset + i;

        if (offset < IDE_IO)
            value |=
                (uint32_t)master_read(&ide->channel[offset / MASTER_BYTES], offset % MASTER_BYTES)
                << 8 * i;
    }
    return value;
}

/* A master that is stopped in the middle leaves a disk that cannot end its command: aborted. */
static void master_command_write(struct ide_channel *channel, uint8_t value, uint64_t now)
{
    uint8_t before = channel->master_command;

    channel->master_command = value & (MASTER_START | MASTER_TO_MEMORY);
    if (value & MASTER_START && !(before & MASTER_START)) {
        channel->master_status |= MASTER_ACTIVE;
        channel_start_dma(channel, now);
    } else if (!(value & MASTER_START)) {
        if (channel->master_status & MASTER_ACTIVE && event_pending(&channel->done) &&
            (channel->transfer == IDE_DMA_READ || channel->transfer == IDE_DMA_WRITE)) {
            event_cancel(channel->ide->world.events, &channel->done);
            channel_end(channel, ATA_ERR, ATA_ABRT, false);
        }
        channel->master_status &= (uint8_t)~MASTER_ACTIVE;
    }
}

static void master_write(struct ide_channel *channel, unsigned offset, uint8_t value, uint64_t now)
{
    unsigned shift = 8 * (offset - MASTER_TABLE);

    if (offset == MASTER_COMMAND)
        master_command_write(channel, value, now);
    else if (offset == MASTER_STATUS)
        channel->master_status = (uint8_t)((channel->master_status & ~MASTER_CAPABLE &
                                            ~(value & (MASTER_ERROR | MASTER_INTERRUPT))) |
                                           (value & MASTER_CAPABLE));
    else if (offset >= MASTER_TABLE)
        channel->table = (channel->table & ~(UINT32_C(0xff) << shift)) | (uint32_t)value << shift;
    channel->table &= ~UINT32_C(3);
}

void ide_master_write(void *device, const struct access *access, uint32_t value)
{
    struct ide *ide = device;

    for (unsigned i = 0; i < access->bytes; i++) {
        unsigned offset = access->offset + i;

        if (offset < IDE_IO)
            master_write(&ide->channel[offset / MASTER_BYTES], offset % MASTER_BYTES,
                         (uint8_t)(value >> 8 * i), access->now);
    }
}

/* ---- configuration --------------------------------------------------------------------------- */

static const struct {
    uint32_t ports, control;
} compatible[IDE_CHANNELS] = {{0x1f0, 0x3f6}, {0x170, 0x376}};

/* Both ranges of a channel or none: somebody else may have one. */
static bool claim_channel(struct ide *ide, unsigned index)
{
    struct bus *bus = ide->function.pci->bus;
    struct ide_channel *channel = &ide->channel[index];
    uint32_t ports = compatible[index].ports, control = compatible[index].control;

    if (!bus_claim(bus, BUS_PORT,
                   &(struct bus_range){"IDE", ports, ports + 7, BUS_ANY_WIDTH, ide_read, ide_write,
                                       channel}))
        return false;
    if (bus_claim(bus, BUS_PORT,
                  &(struct bus_range){"IDE control", control, control, BUS_BYTES, ide_control_read,
                                      ide_control_write, channel}))
        return true;
    bus_release(bus, BUS_PORT, ports, channel);
    return false;
}

static void release_channel(struct ide *ide, unsigned index)
{
    struct bus *bus = ide->function.pci->bus;

    bus_release(bus, BUS_PORT, compatible[index].ports, &ide->channel[index]);
    bus_release(bus, BUS_PORT, compatible[index].control, &ide->channel[index]);
    ide->claimed[index] = false;
}

void ide_release(struct ide *ide)
{
    pci_release(&ide->function);
    for (unsigned i = 0; i < IDE_CHANNELS; i++)
        if (ide->claimed[i])
            release_channel(ide, i);
}

bool ide_claim_again(struct ide *ide)
{
    bool good = pci_claim_again(&ide->function);

    for (unsigned i = 0; i < IDE_CHANNELS; i++) {
        bool wanted = ide->claimed[i];

        ide->claimed[i] = wanted && claim_channel(ide, i);
        good = good && ide->claimed[i] == wanted;
    }
    return good;
}

static void configured(void *owner)
{
    struct ide *ide = owner;

    for (unsigned i = 0; i < IDE_CHANNELS; i++) {
        bool wanted = pci_get16(&ide->function, PCI_COMMAND) & PCI_COMMAND_IO &&
                      pci_get16(&ide->function, TIMING + 2 * i) & TIMING_DECODE;

        if (wanted && !ide->claimed[i]) {
            ide->claimed[i] = claim_channel(ide, i);
        } else if (!wanted && ide->claimed[i]) {
            release_channel(ide, i);
        }
    }
}

void ide_open(struct ide *ide, struct pci *pci, uint8_t device, uint8_t function)
{
    ide->function = (struct pci_function){
        .name = "IDE bus master",
        .device = device,
        .function = function,
        .vendor = 0x8086,
        .id = 0x7010,
        .class_revision = CLASS_IDE,
        .command_bits = PCI_COMMAND_IO | PCI_COMMAND_MASTER,
        .bar[MASTER_BAR] = {BUS_PORT, IDE_IO, BUS_ANY_WIDTH, ide_master_read, ide_master_write,
                            false, 0},
        .configured = configured,
        .owner = ide,
    };
    memset(ide->function.writable + TIMING, 0xff, 4);
    pci_add(pci, &ide->function);
    for (unsigned i = 0; i < IDE_CHANNELS; i++) {
        ide->channel[i].ide = ide;
        channel_open(&ide->channel[i]);
        reset_registers(&ide->channel[i]);
        pci_set16(&ide->function, TIMING + 2 * i, TIMING_DECODE);
    }
    pci_set32(&ide->function, PCI_BAR + 4 * MASTER_BAR, IDE_FIRMWARE_IO | 1);
    pci_set16(&ide->function, PCI_COMMAND, PCI_COMMAND_IO);
    pci_apply(&ide->function);
    configured(ide);
}
