/* SPDX-License-Identifier: GPL-2.0-only */
/* The bus: who may claim what, how accesses are split, masters, and lines that devices share. */
#include "sim/dev/ioapic.h"
#include "sim/dev/irq.h"
#include "sim/machine/machine.h"
#include "tests/unit/sim_fake_cpu.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static char journal[1024];

/* A device answers with its letter in every byte and notes how it was asked. */
static uint32_t note_read(void *device, const struct access *access)
{
    size_t used = strlen(journal);

    snprintf(journal + used, sizeof(journal) - used, "%s r%u@%x ", (const char *)device,
             access->bytes, access->offset);
    return 0x01010101u * *(const uint8_t *)device;
}

static void note_write(void *device, const struct access *access, uint32_t value)
{
    size_t used = strlen(journal);

    snprintf(journal + used, sizeof(journal) - used, "%s w%u@%x=%x ", (const char *)device,
             access->bytes, access->offset, value);
}

static struct bus_range range(char *device, uint32_t first, uint32_t last, unsigned widths)
{
    return (struct bus_range){device, first, last, widths, note_read, note_write, device};
}

static struct bus bus_new(void)
{
    journal[0] = 0;
    return (struct bus){.memory_first = 0xc0000000};
}

static bool claim(struct bus *bus, enum bus_space space, char *device, uint32_t first,
                  uint32_t last)
{
    struct bus_range wanted = range(device, first, last, BUS_ANY_WIDTH);

    return bus_claim(bus, space, &wanted);
}

static uint32_t ask(struct bus *bus, enum bus_space space, uint32_t address, unsigned bytes)
{
    struct access access = {.address = address, .bytes = bytes};

    return space == BUS_PORT ? bus_port_read(bus, &access) : bus_memory_read(bus, &access);
}

/* ---- claims ---------------------------------------------------------------------------------- */

Test(sim_bus, refuses_overlaps_and_nonsense)
{
    static const struct {
        const char *what;
        enum bus_space space;
        uint32_t first, last;
        bool granted;
    } rows[] = {
        {"the same", BUS_PORT, 0x100, 0x10f, false},
        {"its first port", BUS_PORT, 0xf0, 0x100, false},
        {"its last port", BUS_PORT, 0x10f, 0x200, false},
        {"within it", BUS_PORT, 0x104, 0x104, false},
        {"around it", BUS_PORT, 0, 0xffff, false},
        {"below it", BUS_PORT, 0xf0, 0xff, true},
        {"above it", BUS_PORT, 0x110, 0x11f, true},
        {"between two, too long", BUS_PORT, 0x120, 0x200, false},
        {"between two", BUS_PORT, 0x120, 0x1ff, true},
        {"the last port", BUS_PORT, 0xffff, 0xffff, true},
        {"beyond the last port", BUS_PORT, 0xfff0, 0x10000, false},
        {"ends before it begins", BUS_PORT, 0x301, 0x300, false},
        {"RAM", BUS_MEMORY, 0xbffff000, 0xbfffffff, false},
        {"RAM's end and more", BUS_MEMORY, 0xbfffffff, 0xc0000000, false},
        {"the first address above RAM", BUS_MEMORY, 0xc0000000, 0xc0000000, true},
        {"what a port has, as memory", BUS_MEMORY, 0x100, 0x10f, false},
        {"the last address", BUS_MEMORY, 0xfffff000, 0xffffffff, true},
        {"wraps", BUS_MEMORY, 0xfffff000, 0x1000, false},
        {"all memory", BUS_MEMORY, 0xc0000000, 0xffffffff, false},
    };
    struct bus bus = bus_new();
    struct bus_range strange[] = {range("x", 0x400, 0x400, 0), range("x", 0x400, 0x400, 8),
                                  range("x", 0x400, 0x400, 7), range("x", 0x400, 0x400, 7)};

    cr_assert(claim(&bus, BUS_PORT, "a", 0x100, 0x10f));
    cr_assert(claim(&bus, BUS_PORT, "b", 0x200, 0x20f));
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        unsigned before = bus.space[rows[i].space].count;

        cr_expect_eq(claim(&bus, rows[i].space, "c", rows[i].first, rows[i].last), rows[i].granted,
                     "%s", rows[i].what);
        cr_expect_eq(bus.space[rows[i].space].count, before + rows[i].granted, "%s", rows[i].what);
    }
    strange[2].read = NULL;
    strange[3].write = NULL;
    for (size_t i = 0; i < sizeof(strange) / sizeof(*strange); i++)
        cr_expect_not(bus_claim(&bus, BUS_PORT, &strange[i]), "strange range %zu", i);
    cr_expect_eq(ask(&bus, BUS_PORT, 0x10f, 1), 'a');
    cr_expect_eq(ask(&bus, BUS_PORT, 0x110, 1), 'c');
    bus_close(&bus);
}

Test(sim_bus, what_is_given_back_can_be_claimed_again)
{
    struct bus bus = bus_new();
    char *one = "a", *other = "b";

    cr_assert(claim(&bus, BUS_MEMORY, one, 0xe0000000, 0xe000ffff));
    cr_assert_not(bus_release(&bus, BUS_MEMORY, 0xe0000000, other), "not its own");
    cr_assert_not(bus_release(&bus, BUS_MEMORY, 0xe0000004, one), "not where it begins");
    cr_assert_not(bus_release(&bus, BUS_PORT, 0xe0000000, one), "not that space");
    cr_assert_eq(ask(&bus, BUS_MEMORY, 0xe0000000, 4), 0x61616161);
    cr_assert(bus_release(&bus, BUS_MEMORY, 0xe0000000, one));
    cr_assert_not(bus_release(&bus, BUS_MEMORY, 0xe0000000, one), "twice");
    cr_assert_eq(ask(&bus, BUS_MEMORY, 0xe0000000, 4), 0xffffffff);
    cr_assert(claim(&bus, BUS_MEMORY, other, 0xe0008000, 0xe0017fff));
    cr_assert(claim(&bus, BUS_MEMORY, one, 0xe0000000, 0xe0007fff));
    cr_assert_eq(ask(&bus, BUS_MEMORY, 0xe0008000, 1), 'b');
    cr_assert_eq(ask(&bus, BUS_MEMORY, 0xe0007fff, 1), 'a');
    bus_close(&bus);
}

Test(sim_bus, any_number_of_ranges)
{
    static char letters[1000][2];
    struct bus bus = bus_new();

    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t at = i * 617 % 1000;

        letters[i][0] = (char)('A' + i % 26);
        cr_assert(claim(&bus, BUS_PORT, letters[i], at * 16, at * 16 + 7));
    }
    for (uint32_t i = 0; i < 1000; i++) {
        cr_assert_eq(ask(&bus, BUS_PORT, i * 617 % 1000 * 16 + 7, 1), (uint32_t)('A' + i % 26));
        cr_assert_eq(ask(&bus, BUS_PORT, i * 617 % 1000 * 16 + 8, 1), 0xff);
    }
    bus_close(&bus);
}

/* ---- accesses -------------------------------------------------------------------------------- */

Test(sim_bus, accesses_reach_devices_as_wide_as_they_take_them)
{
    static const struct {
        uint32_t address;
        unsigned bytes;
        const char *asked;
        uint32_t answer;
    } rows[] = {
        {0x10, 1, "b r1@0 ", 0x62},
        {0x10, 2, "b r1@0 b r1@1 ", 0x6262},
        {0x10, 4, "b r1@0 b r1@1 b r1@2 b r1@3 ", 0x62626262},
        {0x13, 4, "b r1@3 ", 0xffffff62},
        {0x20, 4, "w r2@0 w r2@2 ", 0x77777777},
        {0x20, 1, "", 0xff},
        {0x21, 2, "", 0xffff}, /* not aligned: two bytes, which it does not take */
        {0x22, 4, "w r2@2 ", 0xffff7777},
        {0x30, 4, "d r4@0 ", 0x64646464},
        {0x30, 2, "", 0xffff},
        {0x31, 4, "", 0xffffffff},
        {0x40, 4, "a r4@0 ", 0x61616161},
        {0x41, 4, "a r1@1 a r1@2 a r1@3 a r1@4 ", 0x61616161},
        {0x41, 2, "a r1@1 a r1@2 ", 0x6161},
        {0x1f, 2, "", 0xffff},            /* the second byte is the word device's */
        {0xffff, 4, "z r1@0 b r1@0 ", 0}, /* ports wrap; see below */
    };
    struct bus bus = bus_new();
    struct bus_range ranges[] = {
        range("b", 0x10, 0x13, BUS_BYTES),     range("w", 0x20, 0x23, BUS_WORDS),
        range("d", 0x30, 0x33, BUS_DWORDS),    range("a", 0x40, 0x47, BUS_ANY_WIDTH),
        range("z", 0xffff, 0xffff, BUS_BYTES), range("b", 0, 0, BUS_BYTES)};

    for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
        cr_assert(bus_claim(&bus, BUS_PORT, &ranges[i]));
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        uint32_t answer = rows[i].answer ? rows[i].answer : 0xffff627a;

        journal[0] = 0;
        cr_expect_eq(ask(&bus, BUS_PORT, rows[i].address, rows[i].bytes), answer, "row %zu", i);
        cr_expect_str_eq(journal, rows[i].asked, "row %zu", i);
    }
    journal[0] = 0;
    bus_port_write(&bus, &(struct access){.address = 0x10, .bytes = 4}, 0x44332211);
    bus_port_write(&bus, &(struct access){.address = 0x20, .bytes = 4}, 0x44332211);
    bus_port_write(&bus, &(struct access){.address = 0x30, .bytes = 4}, 0x44332211);
    bus_port_write(&bus, &(struct access){.address = 0x30, .bytes = 1}, 0xee);
    cr_expect_str_eq(journal, "b w1@0=11 b w1@1=22 b w1@2=33 b w1@3=44 w w2@0=2211 w w2@2=4433 "
                              "d w4@0=44332211 ");
    bus_close(&bus);
}

Test(sim_bus, memory_that_leaves_a_range_is_split)
{
    struct bus bus = bus_new();

    cr_assert(claim(&bus, BUS_MEMORY, "a", 0xd0000000, 0xd0000fff));
    cr_assert(claim(&bus, BUS_MEMORY, "b", 0xd0001000, 0xd0001fff));
    cr_expect_eq(ask(&bus, BUS_MEMORY, 0xd0000ffe, 4), 0x62626161);
    cr_expect_eq(ask(&bus, BUS_MEMORY, 0xd0001ffd, 4), 0xff626262);
    cr_expect_eq(ask(&bus, BUS_MEMORY, 0xfffffffe, 2), 0xffff);
    cr_expect_eq(ask(&bus, BUS_MEMORY, 0xd0000002, 4), 0x61616161, "as a whole, aligned or not");
    cr_expect_str_eq(journal, "a r2@ffe b r2@0 b r2@ffd b r1@fff a r4@2 ");
    bus_close(&bus);
}

static struct bus leaving;

static uint32_t leave_and_answer(void *device, const struct access *access)
{
    (void)access;
    cr_assert(bus_release(&leaving, BUS_PORT, 0x100, device));
    for (uint32_t i = 0; i < 50; i++) /* moves the array that the range was in */
        cr_assert(claim(&leaving, BUS_PORT, "n", 0x200 + i, 0x200 + i));
    return 0x5a;
}

Test(sim_bus, a_device_may_move_while_it_answers)
{
    struct bus_range range = {"m", 0x100, 0x100, BUS_BYTES, leave_and_answer, note_write, "m"};

    leaving = bus_new();
    cr_assert(bus_claim(&leaving, BUS_PORT, &range));
    cr_expect_eq(ask(&leaving, BUS_PORT, 0x100, 1), 0x5a);
    cr_expect_eq(ask(&leaving, BUS_PORT, 0x100, 1), 0xff);
    cr_expect_eq(leaving.unclaimed[0].address, 0x100);
    bus_close(&leaving);
}

/* ---- masters --------------------------------------------------------------------------------- */

static struct machine_costs costs = {.clock_hz = 1000000000, .name = "test"};

static struct machine *machine_new(void)
{
    struct machine_config config = {.processors = 1,
                                    .ram_bytes = 16u << 20,
                                    .costs = &costs,
                                    .quantum = 1000,
                                    .console_in = -1};
    char why[256];
    struct machine *machine = machine_open(&config, why, sizeof(why));

    cr_assert(machine, "%s", why);
    return machine;
}

Test(sim_bus, masters_reach_ram_and_nothing_else)
{
    static const struct {
        uint32_t physical, bytes;
        bool done;
    } rows[] = {
        {0, 16, true},           {0xfffff0, 16, true},    {0xfffff1, 16, false},
        {0x1000000, 1, false},   {0x1000000, 0, true},    {0xfee00000, 4, false},
        {0xfffffff0, 16, false}, {0xffffffff, 16, false}, {0x1234, 0, true},
        {1u << 24, 16, false},   {0xc0000000, 16, false},
    };
    struct machine *machine = machine_new();
    const struct device_world *world = &machine->pit.world;
    uint8_t data[16];
    unsigned refused = 0;

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        memset(data, (int)i + 1, sizeof(data));
        cr_expect_eq(world->memory_write(world->machine, rows[i].physical, data, rows[i].bytes),
                     rows[i].done, "write %zu", i);
        memset(data, 0, sizeof(data));
        cr_expect_eq(world->memory_read(world->machine, rows[i].physical, data, rows[i].bytes),
                     rows[i].done, "read %zu", i);
        for (uint32_t k = 0; k < sizeof(data); k++)
            cr_expect_eq(data[k], rows[i].done && k < rows[i].bytes ? i + 1 : 0, "row %zu", i);
        refused += 2 * !rows[i].done;
    }
    cr_expect_eq(machine->dma.refused, refused);
    cr_expect_eq(machine->dma.bytes_read, 32);
    cr_expect_eq(machine->dma.bytes_written, 32);
    cr_expect_eq(machine->dma.lines.moved, 4);
    machine_close(machine);
}

/* ---- shared lines ---------------------------------------------------------------------------- */

static void no_change(void *machine, unsigned cpu)
{
    (void)machine;
    (void)cpu;
}

static struct ioapic ioapic;

static void end_of_service(void *machine, uint8_t vector)
{
    (void)machine;
    ioapic_end(&ioapic, vector);
}

static void pull(void *owner, unsigned line, bool level)
{
    (void)owner;
    ioapic_line(&ioapic, line, level);
}

static void set_entry(unsigned pin, uint32_t low)
{
    ioapic_write(&ioapic, &(struct access){.bytes = 4, .offset = 0}, 0x10 + 2 * pin);
    ioapic_write(&ioapic, &(struct access){.bytes = 4, .offset = 0x10}, low);
}

Test(sim_bus, shared_line_comes_again_until_all_let_go)
{
    static struct event_queue events;
    struct lapic_system lapics = {.world = {.events = &events, .hz = 1000000000},
                                  .count = 1,
                                  .changed = no_change,
                                  .end_of_interrupt = end_of_service};
    struct irq_shared irq = {.line = {pull, NULL, 18}};
    struct access eoi = {.bytes = 4, .offset = 0xb0};

    lapic_open(&lapics);
    lapic_write(&lapics, &(struct access){.bytes = 4, .offset = 0xf0}, 0x1ff);
    ioapic = (struct ioapic){.world = lapics.world, .lapics = &lapics};
    ioapic_open(&ioapic);
    set_entry(18, 0x8051); /* level, vector 0x51, unmasked */
    cr_expect_not(lapic_wants(&lapics.lapic[0]));
    irq_shared_set(&irq, 0, true);
    irq_shared_set(&irq, 3, true);
    cr_expect_eq(lapic_acknowledge(&lapics.lapic[0]), 0x51);
    cr_expect_not(lapic_wants(&lapics.lapic[0]), "once until its service ends");
    irq_shared_set(&irq, 0, false);
    lapic_write(&lapics, &eoi, 0);
    cr_expect_eq(lapic_acknowledge(&lapics.lapic[0]), 0x51, "source 3 still holds it");
    irq_shared_set(&irq, 3, false);
    irq_shared_set(&irq, 3, false);
    lapic_write(&lapics, &eoi, 0);
    cr_expect_not(lapic_wants(&lapics.lapic[0]));
    irq_shared_set(&irq, 31, true);
    cr_expect_eq(lapic_acknowledge(&lapics.lapic[0]), 0x51);
    set_entry(18, 0x18051); /* masked while in service and held */
    lapic_write(&lapics, &eoi, 0);
    cr_expect_not(lapic_wants(&lapics.lapic[0]));
    set_entry(18, 0x8051);
    cr_expect_eq(lapic_acknowledge(&lapics.lapic[0]), 0x51, "unmasked while held");
    ioapic_line(&ioapic, 24, true); /* there is no such line */
    ioapic_line(&ioapic, 0xffffffff, true);
    event_queue_close(&events);
}
