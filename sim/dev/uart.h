/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * uart.h - a 16550A serial port
 *
 * After National Semiconductor's PC16550D data sheet. The line is infinitely fast: a byte written
 * is sent at once, so that the holding register is always empty and output costs only the
 * accesses it takes. Bytes come in through uart_receive(). Absent: line errors, modem lines, the
 * character time-out (a byte below the trigger level is announced at once instead).
 */
#ifndef XENOLITH_SIM_UART_H
#define XENOLITH_SIM_UART_H

#include "sim/dev/device.h"

#define UART_FIFO 16

struct uart {
    struct irq_line irq;
    void (*sent)(void *owner, uint8_t byte);
    void *owner;
    uint8_t ier, lcr, mcr, scratch, fcr;
    uint16_t divisor;
    bool transmit_pending; /* the "holding register empty" interrupt, until IIR is read */
    uint8_t fifo[UART_FIFO];
    unsigned first, count;
    bool overrun;
};

/* 115200 baud, 8N1; the caller has set irq, sent and owner. */
void uart_open(struct uart *uart);
/* Eight ports from its base. */
uint32_t uart_read(void *uart, const struct access *access);
void uart_write(void *uart, const struct access *access, uint32_t value);

/* How many bytes uart_receive() would take without loss. */
unsigned uart_room(const struct uart *uart);
void uart_receive(struct uart *uart, uint8_t byte);

#endif
