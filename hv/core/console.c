/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * console.c - the serial line COM1, 115200 8N1; beside it the PC's screen and keyboard, where there
 * are some
 *
 * Output waits for the line. Input comes by interrupt into a ring, from which Domain 0 reads. If
 * the ring is full, characters wait in the device, and a reader fetches them: its line stays
 * up until it is empty, and an edge does not come again before.
 */
#include "hv/dev/ioapic.h"
#include "hv/dev/pc.h"
#include "hv/include/console.h"
#include "hv/include/event.h"
#include "hv/include/lib.h"
#include "hv/include/time.h"
#include "hv/include/arch/spinlock.h"
#include "hv/include/arch/x86.h"
#include "include/pc/port.h"

#define COM1               0x3f8
#define UART_DATA          0
#define UART_INTERRUPTS    1
#define UART_FIFO          2
#define UART_LINE_CONTROL  3
#define UART_MODEM_CONTROL 4
#define UART_LINE_STATUS   5
#define ON_RECEIVED        0x01 /* UART_INTERRUPTS */
#define MODEM_LINES        0x03 /* DTR, RTS */
#define MODEM_OUT2         0x08 /* on a PC: lets the interrupt through */
#define STATUS_RECEIVED    0x01
#define STATUS_EMPTY       0x20

#define ISA_LINE    4 /* COM1's */
#define POLL_PERIOD MILLISECONDS(20)

static struct spinlock console_lock;
static bool quiet; /* our own text is kept, and not shown */

/* The last characters written, kept for later questions (sysctl readconsole). */
#define RING_BYTES 16384u
static char ring[RING_BYTES];
static uint32_t ring_end, ring_begin; /* characters ever written; up to the last "clear" */

/* What was typed and nobody has read. */
#define INPUT_BYTES 128u
static char input[INPUT_BYTES];
static uint32_t input_end, input_begin; /* characters ever received, and read */
static struct spinlock input_lock;

void console_init(void)
{
    out8(COM1 + UART_INTERRUPTS, 0);
    out8(COM1 + UART_LINE_CONTROL, 0x80); /* divisor latch */
    out8(COM1 + UART_DATA, 1);            /* 115200 */
    out8(COM1 + UART_INTERRUPTS, 0);
    out8(COM1 + UART_LINE_CONTROL, 0x03); /* 8N1 */
    out8(COM1 + UART_FIFO, 0x07);
    out8(COM1 + UART_MODEM_CONTROL, MODEM_LINES);
    pc_init();
}

static void put(char c)
{
    while (!(in8(COM1 + UART_LINE_STATUS) & STATUS_EMPTY))
        pause();
    out8(COM1 + UART_DATA, (uint8_t)c);
    pc_write(&c, 1);
}

void console_break_lock(void)
{
    lock_break(&console_lock);
    quiet = false;
}

void console_be_quiet(void)
{
    quiet = true;
}

/* Line ends become CR LF; those that are already stay what they are. */
static void write(const char *text, size_t length, bool keep)
{
    static char last;

    lock(&console_lock);
    for (size_t i = 0; i < length; i++) {
        if (keep)
            ring[ring_end++ % RING_BYTES] = text[i];
        if (keep && quiet)
            continue;
        if (text[i] == '\n' && last != '\r')
            put('\r');
        last = text[i];
        put(last);
    }
    pc_show_cursor();
    unlock(&console_lock);
}

void console_write(const char *text, size_t length)
{
    write(text, length, true);
}

void console_pass_on(const char *text, size_t length)
{
    write(text, length, false);
}

uint32_t console_ring_read(uint32_t *position, char *to, uint32_t bytes)
{
    uint32_t done = 0;

    lock(&console_lock);
    if (ring_end - *position > ring_end - ring_begin)
        *position = ring_begin;
    if (ring_end - *position > RING_BYTES)
        *position = ring_end - RING_BYTES;
    while (done < bytes && *position != ring_end)
        to[done++] = ring[(*position)++ % RING_BYTES];
    unlock(&console_lock);
    return done;
}

uint32_t console_ring_begin(void)
{
    return ring_begin;
}

void console_ring_clear(uint32_t position)
{
    ring_begin = position;
}

static bool device_read(char *character)
{
    if (!(in8(COM1 + UART_LINE_STATUS) & STATUS_RECEIVED))
        return pc_read(character);
    *character = (char)in8(COM1 + UART_DATA);
    return true;
}

/* Fetches what the devices have. Needs input_lock. */
static void receive(void)
{
    char c;

    while (input_end - input_begin < INPUT_BYTES && device_read(&c))
        input[input_end++ % INPUT_BYTES] = c;
}

static void take_input(void *context)
{
    bool some;

    (void)context;
    lock(&input_lock);
    receive();
    some = input_end != input_begin;
    unlock(&input_lock);
    if (some)
        event_virq(&domains[0]->vcpu[0], VIRQ_CONSOLE);
}

/* Without an I/O APIC. */
static void poll_input(struct timer *timer)
{
    take_input(NULL);
    timer_set(&domains[0]->vcpu[0], timer, now() + POLL_PERIOD);
}

void console_listen(void)
{
    static struct irq_listener line = {.handle = take_input}, keys = {.handle = take_input};
    static struct timer poll = {.fire = poll_input};
    struct mp_interrupt where;

    pc_listen(&keys);
    if (!mp_isa_interrupt(ISA_LINE, &where) || !ioapic_listen(&where, &line)) {
        poll_input(&poll);
        return;
    }
    out8(COM1 + UART_MODEM_CONTROL, MODEM_LINES | MODEM_OUT2);
    out8(COM1 + UART_INTERRUPTS, ON_RECEIVED);
}

bool console_read(char *character)
{
    bool found;

    lock(&input_lock);
    receive();
    found = input_begin != input_end;
    if (found)
        *character = input[input_begin++ % INPUT_BYTES];
    unlock(&input_lock);
    return found;
}

void print(const char *form, ...)
{
    char line[256] = "(XEN) ";
    va_list values;
    size_t length;

    va_start(values, form);
    length = 6 + (size_t)format_list(line + 6, sizeof(line) - 6, form, values);
    va_end(values);
    console_write(line, MIN(length, sizeof(line) - 1));
}
