/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * disk.c - a kernel that finds an IDE controller by PCI and uses its disks every way there is
 *
 * It knows nothing of the simulator: on any PC with a PIIX3 it prints the same lines for the same
 * disks. The word `hostile` on its command line makes it do what no driver should; then it prints
 * only that the machine still answers, since what a disk says to that differs.
 *
 * Sources: PCI 2.3, 3.2.2.3 and 6; ATA/ATAPI-6; Programming Interface for Bus Master IDE
 * Controller 1.0.
 */
#include "tests/bench/ports.h"

#define PORTS       0x1f0
#define CONTROL     0x3f6
#define SECTOR      512
#define MANY        64
#define MASTER      0xd000
#define BUSY        0x80
#define REQUEST     0x08
#define ERROR       0x01
#define REGION_LAST 0x80000000u

static uint8_t data[MANY * SECTOR] __attribute__((aligned(4096)));
static uint32_t regions[16] __attribute__((aligned(4096)));
static uint32_t controller; /* its address in configuration space */
static uint16_t identity[256];

/* ---- PCI ------------------------------------------------------------------------------------- */

static void find_controller(void)
{
    for (uint32_t function = 0; function < 256 && !controller; function++) {
        uint32_t address = 0x80000000 | function << 8;

        if (config_in(address) != 0xffffffff && config_in(address + 8) >> 16 == 0x0101)
            controller = address;
    }
    if (!controller) {
        put("no IDE controller\n");
        power_off(1);
    }
    say("controller at function", controller >> 8 & 0xff);
    say("vendor and device", config_in(controller));
}

static void set_up_controller(void)
{
    uint32_t command = config_in(controller + 4) & 0xffff;

    config_out(controller + 4, command & ~1u);
    config_out(controller + 0x20, 0xffffffff);
    say("ports of the bus master", 0 - (config_in(controller + 0x20) & ~3u));
    config_out(controller + 0x20, MASTER);
    say("moved to", config_in(controller + 0x20) & ~3u);
    config_out(controller + 4, 5);
    say("command", config_in(controller + 4) & 0xffff);
}

/* ---- commands -------------------------------------------------------------------------------- */

static uint8_t wait_while(uint8_t bits)
{
    uint8_t status;

    do
        status = in8(PORTS + 7);
    while (status & bits);
    return status;
}

static void set_long_address(uint64_t sector, uint32_t count)
{
    for (int upper = 1; upper >= 0; upper--) {
        out8(PORTS + 2, upper ? count >> 8 : count);
        for (unsigned i = 0; i < 3; i++)
            out8(PORTS + 3 + i, (uint8_t)(sector >> (upper ? 24 + 8 * i : 8 * i)));
    }
}

static void issue(unsigned slave, uint8_t command, uint64_t sector, uint32_t count)
{
    uint32_t low = (uint32_t)sector;

    out8(PORTS + 6, 0xe0 | slave << 4 | (low >> 24 & 0xf));
    wait_while(BUSY | REQUEST);
    if (command == 0x24 || command == 0x34 || command == 0x25 || command == 0x35) {
        set_long_address(sector, count);
    } else {
        out8(PORTS + 2, (uint8_t)count);
        for (unsigned i = 0; i < 3; i++)
            out8(PORTS + 3 + i, low >> 8 * i);
    }
    out8(PORTS + 7, command);
    for (unsigned i = 0; i < 4; i++) /* 400 ns until the status counts */
        in8(CONTROL);
}

static void port_read(unsigned slave, uint8_t command, uint64_t sector, uint32_t count)
{
    uint16_t *words = (uint16_t *)data;

    issue(slave, command, sector, count);
    for (uint32_t i = 0; i < count; i++) {
        if (wait_while(BUSY) & ERROR)
            put("a read failed\n");
        for (unsigned word = 0; word < SECTOR / 2; word += 2, words += 2)
            *(uint32_t *)words = in32(PORTS);
    }
}

static void port_write(unsigned slave, uint8_t command, uint64_t sector, uint32_t count)
{
    const uint16_t *words = (const uint16_t *)data;

    issue(slave, command, sector, count);
    for (uint32_t i = 0; i < count; i++) {
        if (wait_while(BUSY) & ERROR)
            put("a write failed\n");
        for (unsigned word = 0; word < SECTOR / 2; word++)
            out16(PORTS, *words++);
    }
    wait_while(BUSY);
}

/* Three regions that split sectors, none of whole pages. */
static void lay_out_regions(uint32_t bytes)
{
    uint32_t at = (uint32_t)data, first = 1000, second = bytes - 1000 - 24;

    regions[0] = at;
    regions[1] = first;
    regions[2] = at + first;
    regions[3] = second;
    regions[4] = at + first + second;
    regions[5] = 24 | REGION_LAST;
}

static uint8_t run_master(unsigned slave, uint8_t command, uint64_t sector, uint32_t count,
                          bool to_memory)
{
    out8(MASTER, to_memory ? 8 : 0);
    out8(MASTER + 2, 6);
    out32(MASTER + 4, (uint32_t)regions);
    issue(slave, command, sector, count);
    out8(MASTER, to_memory ? 9 : 1);
    while (in8(MASTER + 2) & 1 && in8(CONTROL) & BUSY) /* a table may be too long, or too short */
        ;
    out8(MASTER, to_memory ? 8 : 0);
    return in8(MASTER + 2) & 7;
}

static void dma(unsigned slave, uint8_t command, uint64_t sector, uint32_t count, bool to_memory)
{
    lay_out_regions(count * SECTOR);
    say("bus master's status", run_master(slave, command, sector, count, to_memory));
    if (wait_while(BUSY) & ERROR)
        put("DMA failed\n");
}

static uint32_t checksum(uint32_t bytes)
{
    uint32_t sum = 1, high = 0;

    for (uint32_t i = 0; i < bytes; i++) {
        sum = sum * 31 + data[i];
        high ^= sum >> 7;
    }
    return sum ^ high;
}

static void pattern(uint32_t seed)
{
    for (uint32_t i = 0; i < sizeof(data); i++) {
        seed = seed * 1103515245 + 12345;
        data[i] = seed >> 16;
    }
}

static void forget(void)
{
    for (uint32_t i = 0; i < sizeof(data); i++)
        data[i] = 0xcc;
}

/* ---- one disk -------------------------------------------------------------------------------- */

static uint32_t identify(unsigned slave)
{
    issue(slave, 0xec, 0, 0);
    wait_while(BUSY);
    for (unsigned i = 0; i < 256; i++)
        identity[i] = in16(PORTS);
    say("sectors", identity[60] | (uint32_t)identity[61] << 16);
    say("sectors by 48 bits", identity[100] | (uint32_t)identity[101] << 16);
    return identity[60] | (uint32_t)identity[61] << 16;
}

static void refused(unsigned slave, const char *what, uint8_t command, uint64_t sector,
                    uint32_t count)
{
    issue(slave, command, sector, count);
    say(what, wait_while(BUSY) & ERROR);
}

static void try_disk(unsigned slave)
{
    uint32_t sectors;

    out8(PORTS + 6, 0xe0 | slave << 4);
    if (in8(PORTS + 7) == 0)
        return;
    say("disk", slave);
    sectors = identify(slave);
    port_read(slave, 0x20, 0, 8);
    say("port, 28 bits", checksum(8 * SECTOR));
    port_read(slave, 0x24, sectors - 5, 5);
    say("port, 48 bits, the end", checksum(5 * SECTOR));
    forget();
    dma(slave, 0xc8, 3, MANY, true);
    say("DMA, 28 bits", checksum(sizeof(data)));
    pattern(1 + slave);
    port_write(slave, 0x30, 100, 4);
    pattern(2 + slave);
    dma(slave, 0x35, 200, MANY, false);
    issue(slave, 0xe7, 0, 0);
    say("flushed, status", wait_while(BUSY) & ERROR);
    forget();
    dma(slave, 0x25, 98, 8, true);
    say("DMA, 48 bits, of what the port wrote", checksum(8 * SECTOR));
    forget();
    port_read(slave, 0x20, 190, 32);
    say("port, of what DMA wrote", checksum(32 * SECTOR));
    refused(slave, "beyond the end", 0x20, sectors, 1);
    refused(slave, "beyond the end, 48 bits", 0x24, sectors + 1000, 2);
    refused(slave, "wild", 0x24, 0xffffffffffffull, 0);
    refused(slave, "no such command", 0xff, 0, 0);
}

/* ---- what no driver should do ---------------------------------------------------------------- */

static void wild_regions(uint32_t address, uint32_t bytes, bool to_memory)
{
    regions[0] = address;
    regions[1] = bytes;
    run_master(0, to_memory ? 0xc8 : 0xca, 10, 16, to_memory);
}

static void hostile(void)
{
    static const uint32_t addresses[] = {0,          0xfffffffe, 0xbffffffe, 0xc0000000,
                                         0xfee00000, 0x1ffffff0, 0x80000000};

    for (unsigned i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
        wild_regions(addresses[i], 0 | REGION_LAST, false);
        wild_regions(addresses[i], 2, false);
        if (addresses[i])
            wild_regions(addresses[i], 0 | REGION_LAST, true);
    }
    out32(MASTER + 4, 0xfffffffc); /* a table that nobody has */
    issue(0, 0xc8, 0, 1);
    out8(MASTER, 9);
    wait_while(BUSY);
    out8(MASTER, 8);
    regions[0] = (uint32_t)data;
    regions[1] = SECTOR | REGION_LAST;
    run_master(0, 0xca, 0, 1, true); /* the wrong way around */
    out8(MASTER + 2, 6);
    issue(0, 0xc8, 1000, 255);
    for (unsigned command = 0; command < 256; command++)
        out8(PORTS + 7, command); /* while one waits for its master */
    out32(MASTER + 4, (uint32_t)regions);
    out8(MASTER, 9);
    out8(MASTER, 0); /* stopped in the middle */
    wait_while(BUSY);
    for (unsigned command = 0; command < 256; command++) {
        out8(PORTS + 6, 0xff);
        for (unsigned i = 1; i < 6; i++)
            out8(PORTS + i, 0xff);
        out8(PORTS + 7, command);
        for (unsigned i = 0; i < 600; i++)
            in16(PORTS);
        for (unsigned i = 0; i < 600; i++)
            out32(PORTS, 0xffffffff);
        out8(CONTROL, 4);
        out8(CONTROL, 0);
    }
    for (uint32_t bar = MASTER - 256; bar < MASTER + 256; bar += 4)
        config_out(controller + 0x20, bar);
    config_out(controller + 0x20, 0xcf8); /* over configuration itself */
    config_out(controller + 0x20, PORTS);
    config_out(controller + 4, 0);
    config_out(controller + 4, 0xffffffff);
    config_out(controller + 0x40, 0);
    config_out(controller + 0x40, 0x80008000);
    config_out(controller + 0x20, MASTER);
    regions[0] = (uint32_t)data;
    forget();
    dma(0, 0xc8, 3, MANY, true);
    say("DMA, 28 bits", checksum(sizeof(data)));
}

static bool wants_hostile(const struct multiboot_info *info)
{
    const char *text = info->flags & 4 ? (const char *)info->cmdline : "", *word = "hostile";
    const char *at = word;

    for (; *text && *at; text++)
        at = *text == *at ? at + 1 : word;
    return !*at;
}

void kernel_main(const struct multiboot_info *info)
{
    kernel_start();
    out8(CONTROL, 2); /* status is polled: no interrupts */
    find_controller();
    set_up_controller();
    for (unsigned slave = 0; slave < 2 && !wants_hostile(info); slave++)
        try_disk(slave);
    if (wants_hostile(info))
        hostile();
    put("done\n");
    power_off(0);
}
