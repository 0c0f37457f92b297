/* SPDX-License-Identifier: GPL-2.0-only */
/* table.c - what the points gave, as a CSV file and beside the paper's */
#include "sim/lab/lab.h"
#include "sim/cli/setup.h"
#include "sim/load/places.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double number_in(const json_t *work, const char *key)
{
    const json_t *value = json_object_get(work, key);

    return json_is_number(value) ? json_number_value(value) : NAN;
}

bool lab_collect(struct lab *lab)
{
    for (unsigned i = 0; i < lab->points; i++) {
        struct point *point = &lab->point[i];
        json_error_t error;
        json_t *root = json_load_file(point->json, 0, &error);
        const json_t *work = json_object_get(root, "work");

        if (!work) {
            say("%s is not a result: %s", point->json, root ? "no work in it" : error.text);
            json_decref(root);
            return false;
        }
        point->units_per_second = number_in(work, "units_per_second");
        point->instructions_per_second = number_in(work, "instructions_per_second");
        point->smallest_share = number_in(work, "smallest_share");
        json_decref(root);
    }
    return true;
}

static double worth(const struct lab *lab, const struct point *point)
{
    return lab->experiment->by_instructions ? point->instructions_per_second
                                            : point->units_per_second;
}

double lab_throughput(const struct lab *lab, const struct point *point)
{
    if (!lab->experiment->normalise)
        return worth(lab, point);
    for (unsigned i = 0; i < lab->points; i++)
        if (lab->point[i].series == point->series && lab->point[i].n == lab->experiment->normalise)
            return worth(lab, point) / worth(lab, &lab->point[i]);
    return NAN;
}

bool lab_write_csv(const struct lab *lab)
{
    char path[4300];
    FILE *out;
    bool good;

    snprintf(path, sizeof(path), "%s/%s.csv", lab->out, lab->experiment->name);
    out = fopen(path, "w");
    if (!out) {
        say("cannot write %s: %s", path, strerror(errno));
        return false;
    }
    fprintf(out, "n,system,throughput,units_per_second,instructions_per_second,smallest_share,"
                 "window_ms\n");
    for (unsigned i = 0; i < lab->points; i++) {
        const struct point *point = &lab->point[i];

        fprintf(out, "%u,%s,%.4f,%.3f,%.0f,%.4f,%.3f\n", point->n, point->series->name,
                lab_throughput(lab, point), point->units_per_second, point->instructions_per_second,
                point->smallest_share, (double)point->for_ns / 1e6);
    }
    good = !ferror(out);
    good &= fclose(out) == 0;
    if (!good)
        say("cannot write %s: %s", path, strerror(errno));
    return good;
}

/* ---- the paper ------------------------------------------------------------------------------- */

struct published {
    uint32_t n;
    char series[32];
    double value;
};

/* Rows of n,system,throughput,...; lines with # and the line of names are passed over. The file
 * is one of the current folder, or else one that came with the program. */
static unsigned read_paper(const char *name, struct published *rows, unsigned most)
{
    char line[512], path[4096];
    unsigned count = 0;
    FILE *in = *name ? fopen(name, "r") : NULL;

    if (*name && !in && place_find(path, sizeof(path), name))
        in = fopen(path, "r");
    if (*name && !in)
        say("cannot read %s, the paper's points: %s", name, strerror(errno));
    while (in && count < most && fgets(line, sizeof(line), in)) {
        struct published *row = &rows[count];

        count += sscanf(line, "%u,%31[^,],%lf", &row->n, row->series, &row->value) == 3;
    }
    if (in)
        fclose(in);
    return count;
}

static double paper_at(const struct published *rows, unsigned count, const struct point *point)
{
    for (unsigned i = 0; i < count; i++)
        if (rows[i].n == point->n && !strcmp(rows[i].series, point->series->name))
            return rows[i].value;
    return NAN;
}

static void cell(FILE *out, double value)
{
    if (isnan(value))
        fprintf(out, "%9s", "-");
    else
        fprintf(out, "%9.3f", value);
}

void lab_print_table(const struct lab *lab, FILE *out)
{
    const struct experiment *experiment = lab->experiment;
    static struct published rows[POINTS_MAX];
    unsigned count = read_paper(experiment->paper, rows, POINTS_MAX);

    fprintf(out, "%s\n", *experiment->title ? experiment->title : experiment->name);
    for (unsigned s = 0; s < experiment->count; s++) {
        const struct series *series = &experiment->series[s];

        fprintf(out, "\n%s\n%8s%9s%9s%9s%12s%10s%13s\n", series->label, "n", "ours", "paper",
                "distance", "units/s", "MIPS", "least share");
        for (unsigned i = 0; i < lab->points; i++) {
            const struct point *point = &lab->point[i];
            double ours = lab_throughput(lab, point), theirs = paper_at(rows, count, point);

            if (point->series != series)
                continue;
            fprintf(out, "%8u", point->n);
            cell(out, ours);
            cell(out, theirs);
            cell(out, ours - theirs);
            fprintf(out, "%12.1f%10.1f%12.1f%%\n", point->units_per_second,
                    point->instructions_per_second / 1e6, 100 * point->smallest_share);
        }
    }
}
