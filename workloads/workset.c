/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * workset.c - a program whose working set is so many bytes: `workset SIZEk [--start K]`
 *
 * Random lines of a region are read, held against the value that arithmetic gives them, and written
 * in a quarter of the cases. A thousand of them are a unit of work. There is no C library in it:
 * every root image carries it (`run --workload workset/256k`).
 */
#include "include/xenolith/announce.h"
#include "workloads/start.h"

#include <stdint.h>

#define LINE        64
#define BYTES_MOST  (4u << 20)
#define UNIT_STEPS  1000
#define MIX_STEPS   4  /* of arithmetic between two lines */
#define STORE_SHARE 64 /* of 256 */

static uint8_t region[BYTES_MOST] __attribute__((aligned(4096)));

static void announce(uint32_t units)
{
    uint32_t a = ANNOUNCE_LEAF_WORK, b, c = units, d;

    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
}

/* Digits and a k or m; 0 for anything else. */
static uint32_t parse_size(const char *text)
{
    uint32_t size = 0;

    for (; *text >= '0' && *text <= '9' && size < BYTES_MOST; text++)
        size = size * 10 + (uint32_t)(*text - '0');
    if ((*text != 'k' && *text != 'm') || text[1])
        return 0;
    return *text == 'k' ? size << 10 : size << 20;
}

static uint32_t parse_number(const char *text)
{
    uint32_t number = 0;

    while (*text >= '0' && *text <= '9')
        number = number * 10 + (uint32_t)(*text++ - '0');
    return number;
}

static uint32_t random_next(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    return *state ^= *state << 5;
}

static uint32_t *line(uint32_t number)
{
    return (uint32_t *)(void *)(region + number * LINE);
}

static uint32_t value_of(uint32_t number)
{
    return number * 2654435761u + 1;
}

/* Whether all lines had their values. */
static int work(uint32_t lines, uint32_t *seed)
{
    uint32_t mixed = 1;

    for (unsigned i = 0; i < UNIT_STEPS; i++) {
        uint32_t random = random_next(seed), number = (uint32_t)((uint64_t)random * lines >> 32);
        uint32_t value = *line(number);

        if (value != value_of(number))
            return 0;
        if ((random & 255) < STORE_SHARE)
            *line(number) = value;
        for (unsigned k = 0; k < MIX_STEPS; k++)
            __asm__ volatile("" : "+r"(mixed) : "r"(mixed += value ^ mixed >> 3));
    }
    return 1;
}

static int run(int argc, char *const argv[])
{
    static const char usage[] = "usage: workset SIZEk|SIZEm [--start K], at most 4m\n";
    uint32_t bytes = argc > 1 ? parse_size(argv[1]) : 0, seed = 2463534242u;

    if (bytes < LINE || bytes > BYTES_MOST) {
        call(SYS_write, 2, (long)usage, sizeof(usage) - 1);
        return 2;
    }
    if (argc > 3)
        seed += parse_number(argv[3]) * 7919;
    for (uint32_t i = 0; i < bytes / LINE; i++)
        *line(i) = value_of(i);
    while (work(bytes / LINE, &seed))
        announce(1);
    return 1;
}

PROGRAM(run)
