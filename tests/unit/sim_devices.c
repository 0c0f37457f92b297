/* SPDX-License-Identifier: GPL-2.0-only */
/* The devices, each alone: one cycle of the clock is one nanosecond. */
#include "sim/dev/bus.h"
#include "sim/dev/ioapic.h"
#include "sim/dev/pic.h"
#include "sim/dev/pit.h"
#include "sim/dev/rtc.h"
#include "sim/dev/uart.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define HZ 1000000000u

static struct event_queue events;
static char refused[256];

static void refuse(void *machine, const char *sentence)
{
    (void)machine;
    snprintf(refused, sizeof(refused), "%s", sentence);
}

static struct device_world world(void)
{
    event_queue_close(&events);
    memset(&events, 0, sizeof(events));
    refused[0] = 0;
    return (struct device_world){.events = &events, .hz = HZ, .refuse = refuse};
}

static struct access at(uint64_t now, uint32_t offset)
{
    return (struct access){.now = now, .bytes = 1, .address = offset, .offset = offset};
}

/* ---- event queue ----------------------------------------------------------------------------- */

static char fired[16];

static void note_event(void *owner, uint64_t when)
{
    (void)when;
    strcat(fired, owner);
}

Test(sim_events, in_order_of_time_then_of_insertion)
{
    struct event_queue queue = {0};
    struct event a = {.fire = note_event, .owner = "a"}, b = {.fire = note_event, .owner = "b"},
                 c = {.fire = note_event, .owner = "c"}, d = {.fire = note_event, .owner = "d"};

    fired[0] = 0;
    event_schedule(&queue, &d, 30);
    event_schedule(&queue, &a, 10);
    event_schedule(&queue, &c, 20);
    event_schedule(&queue, &b, 20); /* same cycle as c, later put in */
    cr_assert_eq(event_next(&queue), 10);
    event_fire_due(&queue, 25);
    cr_assert_str_eq(fired, "acb");
    event_fire_due(&queue, 30);
    cr_assert_str_eq(fired, "acbd");
    cr_assert_eq(event_next(&queue), EVENT_NEVER);
    event_queue_close(&queue);
}

Test(sim_events, moved_and_cancelled)
{
    struct event_queue queue = {0};
    struct event e[20];

    fired[0] = 0;
    for (int i = 0; i < 20; i++) {
        e[i] = (struct event){.fire = note_event, .owner = ""};
        event_schedule(&queue, &e[i], (uint64_t)(i * 7 % 20));
    }
    for (int i = 0; i < 20; i += 2)
        event_cancel(&queue, &e[i]);
    event_schedule(&queue, &e[1], 100);
    for (uint64_t last = 0; event_next(&queue) != EVENT_NEVER;) {
        cr_assert_geq(event_next(&queue), last);
        last = event_next(&queue);
        event_fire_due(&queue, last);
        cr_assert_not(event_pending(&e[0]));
    }
    event_queue_close(&queue);
}

/* ---- 8254 ------------------------------------------------------------------------------------ */

static unsigned line_edges;
static bool line_level;

static void count_edges(void *owner, unsigned line, bool level)
{
    (void)owner;
    (void)line;
    line_edges += level && !line_level;
    line_level = level;
}

static void pit_new(struct pit *pit)
{
    *pit = (struct pit){.world = world(), .irq = {count_edges, NULL, 0}};
    line_edges = 0;
    line_level = true;
    pit_open(pit);
}

static void out(struct pit *pit, uint64_t now, uint32_t offset, uint32_t value)
{
    struct access access = at(now, offset);

    pit_write(pit, &access, value);
}

static uint32_t in(struct pit *pit, uint64_t now, uint32_t offset)
{
    struct access access = at(now, offset);

    return pit_read(pit, &access);
}

Test(sim_pit, rate_generator_keeps_its_rate)
{
    struct pit pit;
    uint64_t second = HZ;

    pit_new(&pit);
    out(&pit, 0, 3, 0x34);
    out(&pit, 0, 0, 11932 & 0xff);
    out(&pit, 0, 0, 11932 >> 8);
    line_edges = 0;
    event_fire_due(&events, second);
    cr_assert_eq(line_edges, PIT_HZ / 11932); /* 99 whole periods: no drift */
    event_fire_due(&events, 100 * second);
    cr_assert_eq(line_edges, UINT64_C(100) * PIT_HZ / 11932);
}

Test(sim_pit, one_shot_counts_down_and_latches)
{
    struct pit pit;
    uint64_t tick_100 = UINT64_C(100) * HZ / PIT_HZ + 1;
    uint32_t low, high;

    pit_new(&pit);
    out(&pit, 0, 3, 0x30);
    out(&pit, 0, 0, 0xe8);
    out(&pit, 0, 0, 0x03); /* 1000 */
    out(&pit, tick_100, 3, 0x00);
    low = in(&pit, 2 * tick_100, 0); /* the latch holds */
    high = in(&pit, 2 * tick_100, 0);
    cr_assert_eq(high << 8 | low, 900);
    cr_assert_eq(line_edges, 0);
    event_fire_due(&events, 10 * tick_100 + 1000);
    cr_assert_eq(line_edges, 1);
    event_fire_due(&events, HZ);
    cr_assert_eq(line_edges, 1);
}

Test(sim_pit, channel_2_is_gated_and_seen_in_port_61)
{
    struct pit pit;
    struct access access = at(0, 0);
    uint64_t ms_10 = HZ / 100;

    pit_new(&pit);
    pit_port61_write(&pit, &access, 0);
    out(&pit, 0, 3, 0xb0);
    out(&pit, 0, 2, 11932 & 0xff);
    out(&pit, 0, 2, 11932 >> 8);
    access.now = ms_10 * 5; /* closed gate: nothing counts */
    cr_assert_eq(pit_port61_read(&pit, &access) & 0x20, 0);
    pit_port61_write(&pit, &access, 1);
    access.now = ms_10 * 6 - 1000;
    cr_assert_eq(pit_port61_read(&pit, &access) & 0x20, 0);
    access.now = ms_10 * 6 + 1000;
    cr_assert_eq(pit_port61_read(&pit, &access) & 0x20, 0x20);
}

Test(sim_pit, refuses_what_it_has_not)
{
    static const uint32_t words[] = {0x32, 0x38, 0x3a, 0x31, 0x74};

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        struct pit pit;

        pit_new(&pit);
        out(&pit, 0, 3, words[i]);
        cr_expect_neq(refused[0], 0, "control word 0x%x", words[i]);
    }
}

/* ---- 8259 ------------------------------------------------------------------------------------ */

static void nothing(void *owner)
{
    (void)owner;
}

static void pic_out(struct pic_pair *pair, uint32_t port, uint32_t value)
{
    struct access access = at(0, port);

    pic_write(pair, &access, value);
}

static void pic_new(struct pic_pair *pair)
{
    *pair = (struct pic_pair){.world = world(), .changed = nothing};
    pic_open(pair);
    pic_out(pair, 0x20, 0x11);
    pic_out(pair, 0x21, 0x20);
    pic_out(pair, 0x21, 0x04);
    pic_out(pair, 0x21, 0x01);
    pic_out(pair, 0xa0, 0x11);
    pic_out(pair, 0xa1, 0x28);
    pic_out(pair, 0xa1, 0x02);
    pic_out(pair, 0xa1, 0x01);
    pic_out(pair, 0x21, 0x00);
    pic_out(pair, 0xa1, 0x00);
}

Test(sim_pic, priority_and_end_of_interrupt)
{
    struct pic_pair pair;

    pic_new(&pair);
    pic_line(&pair, 4, true);
    cr_assert_eq(pic_acknowledge(&pair), 0x24);
    pic_line(&pair, 6, true);
    cr_assert_not(pic_wants(&pair), "less important than what is in service");
    pic_line(&pair, 1, true);
    cr_assert_eq(pic_acknowledge(&pair), 0x21, "more important");
    pic_out(&pair, 0x20, 0x20); /* ends line 1 */
    cr_assert_not(pic_wants(&pair));
    pic_out(&pair, 0x20, 0x64); /* ends line 4 by name */
    cr_assert_eq(pic_acknowledge(&pair), 0x26);
}

Test(sim_pic, slave_comes_through_line_2)
{
    struct pic_pair pair;

    pic_new(&pair);
    pic_line(&pair, 3, true);
    pic_line(&pair, 12, true);
    cr_assert_eq(pic_acknowledge(&pair), 0x2c, "lines 8-15 rank between 1 and 3");
    cr_assert_not(pic_wants(&pair));
    pic_out(&pair, 0xa0, 0x20);
    pic_out(&pair, 0x20, 0x20);
    cr_assert_eq(pic_acknowledge(&pair), 0x23);
}

Test(sim_pic, edges_masks_and_spurious)
{
    struct pic_pair pair;

    pic_new(&pair);
    pic_line(&pair, 5, true);
    cr_assert_eq(pic_acknowledge(&pair), 0x25);
    pic_out(&pair, 0x20, 0x20);
    pic_line(&pair, 5, true);
    cr_assert_not(pic_wants(&pair), "a level that stays is no new edge");
    pic_out(&pair, 0x21, 0x20);
    pic_line(&pair, 5, false);
    pic_line(&pair, 5, true);
    cr_assert_not(pic_wants(&pair), "masked");
    pic_out(&pair, 0x21, 0x00);
    cr_assert(pic_wants(&pair), "remembered");
    pic_line(&pair, 5, false);
    cr_assert_eq(pic_acknowledge(&pair), 0x27, "gone before it was acknowledged");
    pic_line(&pair, 6, true);
    cr_assert_eq(pic_acknowledge(&pair), 0x26, "a spurious one is not in service");
}

/* ---- APICs ----------------------------------------------------------------------------------- */

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

/* ---- UART, RTC, bus -------------------------------------------------------------------------- */

static char sent[32];

static void note_sent(void *owner, uint8_t byte)
{
    (void)owner;
    sent[strlen(sent)] = (char)byte;
}

static void uart_out(struct uart *uart, uint32_t offset, uint32_t value)
{
    struct access access = at(0, offset);

    uart_write(uart, &access, value);
}

static uint32_t uart_in(struct uart *uart, uint32_t offset)
{
    struct access access = at(0, offset);

    return uart_read(uart, &access);
}

Test(sim_uart, sends_receives_and_interrupts)
{
    struct uart uart = {.irq = {count_edges, NULL, 4}, .sent = note_sent};

    memset(sent, 0, sizeof(sent));
    line_edges = 0;
    line_level = false;
    uart_open(&uart);
    uart_out(&uart, 3, 0x83); /* divisor latch */
    uart_out(&uart, 0, 1);
    uart_out(&uart, 1, 0);
    uart_out(&uart, 3, 0x03);
    uart_out(&uart, 0, 'h');
    uart_out(&uart, 0, 'i');
    cr_assert_str_eq(sent, "hi");
    cr_assert_eq(uart_in(&uart, 5) & 0x60, 0x60);
    uart_out(&uart, 2, 0x01); /* FIFOs */
    uart_out(&uart, 4, 0x08); /* OUT2: the line is wired */
    uart_out(&uart, 1, 0x01);
    cr_assert_eq(line_edges, 0);
    for (int i = 0; i < UART_FIFO + 1; i++)
        uart_receive(&uart, (uint8_t)('a' + i));
    cr_assert_eq(line_edges, 1);
    cr_assert_eq(uart_in(&uart, 2) & 0x0f, 0x04);
    cr_assert_eq(uart_in(&uart, 5) & 0x03, 0x03, "ready, and one was lost");
    for (int i = 0; i < UART_FIFO; i++)
        cr_assert_eq(uart_in(&uart, 0), (uint32_t)('a' + i));
    cr_assert_eq(uart_in(&uart, 5) & 0x03, 0);
    cr_assert_not(line_level);
    uart_out(&uart, 1, 0x02); /* an empty holding register is announced once */
    cr_assert(line_level);
    cr_assert_eq(uart_in(&uart, 2) & 0x0f, 0x02);
    cr_assert_not(line_level);
}

static uint32_t rtc_at(struct rtc *rtc, uint64_t now, uint32_t index)
{
    struct access access = at(now, 0);

    rtc_write(rtc, &access, index);
    access.offset = 1;
    return rtc_read(rtc, &access);
}

Test(sim_rtc, tells_the_date_in_bcd)
{
    static const struct {
        uint32_t index, value;
    } rows[] = {{0, 0x05},  {2, 0x01},    {4, 0x00},   {7, 0x19},  {8, 0x10},
                {9, 0x03},  {0x32, 0x20}, {6, 0x01},   {10, 0x26}, {11, 0x02},
                {13, 0x80}, {0x34, 0x00}, {0x35, 0x7f}};
    struct rtc rtc = {.world = world(), .start = RTC_DEFAULT_START, .ram_bytes = 1u << 31};

    rtc_open(&rtc);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        cr_expect_eq(rtc_at(&rtc, UINT64_C(65) * HZ, rows[i].index), rows[i].value, "index 0x%x",
                     rows[i].index);
}

Test(sim_bus, nobody_answers_with_all_ones)
{
    static struct bus bus;
    struct access access = {.bytes = 2, .address = 0x1f0};

    cr_assert_eq(bus_port_read(&bus, &access), 0xffff);
    bus_port_write(&bus, &access, 0);
    access = (struct access){.bytes = 4, .address = 0xfed00000};
    cr_assert_eq(bus_memory_read(&bus, &access), 0xffffffff);
    cr_assert_eq(bus.unclaimed_count, 3); /* ports 0x1f0, 0x1f1, and the address */
    cr_assert_eq(bus.unclaimed[0].reads, 1);
    cr_assert_eq(bus.unclaimed[0].writes, 1);
}
