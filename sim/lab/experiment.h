/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * experiment.h - a description of an experiment, as experiments/NAME.ini gives it
 *
 * [experiment] says what all points share; every other section is a series, whose name is the
 * system's name in the results. In either, `name = value` is
 *   name, title, sweep, metric, normalise,
 *   paper, plot                                  in [experiment] only
 *   label                                        in a series: its name in words
 *   anything else                                an option of `xenolith run`, without its dashes
 * sweep lists the values of --domains; metric is what a point is worth, units_per_second (the
 * default) or instructions_per_second (of the copies' own programs). Every point is measured for
 * `for`, rounded up to a whole number of scheduling rounds (slice times copies a processor), so
 * that every copy has had equally many slices. Results are divided by those of the same series at
 * `normalise`.
 */
#ifndef XENOLITH_SIM_EXPERIMENT_H
#define XENOLITH_SIM_EXPERIMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPERIMENT_SERIES_MAX 8
#define EXPERIMENT_VALUES_MAX 32
#define EXPERIMENT_PAIRS_MAX  24

struct pair {
    char name[32], value[256];
};

struct series {
    char name[32], label[128];
    struct pair option[EXPERIMENT_PAIRS_MAX];
    unsigned options;
};

struct experiment {
    char name[64], title[256], paper[512], plot[512];
    bool by_instructions; /* the metric */
    uint32_t sweep[EXPERIMENT_VALUES_MAX];
    unsigned values;
    uint32_t normalise; /* 0: not */
    struct series common;
    struct series series[EXPERIMENT_SERIES_MAX];
    unsigned count;
};

/* False with one sentence in `why`. */
bool experiment_read(struct experiment *experiment, const char *path, char *why, size_t why_bytes);

/* "1,2,8": at most EXPERIMENT_VALUES_MAX numbers from 1 to 65535. */
bool experiment_values(const char *text, uint32_t *values, unsigned *count);

/* An option of a series, or else what all share; NULL if neither gives it. */
const char *experiment_option(const struct experiment *experiment, const struct series *series,
                              const char *name);

#endif
