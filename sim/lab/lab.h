/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lab.h - the points of an experiment: what each one is, ran as, and gave
 *
 * A point is a series with a value of each of its axes. Its name is theirs together, as in
 * xen-5ms-8; its files are NAME.json (the result), NAME.txt (its summary), NAME.log (its messages)
 * and NAME.key, written last: the digest of all that the result came from (words.h), and what the
 * run took: kilobytes, seconds, weight.
 *
 * A result whose key is that of its point now is the point's. A result of other inputs is kept
 * under another name, NAME.json.1 and so on, when a new one takes its place.
 */
#ifndef XENOLITH_SIM_LAB_H
#define XENOLITH_SIM_LAB_H

#include "sim/lab/experiment.h"
#include "sim/lab/words.h"

#include <stdio.h>

#define LAB_WHY    12288
#define POINTS_MAX 10000

enum point_state {
    POINT_IDLE,    /* not asked for, and no result of it is there */
    POINT_WAITING, /* is to run */
    POINT_HELD,    /* is to run later (slurm.c) */
    POINT_DONE,    /* its result is there */
    POINT_FAILED
};

struct point {
    const struct series *series;
    const char *value[EXPERIMENT_AXES_MAX]; /* of the series' axes */
    char *name;
    struct words words; /* the program, run, options; not where results go */
    char digest[SHA256_TEXT];
    char *result, *fresh, *text, *log, *key; /* files; fresh: the result until it is whole */
    enum point_state state;
    bool chosen;

    double metric, units_per_second, instructions_per_second, smallest_share, window_ns;
};

struct lab {
    struct experiment experiment;
    char file[4096]; /* the description */
    char out[4096];
    struct point *point;
    size_t points;
    unsigned jobs;
    char program[4096];
    const char *machine; /* overrides the experiment's, or NULL */
    const char *db;      /* data base that gets each result; NULL: none */
    bool slurm;          /* Slurm runs the points */
    int signal;          /* that ended it, or 0 */
};

/*
 * Makes the points of all series (points.c). False with one sentence in `why`, with file and line:
 * an option that is none, two points of one name, too many.
 */
bool points_make(struct lab *lab, char *why);
/*
 * Chooses points: all, or those that a list of names (with * and ?), of AXIS=VALUE and of values of
 * the first axis matches. False with one sentence in `why`: a member of the list matches none.
 */
bool points_choose(struct lab *lab, const char *list, char *why);
/* Lets `run --check` judge every chosen point. False with one sentence in `why`. */
bool points_check(struct lab *lab, char *why);
/* Finds results that are there. Those of points that are asked for run again unless `resume`. */
bool points_find(struct lab *lab, bool resume, char *why);
/* Whether a result of the same inputs is there. */
bool point_has_result(const struct point *point);
/* The expected effort of a point, in no unit. */
uint64_t point_weight(const struct point *point);
void points_free(struct lab *lab);

/* Runs every point that waits (jobs.c). False with one sentence in `why`: a signal came, or none
 * can be run; points that failed are in their states, and were said. */
bool lab_run(struct lab *lab, char *why);
/* The same by a job array (slurm.c). A signal leaves the job alone. */
bool slurm_run(struct lab *lab, char *why);

/* Reads what points that are done gave (table.c); false with one sentence in `why`. */
bool lab_collect(struct lab *lab, char *why);
/* Writes OUT/NAME.csv. False with one sentence in `why`. */
bool lab_write_csv(const struct lab *lab, char *why);
/* Prints ours beside the paper's. */
void lab_print_table(const struct lab *lab, FILE *out);

/* A point's metric over that of its series' point at experiment.normalise; NAN without one. */
double lab_throughput(const struct lab *lab, const struct point *point);

#endif
