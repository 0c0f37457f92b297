/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * console.c - the console is COM1, 115200 8N1 (16550 data sheet), and beside it the PC's screen and
 * keyboard, where there are some; output is polled, input comes by interrupt
 */
#include "guestos/arch/native/native.h"
#include "guestos/drivers/tty.h"

#define COM1          0x3f8
#define DATA          (COM1 + 0)
#define INTERRUPTS    (COM1 + 1)
#define FIFO          (COM1 + 2)
#define LINE          (COM1 + 3)
#define MODEM         (COM1 + 4)
#define STATUS        (COM1 + 5)
#define DIVISOR_ON    0x80
#define EIGHT_N_ONE   0x03
#define READY         0x20
#define RECEIVED      0x01
#define ON_RECEIVED   0x01 /* INTERRUPTS */
#define MODEM_LINES   0x03 /* DTR, RTS */
#define MODEM_OUT2    0x08 /* on a PC: lets the interrupt through */
#define SERIAL_LINE   4
#define KEYBOARD_LINE 1

void console_init(void)
{
    out8(INTERRUPTS, 0);
    out8(LINE, DIVISOR_ON);
    out8(DATA, 1); /* 115200 */
    out8(INTERRUPTS, 0);
    out8(LINE, EIGHT_N_ONE);
    out8(FIFO, 0x07);
    out8(MODEM, MODEM_LINES);
    pc_init();
}

static void put(char c)
{
    while (!(in8(STATUS) & READY))
        arch_relax();
    out8(DATA, (uint8_t)c);
    pc_write(&c, 1);
}

void arch_console_write(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\n')
            put('\r');
        put(text[i]);
    }
    pc_show_cursor();
}

void arch_console_write_raw(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        put(text[i]);
    pc_show_cursor();
}

bool arch_console_listen(void)
{
    static bool listening;

    if (!listening) {
        listening = true;
        ioapic_route(SERIAL_LINE, VECTOR_SERIAL, apic_id());
        out8(MODEM, MODEM_LINES | MODEM_OUT2);
        out8(INTERRUPTS, ON_RECEIVED);
        if (pc_has_keyboard()) {
            ioapic_route(KEYBOARD_LINE, VECTOR_KEYBOARD, apic_id());
            keyboard_interrupt(); /* what came before would keep the line up */
        }
    }
    return true;
}

/* Until the FIFO is empty: only then does the line fall, and can rise again. */
void serial_interrupt(void)
{
    while (in8(STATUS) & RECEIVED) {
        char c = (char)in8(DATA);

        tty_input(&c, 1);
    }
}

void keyboard_interrupt(void)
{
    char c;

    while (pc_read(&c))
        tty_input(&c, 1);
}
