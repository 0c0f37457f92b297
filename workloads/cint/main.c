/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * main.c - runs one program of the compute workload, or all of them in turn
 *
 * Built once for each program (pack, netopt, algebra, othello) and once with all of them (cint),
 * by PROGRAM_LIST. A round is one unit of each program. Every unit is verified before it is
 * announced as work done; the first wrong one ends the run with exit status 1.
 *
 *   cint [PROGRAM] [--size small|medium|large] [--rounds N] [--start K]
 *
 * Without --rounds, or with 0, it runs until it is killed.
 *
 * Units differ in length and in how much memory they touch. Copies that run side by side would all
 * be in the same phase, and a short measurement would see that phase instead of the workload. Copy
 * number K is therefore told so, and starts at another place of the cycle of all units; STRIDE has
 * no common divisor with the cycle, so that the places fill it evenly. What a sequential program
 * would have done before that place it does first, verified but not announced.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/cint/announce_work.h"
#include "workloads/cint/program.h"
#include "workloads/cint/expected.h"

static const struct program *const programs[] = {PROGRAM_LIST};

#define PROGRAMS (sizeof(programs) / sizeof(programs[0]))
#define STRIDE   13 /* prime to every cycle: they are 8 times 1 or 4 units long */

static const char *const size_names[INPUT_SIZES] = {"small", "medium", "large"};

struct options {
    const struct program *only; /* NULL: all of them */
    enum input_size size;
    unsigned long rounds; /* 0: no end */
    unsigned long start;
};

struct running {
    const struct program *program;
    const uint32_t *digest; /* what its units must give */
    void *state;
};

static int usage(const char *name)
{
    fprintf(stderr, "usage: %s [PROGRAM] [--size small|medium|large] [--rounds N] [--start K]\n",
            name);
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

static const struct program *find_program(const char *name)
{
    for (size_t i = 0; i < PROGRAMS; i++)
        if (strcmp(programs[i]->name, name) == 0)
            return programs[i];
    return NULL;
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
        else if (o->only || !(o->only = find_program(argv[i])))
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

/* Opens the chosen programs; returns their number, 0 if one could not be opened. */
static size_t open_programs(const struct options *o, struct running *running)
{
    size_t count = 0;

    for (size_t i = 0; i < PROGRAMS; i++) {
        struct running *r = &running[count];

        if (o->only && o->only != programs[i])
            continue;
        r->program = programs[i];
        r->digest = find_digests(r->program->name, o->size);
        r->state = r->program->open(o->size);
        if (!r->digest || !r->state) {
            printf("FAIL %s: no memory for the %s size\n", r->program->name, size_names[o->size]);
            return 0;
        }
        count++;
    }
    return count;
}

/* Runs unit k and checks it; returns whether it is right. */
static int run_unit(const struct running *r, size_t k)
{
    uint32_t digest = r->program->unit(r->state, (unsigned)k);

    if (digest == 0)
        printf("FAIL %s: unit %u failed its own check\n", r->program->name, (unsigned)k);
    else if (digest != r->digest[k])
        printf("FAIL %s: unit %u gave %08x, the build host %08x\n", r->program->name, (unsigned)k,
               (unsigned)digest, (unsigned)r->digest[k]);
    return digest == r->digest[k];
}

/* Runs the units of sequential programs that lie before a place in the cycle. */
static int catch_up(const struct running *running, size_t count, size_t place)
{
    for (size_t at = 0; at < place; at++)
        if (running[at % count].program->sequential && !run_unit(&running[at % count], at / count))
            return 0;
    return 1;
}

int main(int argc, char **argv)
{
    struct options options = {.size = SIZE_MEDIUM};
    struct running running[PROGRAMS];
    unsigned long units = 0;

    if (!parse_options(argc, argv, &options))
        return usage(argv[0]);
    size_t count = open_programs(&options, running);

    if (count == 0)
        return 1;
    size_t cycle = count * PROGRAM_UNITS, place = options.start % cycle * STRIDE % cycle;

    announce_open();
    if (!catch_up(running, count, place))
        return 1;
    do {
        if (!run_unit(&running[place % count], place / count))
            return 1;
        announce_work(1);
        place = (place + 1) % cycle;
        units++;
    } while (units != options.rounds * count || options.rounds == 0);
    printf("%s, %s size: %lu rounds, %lu units verified\n", argv[0], size_names[options.size],
           options.rounds, units);
    return 0;
}
