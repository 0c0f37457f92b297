/* SPDX-License-Identifier: GPL-2.0-only */
/* counters.c - the table itself, alone in its page so that it can be announced from any ring */
#include "guestos/kernel/counters.h"
#include "guestos/kernel/types.h"

_Static_assert(sizeof(struct counter_table) <= PAGE_SIZE, "a table lies within one page");

struct counter_table counters __attribute__((aligned(4096))) = {
    .head = {.magic = ANNOUNCE_COUNTERS_MAGIC, .count = COUNTERS},
    .value =
        {
#define COUNTER(label, description) {.name = #label},
#include "guestos/kernel/counters.def"
#undef COUNTER
        },
};
