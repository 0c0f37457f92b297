/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * experiment.h - a description of an experiment, as experiments/NAME.ini gives it
 *
 * [experiment] says what all points share; [domain NAME] is a kind of copies that differ from
 * others (run --domain), in all points; every other section is a series, whose name is the
 * system's name in the results. A line is
 *
 *   in [experiment] only
 *     name, title        of the experiment
 *     combine            product (the default): every value of an axis with every value of the
 *                        others; or zip: the first values together, the second ones, and so on
 *     metric             what a point is worth: units_per_second (the default) or
 *                        instructions_per_second, which are below work in a result, or any
 *                        number of a result by its name
 *     normalise          a value of the first axis: points are divided by the point of their
 *                        series that has it, and the same values of the other axes
 *     paper, plot        published points, and what draws them
 *   in a series only
 *     label              its name in words
 *     inherit            another series, whose lines count as if they stood before its own
 *     template           yes: it is inherited from and has no points
 *   in both
 *     axis.NAME          values of what NAME would set, separated by commas
 *     sweep              the same as axis.domains
 *     NAME               an option of `xenolith run` without its dashes, or, with a dot in its
 *                        name, a parameter of the machine
 *
 * A line KEY of [domain NAME] is domain.NAME.KEY everywhere else, so that series can say something
 * else: domain.web.count = 2, axis.domain.web.weight = 10, 20. In its section: axis.weight = 1, 2.
 *
 * A series' line takes the place of one by the same name in what it inherits from, and that the
 * place of one in [experiment]; an axis and a single value take each other's place.
 */
#ifndef XENOLITH_SIM_EXPERIMENT_H
#define XENOLITH_SIM_EXPERIMENT_H

#include "sim/lab/sections.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPERIMENT_SERIES_MAX 64
#define EXPERIMENT_AXES_MAX   8
#define EXPERIMENT_VALUES_MAX 256
#define EXPERIMENT_NAME_MAX   64

/* What a series says of one name, from wherever it has that. */
struct setting {
    const char *name, *section; /* the section whose line it is */
    unsigned line;
    bool axis;
    char **value; /* of an axis: all; else one */
    size_t values;
    char *text; /* that the values lie in */
};

struct series {
    const char *name, *label;
    unsigned line;
    const char *inherits; /* NULL: none */
    unsigned inherits_line;
    bool template;
    struct setting *setting; /* in the order in which names first stand */
    size_t settings;
    size_t axis[EXPERIMENT_AXES_MAX]; /* settings that are axes */
    size_t axes;
};

struct experiment {
    struct sections sections;
    const char *name, *title, *paper, *plot;
    const char *metric; /* the name of a value in a result */
    const char *normalise;
    unsigned metric_line, normalise_line;
    bool zip;
    char **composed; /* names of lines in [domain NAME] */
    size_t composed_count;
    struct series series[EXPERIMENT_SERIES_MAX];
    size_t count; /* of series, templates among them */
};

/*
 * Reads a description. False with one sentence in `why`, with the line where one is wrong.
 * Whether options exist and values are theirs is not found out here (points.c).
 * experiment_free() afterwards in either case.
 */
bool experiment_read(struct experiment *experiment, const char *path, char *why, size_t why_bytes);
void experiment_free(struct experiment *experiment);

/* What a series says of a name; NULL: nothing. */
const struct setting *experiment_setting(const struct series *series, const char *name);

#endif
