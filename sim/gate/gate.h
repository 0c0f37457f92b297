/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gate.h - benchmarks, and the numbers they had when somebody said that these were right
 *
 * A description lists benchmarks, a section each. [gate] says what all of them share. A line is
 *
 *   title              in words
 *   command            run (the default), boot, shell or guest
 *   words              words of the command line that are no options, quoted as in --args
 *   only, ignore       which values are compared: patterns (fnmatch(3)) of the paths that
 *                      `compare --format json` shows, separated by commas
 *   tolerance, slack   by how much a number may differ: a share, a number
 *   host_instructions  yes: runs under callgrind, whose count of the simulator's own instructions a
 *                      guest instruction is a value as well, host.instructions_per_instruction
 *   anything else      an option of the command without its dashes, or, with a dot in its name, a
 *                      parameter of the machine
 *
 * Baselines lie beside the description in NAME.baselines/COMPILER/BENCHMARK.json: another compiler
 * makes other images, whose counts differ. A baseline holds the values that are compared, the
 * command line, and the reason that somebody gave for it.
 *
 * A benchmark runs if anything that its command line reads has changed since it ran last (words.h);
 * otherwise its last result stands.
 */
#ifndef XENOLITH_SIM_GATE_H
#define XENOLITH_SIM_GATE_H

#include "sim/lab/compare.h"
#include "sim/lab/words.h"

#define GATE_NAME_MAX 64
#define GATE_WHY      12288

struct benchmark {
    const char *name, *title;
    unsigned line; /* where its section begins */
    enum command command;
    struct words words; /* the program, the command and its words, without where results go */
    bool host;
    struct compare_rules rules;
    char *result, *text, *log, *key, *callgrind, *baseline; /* files */

    bool chosen, ran, failed; /* failed: it could not be measured, compared_pair.why says why */
    struct leaf_list measured;
    struct compared pair;
};

struct gate {
    struct sections sections;
    struct benchmark *benchmark;
    size_t count;
    const char *simulator; /* the program that runs benchmarks */
    char *out, *baselines; /* folders; the latter with the compiler's */
    unsigned jobs;
    bool again;
};

/*
 * Reads a description (description.c). False with one sentence in `why`, which names the line: an
 * unknown key, a wrong value, a benchmark that is none. gate_free() afterwards in either case.
 */
bool gate_read(struct gate *gate, const char *path, char *why);
void gate_free(struct gate *gate);

/* Where everything is: results in `out`, baselines in `baselines`/`compiler`. */
void gate_place(struct gate *gate, const char *out, const char *baselines, const char *compiler);
/* The compiler of this program, as a folder's name. */
void gate_compiler(char *name, size_t bytes);

/*
 * Runs what must run of the chosen benchmarks, and reads what they gave (measure.c). False with one
 * sentence in `why`: no benchmark can be run at all, or a signal came.
 */
bool gate_measure(struct gate *gate, char *why);

/* Compares a measured benchmark with its baseline (baseline.c); what is wrong is in pair.why. */
void baseline_compare(struct benchmark *benchmark);
/* Makes what was measured its baseline. False with one sentence in `why`. */
bool baseline_write(const struct benchmark *benchmark, const char *compiler, const char *reason,
                    char *why);

#endif
