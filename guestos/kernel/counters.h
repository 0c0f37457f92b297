/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * counters.h - the kernel's counters (counters.def), in the form that include/xenolith/announce.h
 * describes
 */
#ifndef GUESTOS_COUNTERS_H
#define GUESTOS_COUNTERS_H

#include "include/xenolith/announce.h"

enum counter {
#define COUNTER(name, description) COUNT_##name,
#include "guestos/kernel/counters.def"
#undef COUNTER
    COUNTERS
};

struct counter_table {
    struct announced_counters head;
    struct announced_counter value[COUNTERS];
};

extern struct counter_table counters;

static inline void count_many(enum counter which, unsigned n)
{
    counters.value[which].value += n;
}

static inline void count(enum counter which)
{
    count_many(which, 1);
}

#endif
