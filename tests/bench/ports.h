/* SPDX-License-Identifier: GPL-2.0-only */
/* ports.h - what images that drive devices share: ports, configuration of PCI, printed numbers */
#ifndef BENCH_PORTS_H
#define BENCH_PORTS_H

#include "tests/bench/bench.h"

static inline void out8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void out16(uint16_t port, uint16_t value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline void out32(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t in8(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline uint16_t in16(uint16_t port)
{
    uint16_t value;

    __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline uint32_t in32(uint16_t port)
{
    uint32_t value;

    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline uint32_t config_in(uint32_t address)
{
    out32(0xcf8, address);
    return in32(0xcfc);
}

static inline void config_out(uint32_t address, uint32_t value)
{
    out32(0xcf8, address);
    out32(0xcfc, value);
}

static inline void say(const char *what, uint64_t number)
{
    put(what);
    put(" ");
    put_number(number);
    put("\n");
}

#endif
