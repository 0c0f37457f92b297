/* SPDX-License-Identifier: GPL-2.0-only */
/* ports.h - what images that drive devices share: ports, configuration of PCI, printed numbers */
#ifndef BENCH_PORTS_H
#define BENCH_PORTS_H

#include "include/pc/port.h"
#include "tests/bench/bench.h"

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
