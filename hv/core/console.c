/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * console.c - the serial line COM1, polled, 115200 8N1; beside it the PC's screen and keyboard,
 * where there are some
 */
#include "hv/dev/pc.h"
#include "hv/include/console.h"
#include "hv/include/lib.h"
#include "hv/include/arch/spinlock.h"
#include "hv/include/arch/x86.h"

#define COM1               0x3f8
#define UART_DATA          0
#define UART_INTERRUPTS    1
#define UART_FIFO          2
#define UART_LINE_CONTROL  3
#define UART_MODEM_CONTROL 4
#define UART_LINE_STATUS   5
#define STATUS_RECEIVED    0x01
#define STATUS_EMPTY       0x20

static struct spinlock console_lock;

/* The last characters written, kept for whoever asks later (sysctl readconsole). */
#define RING_BYTES 16384u
static char ring[RING_BYTES];
static uint32_t ring_end, ring_begin; /* characters ever written; up to the last "clear" */

void console_init(void)
{
    outb(COM1 + UART_INTERRUPTS, 0);
    outb(COM1 + UART_LINE_CONTROL, 0x80); /* divisor latch */
    outb(COM1 + UART_DATA, 1);            /* 115200 */
    outb(COM1 + UART_INTERRUPTS, 0);
    outb(COM1 + UART_LINE_CONTROL, 0x03); /* 8N1 */
    outb(COM1 + UART_FIFO, 0x07);
    outb(COM1 + UART_MODEM_CONTROL, 0x03);
    pc_init();
}

static void put(char c)
{
    while (!(inb(COM1 + UART_LINE_STATUS) & STATUS_EMPTY))
        pause();
    outb(COM1 + UART_DATA, (uint8_t)c);
    pc_write(&c, 1);
}

void console_break_lock(void)
{
    lock_break(&console_lock);
}

/* Line ends become CR LF; those that are already stay what they are. */
static void write(const char *text, size_t length, bool keep)
{
    static char last;

    lock(&console_lock);
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\n' && last != '\r')
            put('\r');
        last = text[i];
        put(last);
        if (keep)
            ring[ring_end++ % RING_BYTES] = last;
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

bool console_read(char *character)
{
    if (!(inb(COM1 + UART_LINE_STATUS) & STATUS_RECEIVED))
        return pc_read(character);
    *character = (char)inb(COM1 + UART_DATA);
    return true;
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
