/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ide.c - disks behind an IDE controller with bus-master DMA
 *
 * The controller is a function of the PCI bus; its two channels answer at the ports and interrupt
 * lines that they have had since the PC AT. A command goes to a disk's registers; the data's place
 * in memory stands in a table of regions, which the channel's bus master walks by itself. The end
 * is an interrupt. A channel does one command at a time for either of its two disks; which is next
 * is the queue's matter (block/queue.c).
 *
 * Sources: ATA/ATAPI-6; Programming Interface for Bus Master IDE Controller 1.0; Intel 290550
 * (PIIX3).
 */
#include "guestos/arch/native/native.h"
#include "guestos/block/devices.h"
#include "guestos/block/queue.h"
#include "guestos/kernel/counters.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"

#define CLASS_IDE    0x0101
#define NATIVE_MODE  0x500u /* of the interface byte: a channel is not at its old ports */
#define MASTER_PORTS 8      /* of a channel */

#define COUNT   2 /* a channel's ports */
#define ADDRESS 3
#define SELECT  6
#define COMMAND 7 /* written; read: status */

#define STATUS_ERROR   0x21 /* error, or device fault */
#define STATUS_REQUEST 0x08
#define STATUS_BUSY    0x80
#define SELECT_LBA     0xe0
#define SELECT_SLAVE   0x10
#define NO_INTERRUPTS  0x02 /* of the control port */

#define IDENTIFY       0xec
#define READ_DMA       0xc8
#define WRITE_DMA      0xca
#define READ_DMA_LONG  0x25
#define WRITE_DMA_LONG 0x35
#define FLUSH          0xe7
#define LONG_LIMIT     (1ull << 28) /* sectors that the short commands reach */

#define MASTER_STATUS    2
#define MASTER_TABLE     4
#define MASTER_RUN       0x01
#define MASTER_TO_MEMORY 0x08
#define MASTER_ERROR     0x02
#define MASTER_INTERRUPT 0x04

#define REGION_BYTES 0x10000u /* a region neither crosses a multiple of this nor is longer */
#define REGION_LAST  0x80000000u
#define CHANNELS     2
#define ANSWER_US    1000000u

struct region {
    uint32_t address, bytes;
};

struct channel {
    uint16_t ports, control, master;
    uint8_t line, vector;
    unsigned processor;            /* that its interrupts go to */
    bool routed, busy;             /* busy: a command is under way */
    uint8_t failed;                /* the last command's error bits */
    struct block_request *request; /* whose it is; NULL: a flush */
    struct block_queue *queue;     /* the disk's whose it is */
    struct region *region;         /* a page of them */
    struct ide_disk *disk[2];
};

struct ide_disk {
    struct block_queue queue;
    struct channel *channel;
    uint8_t select;
};

static struct channel channels[CHANNELS] = {
    {.ports = 0x1f0, .control = 0x3f6, .line = 14, .vector = VECTOR_DISK},
    {.ports = 0x170, .control = 0x376, .line = 15, .vector = VECTOR_DISK + 1},
};

static struct ide_disk *disk_of(struct block_queue *queue)
{
    return CONTAINER(queue, struct ide_disk, queue);
}

/* ---- commands -------------------------------------------------------------------------------- */

/* Interrupts go to the thread that waits for them, which gave the command. */
static void route(struct channel *channel)
{
    unsigned me = arch_this_processor();

    if (channel->routed && channel->processor == me)
        return;
    channel->routed = true;
    channel->processor = me;
    ioapic_route(channel->line, channel->vector, apic_id());
}

static void set_address(const struct channel *channel, uint64_t sector, uint32_t count, bool high)
{
    out8(channel->ports + COUNT, (uint8_t)(high ? count >> 8 : count));
    for (uint32_t i = 0; i < 3; i++)
        out8((uint16_t)(channel->ports + ADDRESS + i),
             (uint8_t)(sector >> (high ? 24 + 8 * i : 8 * i)));
}

static void issue(struct channel *channel, uint8_t select, uint8_t command, uint64_t sector,
                  uint32_t count)
{
    bool is_long = command == READ_DMA_LONG || command == WRITE_DMA_LONG;

    route(channel);
    channel->busy = true;
    out8(channel->ports + SELECT,
         (uint8_t)(SELECT_LBA | select | (is_long ? 0 : (uint32_t)sector >> 24 & 0xf)));
    if (is_long)
        set_address(channel, sector, count, true);
    set_address(channel, sector, count, false);
    out8(channel->ports + COMMAND, command);
}

/* Writes the table of regions; memory is where it is, so a page's neighbour is its neighbour. */
static void describe(const struct channel *channel, const struct block_request *request)
{
    struct region *region = channel->region;

    for (uint32_t i = 0; i < request->segments; i++) {
        uint32_t address = physical(request->segment[i].data), bytes = request->segment[i].bytes;

        while (bytes) {
            uint32_t n = MIN(bytes, REGION_BYTES - address % REGION_BYTES);

            *region++ = (struct region){address, n % REGION_BYTES}; /* 0 stands for all of it */
            address += n;
            bytes -= n;
        }
    }
    region[-1].bytes |= REGION_LAST;
}

static bool start(struct block_queue *queue, struct block_request *request)
{
    const struct ide_disk *disk = disk_of(queue);
    struct channel *channel = disk->channel;
    bool is_long = request->sector + request->sectors > LONG_LIMIT;

    if (channel->busy)
        return false;
    describe(channel, request);
    channel->request = request;
    channel->queue = queue;
    count(COUNT_disk_requests);
    out8(channel->master, request->write ? 0 : MASTER_TO_MEMORY);
    out8(channel->master + MASTER_STATUS, MASTER_ERROR | MASTER_INTERRUPT);
    out32(channel->master + MASTER_TABLE, physical(channel->region));
    issue(channel, disk->select,
          request->write ? (is_long ? WRITE_DMA_LONG : WRITE_DMA)
                         : (is_long ? READ_DMA_LONG : READ_DMA),
          request->sector, request->sectors);
    out8(channel->master, (uint8_t)(MASTER_RUN | (request->write ? 0 : MASTER_TO_MEMORY)));
    return true;
}

/* Whether the command under way has ended; what belongs to its end is done then. */
static bool look(struct channel *channel)
{
    uint8_t master = in8(channel->master + MASTER_STATUS);

    if (!(master & MASTER_INTERRUPT))
        return false;
    uint8_t status = in8(channel->ports + COMMAND); /* takes the interrupt back */
    out8(channel->master, 0);
    out8(channel->master + MASTER_STATUS, MASTER_ERROR | MASTER_INTERRUPT);
    channel->failed = (status & STATUS_ERROR) | (master & MASTER_ERROR);
    channel->busy = false;
    if (channel->request && !channel->failed)
        count_many(COUNT_disk_sectors, channel->request->sectors);
    if (channel->request)
        block_queue_done(channel->queue, channel->request, channel->failed ? -EIO : 0);
    channel->request = NULL;
    return true;
}

static void finish_command(struct channel *channel)
{
    while (channel->busy && !look(channel))
        if (channel->processor == arch_this_processor())
            apic_wait_for_disk();
        else
            arch_relax();
}

static void wait_in_queue(struct block_queue *queue)
{
    struct channel *channel = disk_of(queue)->channel;

    finish_command(channel);
    for (unsigned i = 0; i < 2; i++)
        if (channel->disk[i])
            block_queue_run(&channel->disk[i]->queue);
}

static int flush(struct block_queue *queue)
{
    const struct ide_disk *disk = disk_of(queue);

    finish_command(disk->channel);
    out8(disk->channel->master + MASTER_STATUS, MASTER_ERROR | MASTER_INTERRUPT);
    issue(disk->channel, disk->select, FLUSH, 0, 0);
    finish_command(disk->channel);
    return disk->channel->failed ? -EIO : 0;
}

static const struct block_driver driver = {start, wait_in_queue, flush};

/* ---- finding disks --------------------------------------------------------------------------- */

/* Waits for an answer that comes soon if anybody is there. */
static bool idle_status(const struct channel *channel, uint8_t *status)
{
    for (uint32_t waited = 0; waited < ANSWER_US; waited += 10) {
        *status = in8(channel->ports + COMMAND);
        if (!(*status & STATUS_BUSY))
            return true;
        clock_delay(10);
    }
    return false;
}

static uint32_t pair(const uint16_t *word)
{
    return word[0] | (uint32_t)word[1] << 16;
}

/* Asks who is there; how many sectors it has, 0: nobody, or no disk. */
static uint64_t identify(struct channel *channel, uint8_t select)
{
    uint16_t word[256];
    uint8_t status;

    out8(channel->ports + SELECT, SELECT_LBA | select);
    for (int i = 0; i < 4; i++) /* 400 ns until the status counts */
        status = in8(channel->control);
    if (!idle_status(channel, &status) || !status || status == 0xff)
        return 0;
    out8(channel->ports + COMMAND, IDENTIFY);
    for (int i = 0; i < 4; i++)
        status = in8(channel->control);
    if (!idle_status(channel, &status) || status & STATUS_ERROR || !(status & STATUS_REQUEST))
        return 0;
    for (uint32_t i = 0; i < ARRAY_LENGTH(word); i++)
        word[i] = in16(channel->ports);
    if (!(word[49] & 0x0100)) /* no DMA */
        return 0;
    return word[83] & 0x0400 ? pair(word + 100) | (uint64_t)pair(word + 102) << 32
                             : pair(word + 60);
}

static void add_disk(unsigned number, struct channel *channel, uint8_t select, uint64_t sectors)
{
    struct ide_disk *disk = heap_allocate(sizeof(*disk));

    if (!channel->region)
        channel->region = heap_allocate(PAGE_SIZE);
    if (!disk || !channel->region)
        return;
    *disk = (struct ide_disk){.channel = channel, .select = select};
    disk->queue.device.sectors = sectors;
    disk->queue.device.number = IDE_MAJOR << 8 | number * 64;
    disk->queue.driver = &driver;
    disk->queue.max_segments = QUEUE_SEGMENTS;
    disk->queue.max_sectors = QUEUE_SECTORS;
    disk->queue.contiguous = true;
    format(disk->queue.device.name, sizeof(disk->queue.device.name), "hd%c", (int)('a' + number));
    if (block_queue_open(&disk->queue)) {
        heap_free(disk);
        return;
    }
    channel->disk[select != 0] = disk;
    kprintf("%s: %llu sectors, DMA\n", disk->queue.device.name, sectors);
    block_add(&disk->queue.device, true);
}

void ide_find_disks(void)
{
    uint32_t function = mp_has_pci() ? pci_next(0, CLASS_IDE) : 0;
    uint32_t base = function ? pci_read(function, PCI_BAR(4)) : 0;

    if (!(base & 1) || !(base & 0xfff0)) /* no controller, or one that cannot DMA */
        return;
    if (pci_read(function, PCI_CLASS) & NATIVE_MODE) {
        kprintf("the IDE controller is not at its old ports: its disks are not used\n");
        return;
    }
    pci_enable(function, PCI_COMMAND_IO | PCI_COMMAND_MASTER);
    for (unsigned i = 0; i < CHANNELS * 2; i++) {
        struct channel *channel = &channels[i / 2];
        uint8_t select = i % 2 ? SELECT_SLAVE : 0;

        channel->master = (uint16_t)((base & 0xfff0) + i / 2 * MASTER_PORTS);
        out8(channel->control, NO_INTERRUPTS);
        uint64_t sectors = identify(channel, select);
        out8(channel->control, 0);
        if (sectors)
            add_disk(i, channel, select, sectors);
    }
}
