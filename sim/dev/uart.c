/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/dev/uart.h"

enum { REG_DATA, REG_IER, REG_IIR_FCR, REG_LCR, REG_MCR, REG_LSR, REG_MSR, REG_SCRATCH };

#define LCR_DLAB     0x80
#define IER_RECEIVE  0x01
#define IER_TRANSMIT 0x02
#define IIR_NONE     0x01
#define IIR_TRANSMIT 0x02
#define IIR_RECEIVE  0x04
#define IIR_FIFOS    0xc0
#define FCR_ENABLE   0x01
#define FCR_CLEAR_RX 0x02
#define MCR_DTR      0x01 /* "data terminal ready": without it the other end holds its bytes */
#define MCR_OUT2     0x08 /* on a PC it gates the interrupt line */
#define MCR_LOOP     0x10
#define LSR_READY    0x01
#define LSR_OVERRUN  0x02
#define LSR_EMPTY    0x60 /* holding register and shift register */
#define MSR_ONLINE   0xb0 /* carrier, data set ready, clear to send */

static uint8_t cause(const struct uart *uart)
{
    if (uart->ier & IER_RECEIVE && uart->count)
        return IIR_RECEIVE;
    if (uart->ier & IER_TRANSMIT && uart->transmit_pending)
        return IIR_TRANSMIT;
    return IIR_NONE;
}

static void changed(struct uart *uart)
{
    irq_set(&uart->irq, uart->mcr & MCR_OUT2 && cause(uart) != IIR_NONE);
}

unsigned uart_room(const struct uart *uart)
{
    if (!(uart->mcr & MCR_DTR))
        return 0;
    return (uart->fcr & FCR_ENABLE ? UART_FIFO : 1) - uart->count;
}

void uart_receive(struct uart *uart, uint8_t byte)
{
    if (uart->count == (uart->fcr & FCR_ENABLE ? UART_FIFO : 1)) {
        uart->overrun = true;
        return;
    }
    uart->fifo[(uart->first + uart->count++) % UART_FIFO] = byte;
    changed(uart);
}

static uint8_t receive_buffer(struct uart *uart)
{
    uint8_t byte = uart->fifo[uart->first];

    if (!uart->count)
        return 0;
    uart->first = (uart->first + 1) % UART_FIFO;
    uart->count--;
    changed(uart);
    return byte;
}

static uint8_t identify(struct uart *uart)
{
    uint8_t value = cause(uart);

    if (value == IIR_TRANSMIT) {
        uart->transmit_pending = false;
        changed(uart);
    }
    return value | (uart->fcr & FCR_ENABLE ? IIR_FIFOS : 0);
}

static uint8_t line_status(struct uart *uart)
{
    uint8_t value = LSR_EMPTY | (uart->count ? LSR_READY : 0) | (uart->overrun ? LSR_OVERRUN : 0);

    uart->overrun = false;
    return value;
}

uint32_t uart_read(void *device, const struct access *access)
{
    struct uart *uart = device;
    bool dlab = uart->lcr & LCR_DLAB;

    switch (access->offset) {
    case REG_DATA:
        return dlab ? uart->divisor & 0xff : receive_buffer(uart);
    case REG_IER:
        return dlab ? uart->divisor >> 8 : uart->ier;
    case REG_IIR_FCR:
        return identify(uart);
    case REG_LCR:
        return uart->lcr;
    case REG_MCR:
        return uart->mcr;
    case REG_LSR:
        return line_status(uart);
    case REG_MSR: /* in loop-back the modem outputs are the modem inputs */
        return uart->mcr & MCR_LOOP
                   ? (uart->mcr & 0x0c) << 4 | (uart->mcr & 0x02) << 3 | (uart->mcr & 0x01) << 5
                   : MSR_ONLINE;
    default:
        return uart->scratch;
    }
}

static void transmit(struct uart *uart, uint8_t byte)
{
    if (uart->mcr & MCR_LOOP)
        uart_receive(uart, byte);
    else if (uart->sent)
        uart->sent(uart->owner, byte);
    uart->transmit_pending = true;
    changed(uart);
}

void uart_write(void *device, const struct access *access, uint32_t value)
{
    struct uart *uart = device;
    uint8_t byte = (uint8_t)value;

    switch (access->offset) {
    case REG_DATA:
        if (uart->lcr & LCR_DLAB)
            uart->divisor = (uart->divisor & 0xff00) | byte;
        else
            transmit(uart, byte);
        break;
    case REG_IER:
        if (uart->lcr & LCR_DLAB) {
            uart->divisor = (uint16_t)((uart->divisor & 0xff) | byte << 8);
            break;
        }
        if (byte & ~uart->ier & IER_TRANSMIT)
            uart->transmit_pending = true;
        uart->ier = byte & 0x0f;
        changed(uart);
        break;
    case REG_IIR_FCR:
        if ((byte ^ uart->fcr) & FCR_ENABLE || byte & FCR_CLEAR_RX)
            uart->count = 0;
        uart->fcr = byte & FCR_ENABLE;
        changed(uart);
        break;
    case REG_LCR:
        uart->lcr = byte;
        break;
    case REG_MCR:
        uart->mcr = byte & 0x1f;
        changed(uart);
        break;
    case REG_SCRATCH:
        uart->scratch = byte;
        break;
    default: /* line and modem status are read-only */
        break;
    }
}

void uart_open(struct uart *uart)
{
    uart->divisor = 1;
    uart->lcr = 3;
}
