/* SPDX-License-Identifier: GPL-2.0-only */
/* The IDE controller's registers, its bus master, and the times of a disk. */
#include "sim/dev/ide/ide.h"
#include "tests/unit/sim_device_world.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECTORS 5000
#define MASTER  IDE_FIRMWARE_IO

static struct bus bus;
static struct pci pci;
static struct ide ide;
static struct image image;
static struct device_costs costs;
static uint64_t now;
static bool line;
static char path[64];

static void wire(void *owner, unsigned number, bool level)
{
    (void)owner;
    if (number == 14)
        line = level;
}

static void make_file(void)
{
    uint8_t data[SECTOR_BYTES];
    int fd;

    strcpy(path, "/tmp/sim-ide-XXXXXX");
    fd = mkstemp(path);
    cr_assert(fd >= 0);
    for (unsigned sector = 0; sector < SECTORS; sector++) {
        memset(data, (int)(sector % 251), sizeof(data));
        cr_assert_eq(write(fd, data, sizeof(data)), (ssize_t)sizeof(data));
    }
    close(fd);
}

static void open_controller(void)
{
    char why[IMAGE_WHY_BYTES];

    make_file();
    cr_assert(image_open(&image, path, why, sizeof(why)), "%s", why);
    costs = (struct device_costs){
        .disk_rpm = 10000,
        .disk_sectors = 1000000,
        .disk_track_outer = 800,
        .disk_track_inner = 400,
        .disk_zones = 15,
        .disk_track_seek = 600,
        .disk_full_seek = 10500,
        .disk_seek_root = 400,
        .disk_write_settle = 1200,
        .disk_command = 400,
        .disk_hit = 30,
        .disk_cable = 160,
        .disk_buffer = 8 << 20,
        .disk_read_ahead = 512 << 10,
        .disk_write_cache = 1,
    };
    now = 0;
    bus = (struct bus){.memory_first = 0xc0000000};
    ide.world = (struct device_world){.events = &events,
                                      .hz = HZ,
                                      .memory_read = device_ram_read,
                                      .memory_write = device_ram_write};
    pci = (struct pci){.world = ide.world, .bus = &bus};
    ide.channel[0].irq = (struct irq_line){wire, NULL, 14};
    ide.channel[0].disk[0].image = &image;
    ide.channel[0].disk[0].mechanics = (struct mechanics){.costs = &costs, .hz = HZ};
    ide_open(&ide, &pci, 1, 1);
}

static void close_controller(void)
{
    image_close(&image);
    unlink(path);
    bus_close(&bus);
    event_queue_close(&events);
}

TestSuite(sim_ide, .init = open_controller, .fini = close_controller);

static uint32_t in(uint32_t port, unsigned bytes)
{
    return bus_port_read(&bus, &(struct access){.address = port, .bytes = bytes, .now = now});
}

static void out(uint32_t port, unsigned bytes, uint32_t value)
{
    bus_port_write(&bus, &(struct access){.address = port, .bytes = bytes, .now = now}, value);
}

/* Lets the disk do what it is about. */
static void settle(void)
{
    while (events.count) {
        now = event_next(&events);
        event_fire_due(&events, now);
    }
}

static void command(uint8_t code, uint32_t sector, uint8_t count)
{
    out(0x1f6, 1, 0xe0 | sector >> 24);
    out(0x1f2, 1, count);
    for (unsigned i = 0; i < 3; i++)
        out(0x1f3 + i, 1, sector >> 8 * i & 0xff);
    out(0x1f7, 1, code);
}

static void set_region(unsigned index, uint32_t address, uint32_t bytes)
{
    memcpy(device_ram + 0x1000 + 8 * index, &address, 4);
    memcpy(device_ram + 0x1004 + 8 * index, &bytes, 4);
}

static uint32_t run_master(uint8_t code, uint32_t sector, uint8_t count, uint8_t direction)
{
    uint32_t status;

    pci_set16(&ide.function, PCI_COMMAND, PCI_COMMAND_IO | PCI_COMMAND_MASTER);
    out(MASTER + 2, 1, 6);
    out(MASTER + 4, 4, 0x1000);
    command(code, sector, count);
    out(MASTER, 1, direction | 1);
    settle();
    status = in(MASTER + 2, 1);
    out(MASTER, 1, 0);
    return status;
}

Test(sim_ide, port_reads_sector_by_sector)
{
    command(0x20, 250, 2);
    cr_expect_eq(in(0x1f7, 1), 0x80, "busy");
    cr_expect_eq(in(0x1f0, 2), 0, "nothing yet");
    settle();
    cr_expect(line);
    cr_expect_eq(in(0x3f6, 1), 0x58);
    cr_expect(line, "the other status register leaves the line alone");
    cr_expect_eq(in(0x1f7, 1), 0x58);
    cr_expect_not(line);
    for (unsigned i = 0; i < 128; i++)
        cr_expect_eq(in(0x1f0, 4), 0xfafafafa);
    cr_expect_eq(in(0x1f7, 1), 0x80);
    settle();
    cr_expect(line);
    for (unsigned i = 0; i < 256; i++)
        cr_expect_eq(in(0x1f0, 2), 0);
    cr_expect_eq(in(0x1f7, 1), 0x50);
    cr_expect_eq(in(0x1f0, 2), 0, "nothing more");
}

Test(sim_ide, ranges_are_looked_at)
{
    static const struct {
        uint32_t sector;
        uint8_t count, error;
    } rows[] = {{SECTORS, 1, 0x10},      {SECTORS - 1, 2, 0x10}, {SECTORS - 1, 0, 0x10},
                {0x0fffffff, 0, 0x10},   {SECTORS - 1, 1, 0},    {SECTORS - 256, 0, 0},
                {SECTORS - 255, 0, 0x10}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        command(0x40, rows[i].sector, rows[i].count);
        settle();
        cr_expect_eq(in(0x1f7, 1), rows[i].error ? 0x51 : 0x50, "row %zu", i);
        cr_expect_eq(in(0x1f1, 1), rows[i].error, "row %zu", i);
    }
    out(0x1f6, 1, 0xa0); /* by cylinder, sector 0 */
    out(0x1f3, 1, 0);
    out(0x1f7, 1, 0x20);
    cr_expect_eq(in(0x1f1, 1), 0x10);
    command(0x99, 0, 1);
    cr_expect_eq(in(0x1f1, 1), 0x04, "no such command");
}

Test(sim_ide, nothing_is_done_out_of_turn)
{
    command(0x20, 7, 1);
    command(0x30, 9, 4); /* ignored, its registers too */
    out(0x1f0, 4, 0x12345678);
    settle();
    for (unsigned i = 0; i < 128; i++)
        cr_expect_eq(in(0x1f0, 4), 0x07070707);
    cr_expect_eq(in(0x1f7, 1), 0x50);
    cr_expect_eq(ide.channel[0].disk[0].counts.commands, 1);
    out(0x1f6, 1, 0xf0);
    cr_expect_eq(in(0x1f7, 1), 0, "no slave");
    out(0x1f7, 1, 0xec);
    settle();
    cr_expect_eq(ide.channel[0].disk[0].counts.commands, 1);
    cr_expect_eq(in(0x177, 1), 0, "nothing on the second channel");
}

Test(sim_ide, reset_ends_everything)
{
    command(0x20, 7, 1);
    out(0x3f6, 1, 4);
    cr_expect_eq(in(0x3f6, 1), 0x80);
    out(0x3f6, 1, 0);
    cr_expect_eq(events.count, 0);
    cr_expect_eq(in(0x1f7, 1), 0x50);
    cr_expect_eq(in(0x1f1, 1), 1);
    cr_expect_eq(in(0x1f2, 4), 0x00000101, "signature");
}

Test(sim_ide, master_moves_regions)
{
    set_region(0, 0x2000, 100);
    set_region(1, 0x4000, 924 | 0x80000000);
    cr_expect_eq(run_master(0xc8, 1, 2, 8), 4);
    cr_expect_eq(device_ram[0x2000], 1);
    cr_expect_eq(device_ram[0x2063], 1);
    cr_expect_eq(device_ram[0x2064], 0);
    cr_expect_eq(device_ram[0x4000 + 411], 1);
    cr_expect_eq(device_ram[0x4000 + 412], 2);
    cr_expect(line);
    memset(device_ram + 0x4000, 0x5a, 924);
    cr_expect_eq(run_master(0xca, 3, 2, 0), 4);
    set_region(0, 0x8000, 0x80000000);
    cr_expect_eq(run_master(0xc8, 4, 1, 8), 5, "64 kB are more than a sector");
    cr_expect_eq(device_ram[0x8000], 0x5a);
    cr_expect_eq(device_ram[0x81ff], 0x5a);
    cr_expect_eq(device_ram[0x8200], 0);
}

Test(sim_ide, master_survives_bad_tables)
{
    set_region(0, 0xfffffffe, 0x80000200);
    cr_expect_eq(run_master(0xc8, 1, 1, 8), 6, "no RAM");
    cr_expect_eq(in(0x1f7, 1), 0x51);
    cr_expect(pci_get16(&ide.function, PCI_STATUS) & PCI_STATUS_MASTER_ABORT);
    set_region(0, 0x2000, 0x80000100);
    cr_expect_eq(run_master(0xc8, 1, 1, 8), 0, "too short: no interrupt");
    set_region(0, 0x2000, 0x80000200);
    cr_expect_eq(run_master(0xc8, 1, 1, 0), 6, "the wrong way");
    out(MASTER + 4, 4, 0xfffffffc);
    command(0xc8, 1, 1);
    out(MASTER, 1, 0);
    out(MASTER, 1, 9);
    out(MASTER, 1, 0);
    cr_expect_eq(events.count, 0, "stopped");
    cr_expect_eq(in(0x1f7, 1), 0x51);
    cr_expect_eq(run_master(0xc8, 1, 1, 8), 4, "and goes on");
    pci_set16(&ide.function, PCI_COMMAND, PCI_COMMAND_IO);
    out(MASTER, 1, 8);
    command(0xc8, 1, 1);
    out(MASTER, 1, 9);
    settle();
    cr_expect_eq(in(MASTER + 2, 1), 6, "it is no master");
}

Test(sim_ide, what_is_written_stays_beside_the_file)
{
    char why[IMAGE_WHY_BYTES];
    uint8_t data[SECTOR_BYTES];
    int fd;

    command(0x30, 77, 1);
    for (unsigned i = 0; i < 256; i++)
        out(0x1f0, 2, 0xabcd);
    settle();
    cr_expect_eq(in(0x1f7, 1), 0x50);
    image_read(&image, 77, data);
    cr_expect_eq(data[511], 0xab);
    image_read(&image, 78, data);
    cr_expect_eq(data[0], 78, "its neighbours keep theirs");
    fd = open(path, O_RDONLY);
    cr_expect_eq(pread(fd, data, 1, 77 * SECTOR_BYTES), 1);
    cr_expect_eq(data[0], 77, "the file is only read");
    close(fd);
    cr_expect(image_save(&image, why, sizeof(why)), "%s", why);
    fd = open(path, O_RDONLY);
    cr_expect_eq(pread(fd, data, 1, 77 * SECTOR_BYTES), 1);
    cr_expect_eq(data[0], 0xcd, "until it is saved");
    close(fd);
}

Test(sim_ide, a_file_that_shrinks_is_trouble)
{
    uint8_t data[SECTOR_BYTES] = {1};

    cr_assert_eq(truncate(path, SECTOR_BYTES), 0);
    image_read(&image, 4000, data);
    cr_expect_eq(data[0], 0);
    cr_expect_neq(strstr(image.trouble, "truncated"), NULL, "%s", image.trouble);
    cr_expect_not(image_write(&image, 4000, data));
}

Test(sim_ide, a_cut_takes_what_only_the_cache_has)
{
    static const uint64_t never = UINT64_MAX;
    uint8_t data[SECTOR_BYTES];

    image.cut.kept = true;
    memset(data, 0xe0, sizeof(data));
    image_write(&image, 9, data);
    cut_landing(&image.cut, 0, 50, 10); /* on the platter at 50 */
    memset(data, 0xe1, sizeof(data));
    for (uint64_t sector = 9; sector < 13; sector++)
        image_write(&image, sector, data);
    cut_landing(&image.cut, 60, 100, 10); /* at 70, 80, 90, 100 */
    memset(data, 0xe2, sizeof(data));
    image_write(&image, 9, data); /* of a command that is not over */
    cut_power(&image, 85);
    for (uint64_t sector = 9; sector < 13; sector++) {
        image_read(&image, sector, data);
        cr_expect_eq(data[0], sector < 11 ? 0xe1 : sector, "sector %d", (int)sector);
    }
    cut_power(&image, never);
    image_read(&image, 9, data);
    cr_expect_eq(data[0], 0xe1, "what has landed stays");
}

/* ---- times ----------------------------------------------------------------------------------- */

Test(sim_ide, times_are_those_of_a_disk)
{
    struct mechanics disk = {.costs = &costs, .hz = HZ};
    uint64_t done = mechanics_read(&disk, 0, 0, 1), again;

    /* The first sector comes by at 0 and again after 6 ms, behind 400 us of overhead. */
    cr_expect_eq(done, 6000000 + 7500);
    again = mechanics_read(&disk, done, 1, 1);
    cr_expect_leq(again, done + 40000, "from the buffer");
    cr_expect_eq(disk.counts.buffer_hits, 1);
    done = mechanics_read(&disk, again + 50000000, 900000, 1);
    cr_expect_geq(done - again - 50000000, 400000 + 600000 + 4000000, "far away");
    cr_expect_leq(done - again - 50000000, 400000 + 10500000 + 6000000 + 15000);
    cr_expect_eq(disk.counts.seeks, 1);
    done = mechanics_write(&disk, 100000000, 10, 8);
    cr_expect_leq(done, 100000000 + 30000 + 40000, "cached");
    cr_expect_geq(mechanics_flush(&disk, done), done + 600000);
    cr_expect_eq(mechanics_flush(&disk, 1000000000), 1000030000);
    /* The second of two that wait, and the same again: the arm has nothing more to do. */
    mechanics_write(&disk, 1500000000, 800000, 8);
    mechanics_write(&disk, 1500000000, 400000, 8);
    again = disk.busy_until;
    done = mechanics_write(&disk, 1500100000, 400002, 2);
    cr_expect_leq(done, 1500100000 + 30000 + 40000, "cached");
    cr_expect_eq(disk.busy_until, again, "in the other's place");
    mechanics_write(&disk, 1500200000, 400004, 8);
    cr_expect_gt(disk.busy_until, again, "the half of it is not");
    cr_expect_leq(disk.busy_until, again + 4 * 15000, "and the other half follows");
    costs.disk_write_cache = 0;
    done = mechanics_write(&disk, 2000000000, 500000, 8);
    cr_expect_geq(done, 2000000000 + 600000 + 1200000, "on the platter");
}
