/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * latency.h - rows of the paper's Tables 3 to 5, measured from inside
 *
 * The paper's tables are lmbench 3's. These programs follow its published methods (McVoy and
 * Staelin, "lmbench: Portable Tools for Performance Analysis", 1996, and the manual pages of its
 * tools) and share none of its code. A row is one operation, repeated; what is reported is the
 * best of several repetitions, by the time-stamp counter.
 */
#ifndef XENOLITH_LATENCY_H
#define XENOLITH_LATENCY_H

#include <stdint.h>

struct row;

/*
 * Does the row's operation `times` times, of at most `room` that it prepares for. Returns the
 * cycles that all of them took.
 */
typedef uint64_t row_function(const struct row *row, uint32_t times, uint32_t room);

struct row {
    const char *name;
    uint32_t times;
    uint32_t processes, bytes; /* of rows that have a size */
    row_function *run;
    row_function *overhead; /* what is measured besides the operation, or NULL */
};

#define ROW(name, times, processes, bytes, run, overhead)  row_function run;
#define PAIR(name, times, processes, bytes, run, overhead) row_function run, overhead;
#include "workloads/latency/rows.def"
#undef ROW
#undef PAIR

static inline uint64_t cycles_now(void)
{
    uint32_t low, high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
    return (uint64_t)high << 32 | low;
}

/* Ends the program with one sentence: a row that cannot be measured is no result. */
__attribute__((noreturn)) void give_up(const char *what);

/* Fails if `result`, of a system call, is negative; else returns it. */
int must(int result, const char *what);

/* Makes a file of `bytes` bytes. */
void make_file(const char *name, uint32_t bytes);

#endif
