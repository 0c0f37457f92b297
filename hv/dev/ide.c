/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ide.c - disks behind the first channel of an IDE controller with bus-master DMA
 *
 * One command at a time is under way, for either disk: the transfers that it joins are `current`,
 * linked. A table in memory tells the bus master where their frames are. The end is an interrupt on
 * ISA line 14 by the I/O APIC; its handler ends the transfers and gives the next command.
 *
 * A frame's contents may be anybody's: the table holds only addresses and lengths that the caller
 * has checked, and lies in a page of the hypervisor's own.
 *
 * Sources: ATA/ATAPI-6; Programming Interface for Bus Master IDE Controller 1.0; Intel 290550.
 */
#include "hv/dev/disk.h"
#include "hv/dev/ioapic.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/perfc.h"
#include "hv/include/time.h"
#include "hv/include/arch/x86.h"
#include "include/pc/pci.h"
#include "include/pc/port.h"

#define CLASS_IDE   0x0101
#define NATIVE_MODE 0x100u /* of the class: the first channel is not at its old ports */
#define PORTS       0x1f0
#define CONTROL     0x3f6
#define ISA_LINE    14

#define COUNT   2
#define ADDRESS 3
#define SELECT  6
#define COMMAND 7 /* written; read: status */

#define STATUS_ERROR   0x21 /* error, or device fault */
#define STATUS_REQUEST 0x08
#define STATUS_BUSY    0x80
#define SELECT_LBA     0xe0
#define SELECT_SLAVE   0x10
#define NO_INTERRUPTS  0x02

#define IDENTIFY       0xec
#define READ_DMA_LONG  0x25
#define WRITE_DMA_LONG 0x35
#define FLUSH          0xe7

#define MASTER_STATUS    2
#define MASTER_TABLE     4
#define MASTER_RUN       0x01
#define MASTER_TO_MEMORY 0x08
#define MASTER_ERROR     0x02
#define MASTER_INTERRUPT 0x04

#define REGION_LAST     0x80000000u
#define REGIONS         (PAGE_SIZE / sizeof(struct region))
#define COMMAND_SECTORS 248 /* that one command moves: so many regions of a sector fit the table */
#define ANSWER          SECONDS(1)

struct region {
    uint32_t address, bytes;
};

_Static_assert(REGIONS >= COMMAND_SECTORS * 2, "every sector may lie in two frames");

struct spinlock io_lock;

static struct disk {
    uint64_t sectors; /* 0: not there */
    uint64_t position;
    struct disk_transfer *waiting, *flushes;
    unsigned load;
} disks[DISKS];

static uint16_t master; /* ports; 0: there is no controller */
static struct region *table;
static struct disk_transfer *current; /* under way, linked */
static unsigned turn;                 /* the disk that was served last */

uint64_t disk_sectors(unsigned disk)
{
    return disk < DISKS ? disks[disk].sectors : 0;
}

unsigned disk_load(unsigned disk)
{
    return disks[disk].load;
}

/* --- commands --------------------------------------------------------------------------------- */

static void set_address(uint64_t sector, uint32_t count, bool high)
{
    out8(PORTS + COUNT, (uint8_t)(high ? count >> 8 : count));
    for (unsigned i = 0; i < 3; i++)
        out8((uint16_t)(PORTS + ADDRESS + i), (uint8_t)(sector >> (high ? 24 + 8 * i : 8 * i)));
}

static void describe(const struct disk_transfer *list)
{
    unsigned n = 0;

    for (const struct disk_transfer *t = list; t; t = t->next) {
        for (unsigned i = 0; i < t->regions; i++) {
            const struct disk_region *r = &t->region[i];

            table[n++] = (struct region){(r->frame << PAGE_SHIFT) + r->offset, r->bytes};
        }
    }
    table[n - 1].bytes |= REGION_LAST;
}

static void command(unsigned disk, const struct disk_transfer *list)
{
    uint8_t direction = list->write ? 0 : MASTER_TO_MEMORY;
    uint32_t sectors = 0;

    for (const struct disk_transfer *t = list; t; t = t->next)
        sectors += t->sectors;
    perfc_count(disk_commands);
    out8((uint16_t)(master + MASTER_STATUS), MASTER_ERROR | MASTER_INTERRUPT);
    out8(PORTS + SELECT, (uint8_t)(SELECT_LBA | (disk ? SELECT_SLAVE : 0)));
    if (sectors == 0) {
        out8(PORTS + COMMAND, FLUSH);
        return;
    }
    describe(list);
    out8(master, direction);
    out32((uint16_t)(master + MASTER_TABLE), heap_mfn(table) << PAGE_SHIFT);
    set_address(list->sector, sectors, true);
    set_address(list->sector, sectors, false);
    out8(PORTS + COMMAND, list->write ? WRITE_DMA_LONG : READ_DMA_LONG);
    out8(master, direction | MASTER_RUN);
}

/* Gives the next command, if none is under way: the disks have turns. */
static void start(void)
{
    for (unsigned i = 1; i <= DISKS && !current; i++) {
        unsigned number = (turn + i) % DISKS;
        struct disk *disk = &disks[number];

        if (disk->flushes) {
            current = disk->flushes;
            disk->flushes = current->next;
            current->next = NULL;
        } else if (disk->waiting) {
            current = elevator_take(&disk->waiting, COMMAND_SECTORS);
        }
        if (!current)
            continue;
        turn = number;
        for (const struct disk_transfer *t = current; t && t->sectors; t = t->next)
            disk->position = t->sector + t->sectors;
        command(number, current);
    }
}

void disk_submit(struct disk_transfer *transfer)
{
    struct disk *disk = &disks[transfer->disk];
    struct disk_transfer **link = &disk->flushes;

    disk->load++;
    perfc_count(disk_transfers);
    if (transfer->sectors) {
        elevator_insert(&disk->waiting, transfer, disk->position);
    } else {
        while (*link)
            link = &(*link)->next;
        transfer->next = NULL;
        *link = transfer;
    }
    start();
}

static void end_current(bool failed)
{
    struct disk_transfer *t = current, *next;

    current = NULL;
    for (; t; t = next) {
        next = t->next;
        disks[t->disk].load--;
        if (!failed)
            perfc_add(disk_sectors, t->sectors);
        t->done(t, failed);
    }
    start();
}

static void interrupt_here(void *context)
{
    uint8_t seen, answer;

    (void)context;
    lock(&io_lock);
    seen = in8((uint16_t)(master + MASTER_STATUS));
    if (current && (seen & MASTER_INTERRUPT)) {
        answer = in8(PORTS + COMMAND); /* takes the interrupt back */
        out8(master, 0);
        out8((uint16_t)(master + MASTER_STATUS), MASTER_ERROR | MASTER_INTERRUPT);
        perfc_count(disk_interrupts);
        end_current((answer & STATUS_ERROR) || (seen & MASTER_ERROR));
    }
    unlock(&io_lock);
    disks_idle();
}

/* --- finding disks ---------------------------------------------------------------------------- */

static bool wait_idle(uint8_t *answer)
{
    nanoseconds end = now() + ANSWER;

    do {
        *answer = in8(PORTS + COMMAND);
        if (!(*answer & STATUS_BUSY))
            return true;
    } while (now() < end);
    return false;
}

static uint64_t identify(unsigned disk)
{
    uint16_t word[256];
    uint8_t answer = 0;

    out8(PORTS + SELECT, (uint8_t)(SELECT_LBA | (disk ? SELECT_SLAVE : 0)));
    for (unsigned i = 0; i < 4; i++) /* 400 ns until the answer counts */
        answer = in8(CONTROL);
    if (!wait_idle(&answer) || !answer || answer == 0xff)
        return 0;
    out8(PORTS + COMMAND, IDENTIFY);
    for (unsigned i = 0; i < 4; i++)
        answer = in8(CONTROL);
    if (!wait_idle(&answer) || (answer & STATUS_ERROR) || !(answer & STATUS_REQUEST))
        return 0;
    for (unsigned i = 0; i < ARRAY_SIZE(word); i++)
        word[i] = in16(PORTS);
    if (!(word[49] & 0x0100) || !(word[83] & 0x0400)) /* DMA, addresses of 48 bits */
        return 0;
    return word[100] | (uint64_t)word[101] << 16 | (uint64_t)word[102] << 32;
}

void disks_init(void)
{
    static struct irq_listener listener = {.handle = interrupt_here};
    uint32_t function = mp_has_pci() ? pci_next(0, CLASS_IDE) : 0, base;
    struct mp_interrupt where;

    if (!function || (pci_read(function, PCI_CLASS) & NATIVE_MODE))
        return;
    base = pci_read(function, PCI_BAR(4));
    table = heap_page();
    if (!(base & 1) || !(base & 0xfff0) || !table || !mp_isa_interrupt(ISA_LINE, &where) ||
        !ioapic_listen(&where, &listener))
        return;
    pci_enable(function, PCI_COMMAND_IO | PCI_COMMAND_MASTER);
    out8(CONTROL, NO_INTERRUPTS);
    for (unsigned i = 0; i < DISKS; i++)
        disks[i].sectors = identify(i);
    out8(CONTROL, 0);
    master = (uint16_t)(base & 0xfff0);
    for (unsigned i = 0; i < DISKS; i++) {
        if (disks[i].sectors)
            print("disk %u: %llu sectors\n", i, (unsigned long long)disks[i].sectors);
    }
}
