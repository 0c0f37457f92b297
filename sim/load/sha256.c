/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sha256.c - SHA-256, by the text of FIPS 180-4
 *
 * Its constants are the first 32 bits of the fractional parts of the cube roots of the first 64
 * primes, and the initial state those of the square roots of the first 8 (sections 4.2.2, 5.3.3).
 * They are made here rather than listed: roots of whole numbers, exact in 128 bits.
 */
#include "sim/load/sha256.h"

#include <stdio.h>
#include <string.h>

#define BLOCK  64
#define ROUNDS 64

/* The largest root whose power-th power is not above value * 2^(32 * power); its low 32 bits. */
static uint32_t root_fraction(uint32_t value, unsigned power)
{
    unsigned __int128 target = (unsigned __int128)value << (32 * power);
    uint64_t root = 0;

    for (unsigned bit = 36; bit-- > 0;) {
        uint64_t next = root | UINT64_C(1) << bit;
        unsigned __int128 raised = next;

        for (unsigned i = 1; i < power; i++)
            raised *= next;
        if (raised <= target)
            root = next;
    }
    return (uint32_t)root;
}

static void make_constants(uint32_t key[ROUNDS], uint32_t state[8])
{
    unsigned count = 0;

    for (uint32_t number = 2; count < ROUNDS; number++) {
        bool prime = true;

        for (uint32_t divisor = 2; divisor * divisor <= number; divisor++)
            prime = prime && number % divisor != 0;
        if (!prime)
            continue;
        if (count < 8)
            state[count] = root_fraction(number, 2);
        key[count++] = root_fraction(number, 3);
    }
}

static uint32_t turn(uint32_t word, unsigned by)
{
    return word >> by | word << (32 - by);
}

static void add_block(uint32_t state[8], const uint32_t key[ROUNDS], const uint8_t *block)
{
    uint32_t w[ROUNDS], v[8];

    for (unsigned i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
               (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (unsigned i = 16; i < ROUNDS; i++)
        w[i] = w[i - 16] + w[i - 7] + (turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ w[i - 15] >> 3) +
               (turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ w[i - 2] >> 10);
    memcpy(v, state, sizeof(v));
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint32_t one = v[7] + (turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25)) +
                       ((v[4] & v[5]) ^ (~v[4] & v[6])) + key[i] + w[i];
        uint32_t two = (turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22)) +
                       ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));

        memmove(v + 1, v, 7 * sizeof(*v));
        v[4] += one;
        v[0] = one + two;
    }
    for (unsigned i = 0; i < 8; i++)
        state[i] += v[i];
}

void sha256_text(const struct file *file, char text[SHA256_TEXT])
{
    uint8_t last[2 * BLOCK] = {0};
    uint32_t key[ROUNDS], state[8];
    size_t whole = file->size / BLOCK * BLOCK, rest = file->size - whole;
    size_t padded = rest + 9 <= BLOCK ? BLOCK : 2 * BLOCK;

    make_constants(key, state);
    for (size_t at = 0; at < whole; at += BLOCK)
        add_block(state, key, file->bytes + at);
    if (rest)
        memcpy(last, file->bytes + whole, rest);
    last[rest] = 0x80;
    for (unsigned i = 0; i < 8; i++)
        last[padded - 1 - i] = (uint8_t)((uint64_t)file->size * 8 >> (8 * i));
    for (size_t at = 0; at < padded; at += BLOCK)
        add_block(state, key, last + at);
    for (unsigned i = 0; i < 8; i++)
        snprintf(text + 8 * i, SHA256_TEXT - 8 * i, "%08x", state[i]);
}
