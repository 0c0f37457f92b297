/* SPDX-License-Identifier: GPL-2.0-only */
/* The devices, each alone: one cycle of the clock is one nanosecond. */
#include "sim/dev/pic.h"
#include "sim/dev/pit.h"
#include "sim/dev/rtc.h"
#include "sim/dev/uart.h"
#include "tests/unit/sim_device_world.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

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
