/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * program.h - what a program of the compute workload is
 *
 * cint stands where the paper ran SPEC CINT2000: integer programs that do real work, hardly enter
 * the kernel, and differ in how much memory they walk over. Each program cuts its work into units
 * of about half a million to a million instructions, so that a 5 ms slice of a 2.4 GHz processor
 * holds several of them.
 *
 * A unit proves itself twice. Inside, it checks its own result by an independent path (decompress
 * and compare, complementary slackness, automatic differentiation, a legal principal variation).
 * Outside, its digest is compared with the one that the same source gave when it was compiled for
 * the build host and run there, as a 64-bit program: expected.h, made during the build.
 *
 * Digests must therefore not depend on the sizes of long and pointers, nor on uninitialised memory,
 * nor on which units ran before (but for sequential programs).
 *
 * Programs' units differ in length. `worth` says by how much: cycles of an average unit on the bare
 * kernel of machines/xeon-2400.ini, measured with one copy and rounded to 10,000. SPEC weighs its
 * programs the same way, by their times on a reference machine. `phase` is how many units
 * a mix does before it goes on to the next program: 20 million cycles' worth, in whole cycles of 8.
 */
#ifndef XENOLITH_CINT_PROGRAM_H
#define XENOLITH_CINT_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#define PROGRAM_UNITS 8 /* after unit 7 comes unit 0 again */

enum input_size { SIZE_SMALL, SIZE_MEDIUM, SIZE_LARGE, INPUT_SIZES };

struct program {
    const char *name;
    const char *summary;
    /* Allocates all memory and makes the input. Returns the state, or NULL without memory. */
    void *(*open)(enum input_size size);
    /* Does unit k, 0..PROGRAM_UNITS-1. Returns the digest of the output; 0 says that the unit's own
     * check failed. */
    uint32_t (*unit)(void *state, unsigned k);
    unsigned phase, worth;
    bool sequential; /* unit k goes on where unit k-1 ended; unit 0 starts afresh */
};

extern const struct program pack_program;    /* pack.c */
extern const struct program netopt_program;  /* netopt.c */
extern const struct program algebra_program; /* algebra.c */
extern const struct program othello_program; /* othello.c */
extern const struct program anneal_program;  /* anneal.c */
extern const struct program chess_program;   /* chess.c */
extern const struct program rays_program;    /* rays.c */
extern const struct program links_program;   /* links.c */

/* What units[program][size][k] gave on the build host; found by the program's name. */
struct expected_units {
    const char *name;
    uint32_t digest[INPUT_SIZES][PROGRAM_UNITS];
};

/* Mixes a value into a digest (the 32-bit FNV-1a step over its four bytes, low byte first). */
static inline uint32_t digest_add(uint32_t digest, uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        digest ^= value >> (8 * i) & 0xff;
        digest *= 16777619u;
    }
    return digest;
}

#define DIGEST_START 2166136261u /* FNV's offset basis */

/* Marsaglia's xorshift: input data that is the same everywhere. State and result are never 0. */
static inline uint32_t random_next(uint32_t *state)
{
    uint32_t x = *state;

    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *state = x;
}

#endif
