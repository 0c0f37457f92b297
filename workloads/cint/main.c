/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * main.c - runs one program of the compute workload, or all of them in turn
 *
 * Built once for each program (pack, chess, ...) and once with all of them (cint), by PROGRAM_LIST.
 * Every unit is verified before it is announced as work done; the first wrong one ends the run with
 * exit status 1.
 *
 *   cint [PROGRAM|four] [--size small|medium|large] [--rounds N] [--start K]
 *
 * Without --rounds, or with 0, it runs until it is killed. A round is one phase of each program: so
 * many units that each takes about as long on the bare kernel, some 8 ms. SPEC's programs run for
 * minutes; a slice of 5 ms lies within one of them, and within a phase mostly. `four` is the mix
 * that cint was until 2026-11: pack, netopt, algebra and othello, a unit of each in turn.
 *
 * Units of different programs are different amounts of work. Each is announced as what it is worth
 * on the bare kernel (program.h), so that a window's result does not hang on the phases in it.
 *
 * Copies that run side by side would all be in the same phase, and a short measurement would see
 * that phase instead of the workload. Copy number K is therefore told so, and starts at another
 * place of the cycle of all units: K golden sections of it, which spread any number evenly.
 * What a sequential program would have done before that place it does first, verified but not
 * announced.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/cint/announce_work.h"
#include "workloads/cint/program.h"
#include "workloads/cint/expected.h"

static const struct program *const programs[] = {PROGRAM_LIST};

#define PROGRAMS     (sizeof(programs) / sizeof(programs[0]))
#define FOUR         4           /* the first ones */
#define GOLDEN_SHARE 2654435769u /* of 2^32 */

static const char *const size_names[INPUT_SIZES] = {"small", "medium", "large"};

struct options {
    const struct program *only; /* NULL: all of them */
    bool four;
    enum input_size size;
    unsigned long rounds; /* 0: no end */
    unsigned long start;
};

struct running {
    const struct program *program;
    const uint32_t *digest; /* what its units must give */
    void *state;
    unsigned unit;         /* the next one */
    unsigned phase, worth; /* units in a row; of one */
};

/* The programs in turn, and the place in the cycle of all units. */
struct turns {
    struct running running[PROGRAMS];
    size_t count, current;
    unsigned done; /* units of the current phase */
};

static int usage(const char *name)
{
    fprintf(stderr, "usage: %s [PROGRAM%s] [--size small|medium|large] [--rounds N] [--start K]\n",
            name, PROGRAMS > FOUR ? "|four" : "");
    for (size_t i = 0; i < PROGRAMS; i++)
        fprintf(stderr, "  %-8s %s\n", programs[i]->name, programs[i]->summary);
    return 2;
}

static int parse_size(const char *text, enum input_size *size)
{
    for (int i = 0; i < INPUT_SIZES; i++)
        if (strcmp(text, size_names[i]) == 0) {
            *size = i;
            return 1;
        }
    return 0;
}

static int parse_count(const char *text, unsigned long *count)
{
    char *end;

    *count = strtoul(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0';
}

static int parse_program(const char *name, struct options *o)
{
    if (o->only || o->four)
        return 0;
    o->four = PROGRAMS > FOUR && strcmp(name, "four") == 0;
    for (size_t i = 0; !o->only && i < PROGRAMS; i++)
        if (strcmp(programs[i]->name, name) == 0)
            o->only = programs[i];
    return o->four || o->only;
}

static int parse_options(int argc, char **argv, struct options *o)
{
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";

        if (strcmp(argv[i], "--size") == 0 && parse_size(value, &o->size))
            i++;
        else if (strcmp(argv[i], "--rounds") == 0 && parse_count(value, &o->rounds))
            i++;
        else if (strcmp(argv[i], "--start") == 0 && parse_count(value, &o->start))
            i++;
        else if (!parse_program(argv[i], o))
            return 0;
    }
    return 1;
}

static const uint32_t *find_digests(const char *name, enum input_size size)
{
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        if (strcmp(expected[i].name, name) == 0)
            return expected[i].digest[size];
    return NULL;
}

/* Opens the chosen programs; returns whether all could be. */
static int open_programs(const struct options *o, struct turns *t)
{
    for (size_t i = 0; i < (o->four ? FOUR : PROGRAMS); i++) {
        struct running *r = &t->running[t->count];
        const struct program *p = programs[i];

        if (o->only && o->only != p)
            continue;
        *r = (struct running){.program = p,
                              .digest = find_digests(p->name, o->size),
                              .state = p->open(o->size),
                              .phase = o->four || o->only || PROGRAMS == 1 ? 1 : p->phase,
                              .worth = o->four ? 1 : p->worth};
        if (!r->digest || !r->state) {
            printf("FAIL %s: no memory for the %s size\n", p->name, size_names[o->size]);
            return 0;
        }
        t->count++;
    }
    return 1;
}

/* Runs unit k and checks it; returns whether it is right. */
static int run_unit(const struct running *r, unsigned k)
{
    uint32_t digest = r->program->unit(r->state, k);

    if (digest == 0)
        printf("FAIL %s: unit %u failed its own check\n", r->program->name, k);
    else if (digest != r->digest[k])
        printf("FAIL %s: unit %u gave %08x, the build host %08x\n", r->program->name, k,
               (unsigned)digest, (unsigned)r->digest[k]);
    return digest == r->digest[k];
}

/* To the next unit; returns whether a round is complete. */
static int advance(struct turns *t)
{
    struct running *r = &t->running[t->current];

    r->unit = (r->unit + 1) % PROGRAM_UNITS;
    if (++t->done < r->phase)
        return 0;
    t->done = 0;
    t->current = (t->current + 1) % t->count;
    return t->current == 0;
}

/* Goes to copy K's place, and runs what sequential programs have before it. */
static int go_to_start(struct turns *t, unsigned long start)
{
    uint64_t cycle = 0, before = 0;

    for (size_t i = 0; i < t->count; i++) /* phases are one unit, or a multiple of PROGRAM_UNITS */
        cycle += t->running[i].worth *
                 (t->running[i].phase < PROGRAM_UNITS ? PROGRAM_UNITS : t->running[i].phase);
    uint64_t place = cycle * (uint32_t)(start * GOLDEN_SHARE) >> 32;

    for (; before < place; advance(t))
        before += t->running[t->current].worth;
    for (size_t i = 0; i < t->count; i++)
        for (unsigned k = 0; t->running[i].program->sequential && k < t->running[i].unit; k++)
            if (!run_unit(&t->running[i], k))
                return 0;
    return 1;
}

int main(int argc, char **argv)
{
    struct options options = {.size = SIZE_MEDIUM};
    static struct turns turns;
    unsigned long units = 0, rounds = 0;

    if (!parse_options(argc, argv, &options))
        return usage(argv[0]);
    if (!open_programs(&options, &turns))
        return 1;
    announce_open();
    if (!go_to_start(&turns, options.start))
        return 1;
    do {
        const struct running *r = &turns.running[turns.current];

        if (!run_unit(r, r->unit))
            return 1;
        announce_work(r->worth);
        units++;
        rounds += (unsigned long)advance(&turns);
    } while (rounds != options.rounds || options.rounds == 0);
    printf("%s, %s size: %lu rounds, %lu units verified\n", argv[0], size_names[options.size],
           options.rounds, units);
    return 0;
}
