/* SPDX-License-Identifier: GPL-2.0-only */
/* lab.h - the points of an experiment: what each one is, ran as, and gave */
#ifndef XENOLITH_SIM_LAB_H
#define XENOLITH_SIM_LAB_H

#include "sim/lab/experiment.h"

#include <stdio.h>
#include <sys/types.h>

enum point_state { POINT_WAITING, POINT_RUNNING, POINT_DONE, POINT_FAILED };

struct point {
    const struct series *series;
    uint32_t n;
    uint64_t for_ns, weight; /* simulated time measured; expected effort */
    enum point_state state;
    pid_t pid;
    char json[4200], text[4200], log[4200];
    double simulated, instructions; /* seconds; millions: what it said about itself at its end */

    double units_per_second, instructions_per_second, smallest_share;
};

#define POINTS_MAX (EXPERIMENT_SERIES_MAX * EXPERIMENT_VALUES_MAX)

struct lab {
    const struct experiment *experiment;
    const char *machine; /* overrides the experiment's, or "" */
    char out[4096];
    struct point point[POINTS_MAX];
    unsigned points;
    unsigned jobs;
    const char *db; /* data base that gets each result; NULL: none */
};

/* Runs every point (jobs.c); false if one failed, after saying so. */
bool lab_run(struct lab *lab);

/* Reads what the points gave (table.c); false with a sentence said. */
bool lab_collect(struct lab *lab);
/* Writes OUT/NAME.csv. False with a sentence said. */
bool lab_write_csv(const struct lab *lab);
/* Prints ours beside the paper's. */
void lab_print_table(const struct lab *lab, FILE *out);

/* A point's result over that of its series at experiment->normalise; NAN without one. */
double lab_throughput(const struct lab *lab, const struct point *point);

#endif
