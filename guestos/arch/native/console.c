/* SPDX-License-Identifier: GPL-2.0-only */
/* console.c - the console is COM1, 115200 8N1, polled (16550 data sheet) */
#include "guestos/arch/native/native.h"

#define COM1        0x3f8
#define DATA        (COM1 + 0)
#define INTERRUPTS  (COM1 + 1)
#define FIFO        (COM1 + 2)
#define LINE        (COM1 + 3)
#define MODEM       (COM1 + 4)
#define STATUS      (COM1 + 5)
#define DIVISOR_ON  0x80
#define EIGHT_N_ONE 0x03
#define READY       0x20

void serial_init(void)
{
    out8(INTERRUPTS, 0);
    out8(LINE, DIVISOR_ON);
    out8(DATA, 1); /* 115200 */
    out8(INTERRUPTS, 0);
    out8(LINE, EIGHT_N_ONE);
    out8(FIFO, 0x07);
    out8(MODEM, 0x03);
}

static void put(char c)
{
    while (!(in8(STATUS) & READY))
        arch_relax();
    out8(DATA, (u8)c);
}

void arch_console_write(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\n')
            put('\r');
        put(text[i]);
    }
}
