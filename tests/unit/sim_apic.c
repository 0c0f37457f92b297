/* SPDX-License-Identifier: GPL-2.0-only */
/* The local APICs and the I/O APIC, without processors. */
#include "sim/dev/ioapic.h"
#include "tests/unit/sim_device_world.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static char messages[64];

static void no_change(void *machine, unsigned cpu)
{
    (void)machine;
    (void)cpu;
}

static void note_init(void *machine, unsigned cpu)
{
    (void)machine;
    snprintf(messages + strlen(messages), 16, "init %u ", cpu);
}

static void note_startup(void *machine, unsigned cpu, uint8_t vector)
{
    (void)machine;
    snprintf(messages + strlen(messages), 24, "start %u at %02x ", cpu, vector);
}

static struct ioapic ioapic;

static void note_end(void *machine, uint8_t vector)
{
    (void)machine;
    ioapic_end(&ioapic, vector);
}

static void lapics_new(struct lapic_system *system)
{
    *system = (struct lapic_system){.world = world(),
                                    .count = 2,
                                    .changed = no_change,
                                    .init = note_init,
                                    .startup = note_startup,
                                    .end_of_interrupt = note_end};
    messages[0] = 0;
    lapic_open(system);
    ioapic = (struct ioapic){.world = system->world, .lapics = system};
    ioapic_open(&ioapic);
}

static void apic_out(struct lapic_system *system, unsigned cpu, uint64_t now, uint32_t offset,
                     uint32_t value)
{
    struct access access = {.now = now, .cpu = cpu, .bytes = 4, .offset = offset};

    lapic_write(system, &access, value);
}

static uint32_t apic_in(struct lapic_system *system, unsigned cpu, uint64_t now, uint32_t offset)
{
    struct access access = {.now = now, .cpu = cpu, .bytes = 4, .offset = offset};

    return lapic_read(system, &access);
}

Test(sim_lapic, timer_counts_bus_cycles_by_the_divisor)
{
    /* divide register, divisor: SDM's "Divide Configuration Register" */
    static const struct {
        uint32_t code, divisor;
    } rows[] = {{0, 2}, {1, 4}, {2, 8}, {3, 16}, {8, 32}, {9, 64}, {10, 128}, {11, 1}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct lapic_system system;
        uint64_t length;

        lapics_new(&system);
        apic_out(&system, 0, 0, 0x320, 0x40);
        apic_out(&system, 0, 0, 0x3e0, rows[i].code);
        apic_out(&system, 0, 0, 0x380, 1000);
        length = UINT64_C(1000) * rows[i].divisor * (HZ / LAPIC_BUS_HZ);
        cr_assert_eq(apic_in(&system, 0, length / 2, 0x390), 500, "divisor %u", rows[i].divisor);
        event_fire_due(&events, length - 1);
        cr_assert_not(lapic_wants(&system.lapic[0]));
        event_fire_due(&events, length);
        cr_assert_eq(lapic_acknowledge(&system.lapic[0]), 0x40);
        cr_assert_eq(apic_in(&system, 0, length * 3, 0x390), 0);
        cr_assert_eq(event_next(&events), EVENT_NEVER, "one shot");
    }
}

Test(sim_lapic, periodic_timer_has_no_drift)
{
    struct lapic_system system;
    unsigned count = 0;

    lapics_new(&system);
    system.world.hz = HZ + 7; /* the period is no whole number of cycles */
    apic_out(&system, 0, 0, 0x320, 0x20040);
    apic_out(&system, 0, 0, 0x3e0, 11);
    apic_out(&system, 0, 0, 0x380, 100001);
    while (event_next(&events) <= system.world.hz * 10) {
        event_fire_due(&events, event_next(&events));
        cr_assert_eq(lapic_acknowledge(&system.lapic[0]), 0x40);
        apic_out(&system, 0, 0, 0xb0, 0);
        count++;
    }
    cr_assert_eq(count, UINT64_C(10) * LAPIC_BUS_HZ / 100001);
}

Test(sim_lapic, priorities)
{
    struct lapic_system system;
    struct lapic *lapic = &system.lapic[0];

    lapics_new(&system);
    lapic_deliver(&system, &(struct lapic_message){.destination = 0, .vector = 0x51});
    cr_assert_eq(lapic_acknowledge(lapic), 0x51);
    lapic_deliver(&system, &(struct lapic_message){.destination = 0, .vector = 0x5f});
    cr_assert_not(lapic_wants(lapic), "same class as what is in service");
    lapic_deliver(&system, &(struct lapic_message){.destination = 0, .vector = 0x61});
    cr_assert_eq(lapic_acknowledge(lapic), 0x61);
    cr_assert_eq(apic_in(&system, 0, 0, 0xa0), 0x60);
    apic_out(&system, 0, 0, 0xb0, 0);
    apic_out(&system, 0, 0, 0xb0, 0);
    apic_out(&system, 0, 0, 0x80, 0x50);
    cr_assert_not(lapic_wants(lapic), "held off by the task priority");
    apic_out(&system, 0, 0, 0x80, 0x4f);
    cr_assert_eq(lapic_acknowledge(lapic), 0x5f);
}

Test(sim_lapic, messages_between_processors_are_events)
{
    struct lapic_system system;

    lapics_new(&system);
    apic_out(&system, 1, 0, 0xf0, 0x1ff);
    apic_out(&system, 0, 500, 0x310, 1u << 24);
    apic_out(&system, 0, 500, 0x300, 0x4500); /* INIT */
    cr_assert_eq(apic_in(&system, 0, 500, 0x300) & 0x1000, 0x1000, "under way");
    cr_assert_str_eq(messages, "");
    cr_assert_eq(event_next(&events), 500);
    event_fire_due(&events, 500);
    cr_assert_str_eq(messages, "init 1 ");
    cr_assert_eq(apic_in(&system, 0, 500, 0x300) & 0x1000, 0);
    apic_out(&system, 0, 600, 0x300, 0x4609); /* start-up */
    event_fire_due(&events, 600);
    cr_assert_str_eq(messages, "init 1 start 1 at 09 ");
    apic_out(&system, 1, 700, 0xf0, 0x1ff);
    apic_out(&system, 0, 800, 0x300, 0xc00f0 | 0x4000); /* all but itself, vector 0xf0 */
    apic_out(&system, 0, 801, 0x300, 0xc00e0 | 0x4000); /* the first is not lost */
    event_fire_due(&events, 801);
    cr_assert_eq(lapic_acknowledge(&system.lapic[1]), 0xf0);
    cr_assert_not(lapic_wants(&system.lapic[0]));
    apic_out(&system, 1, 900, 0xb0, 0);
    cr_assert_eq(lapic_acknowledge(&system.lapic[1]), 0xe0);
    apic_out(&system, 0, 950, 0x300, 0x40000 | 0x4031); /* itself: at once */
    cr_assert(lapic_wants(&system.lapic[0]));
}

Test(sim_lapic, refuses_what_it_has_not)
{
    struct lapic_system system;

    lapics_new(&system);
    apic_out(&system, 0, 0, 0x310, 1u << 24);
    apic_out(&system, 0, 0, 0x300, 0x4400); /* NMI */
    event_fire_due(&events, 0);
    cr_assert_neq(refused[0], 0);
}

static void redirect(unsigned pin, uint32_t low, uint32_t high)
{
    struct access select = {.bytes = 4, .offset = 0x00}, window = {.bytes = 4, .offset = 0x10};

    ioapic_write(&ioapic, &select, 0x11 + 2 * pin);
    ioapic_write(&ioapic, &window, high);
    ioapic_write(&ioapic, &select, 0x10 + 2 * pin);
    ioapic_write(&ioapic, &window, low);
}

Test(sim_ioapic, routes_edges_by_pin)
{
    struct lapic_system system;

    lapics_new(&system);
    apic_out(&system, 1, 0, 0xf0, 0x1ff);
    ioapic_line(&ioapic, 4, true);
    ioapic_line(&ioapic, 4, false);
    redirect(4, 0x44, 1u << 24);
    redirect(2, 0x30, 0);
    cr_assert_not(lapic_wants(&system.lapic[1]), "an edge while masked is lost");
    ioapic_line(&ioapic, 4, true);
    cr_assert_eq(lapic_acknowledge(&system.lapic[1]), 0x44);
    ioapic_line(&ioapic, 0, true); /* the timer's line goes to pin 2 */
    cr_assert_eq(lapic_acknowledge(&system.lapic[0]), 0x30);
}

static bool is_outer;

static bool outer_ring(void *machine)
{
    (void)machine;
    return is_outer;
}

/* All modes but fixed, lowest priority, INIT and startup. */
Test(sim_ioapic, modes_that_are_absent)
{
    static const uint32_t absent[] = {2, 3, 4, 7};

    for (unsigned i = 0; i < 2 * sizeof(absent) / sizeof(absent[0]); i++) {
        struct lapic_system system;
        uint32_t mode = absent[i / 2] << 8;

        lapics_new(&system);
        system.world.outer_ring = ioapic.world.outer_ring = outer_ring;
        is_outer = i % 2;
        redirect(4, 0x44 | mode, 0);
        apic_out(&system, 0, 0, 0x310, 1u << 24);
        apic_out(&system, 0, 0, 0x300, 0x4031 | mode);
        cr_assert_eq(refused[0], 0, "mode %x is refused before anything is sent", mode);
        ioapic_line(&ioapic, 4, true);
        cr_assert_eq(refused[0] != 0, !is_outer, "mode %x, line", mode);
        refused[0] = 0;
        is_outer = false; /* when the message arrives, nobody asks */
        event_fire_due(&events, HZ);
        cr_assert_eq(refused[0] != 0, i % 2 == 0, "mode %x, message", mode);
        cr_assert_not(lapic_wants(&system.lapic[0]));
    }
}

Test(sim_ioapic, level_stays_until_its_end)
{
    struct lapic_system system;

    lapics_new(&system);
    redirect(9, 0x8039, 0);
    ioapic_line(&ioapic, 9, true);
    cr_assert_eq(lapic_acknowledge(&system.lapic[0]), 0x39);
    apic_out(&system, 0, 0, 0xb0, 0);
    cr_assert_eq(lapic_acknowledge(&system.lapic[0]), 0x39, "still asserted: again");
    ioapic_line(&ioapic, 9, false);
    apic_out(&system, 0, 0, 0xb0, 0);
    cr_assert_not(lapic_wants(&system.lapic[0]));
}
