/* SPDX-License-Identifier: GPL-2.0-only */
/* Integer code in registers and a small table: a CRC, a sort, a sieve. Unit: rounds. */
#include "tests/bench/bench.h"

const char bench_name[] = "integer";

#define WORDS 512
static uint32_t words[WORDS];
static uint8_t sieve[4096];

void bench_prepare(void)
{
}

static uint32_t crc(uint32_t value)
{
    for (unsigned i = 0; i < WORDS; i++) {
        value ^= words[i];
        for (unsigned bit = 0; bit < 32; bit++)
            value = value >> 1 ^ (0xedb88320 & -(value & 1));
    }
    return value;
}

static void fill(uint32_t seed)
{
    for (unsigned i = 0; i < WORDS; i++) {
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        words[i] = seed;
    }
}

static void shell_sort(void)
{
    for (unsigned gap = WORDS / 2; gap; gap /= 2)
        for (unsigned i = gap; i < WORDS; i++) {
            uint32_t value = words[i];
            unsigned at = i;

            for (; at >= gap && words[at - gap] > value; at -= gap)
                words[at] = words[at - gap];
            words[at] = value;
        }
}

static uint32_t primes(void)
{
    uint32_t count = 0;

    for (unsigned i = 0; i < sizeof(sieve); i++)
        sieve[i] = 1;
    for (unsigned i = 2; i < sizeof(sieve); i++) {
        if (!sieve[i])
            continue;
        count++;
        for (unsigned multiple = 2 * i; multiple < sizeof(sieve); multiple += i)
            sieve[multiple] = 0;
    }
    return count;
}

uint32_t bench_work(uint32_t scale)
{
    uint32_t check = 1;

    while (scale--) {
        fill(check | 1);
        check = crc(check);
        shell_sort();
        check = crc(check) + primes();
    }
    return check;
}

uint32_t bench_units(uint32_t scale)
{
    return scale;
}
