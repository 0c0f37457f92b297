/* SPDX-License-Identifier: GPL-2.0-only */
/* table.c - what the points gave, as a CSV file and beside the paper's */
#include "sim/lab/lab.h"

#include "sim/cli/setup.h"
#include "sim/lab/compare.h"
#include "sim/load/places.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_path(const void *key, const void *leaf)
{
    return strcmp(key, ((const struct leaf *)leaf)->path);
}

static double number_in(const struct leaf_list *leaves, const char *path)
{
    const struct leaf *leaf =
        leaves->count ? bsearch(path, leaves->leaf, leaves->count, sizeof(*leaves->leaf), by_path)
                      : NULL;

    return leaf && leaf->kind == LEAF_NUMBER ? leaf->number : NAN;
}

bool lab_collect(struct lab *lab, char *why)
{
    const struct experiment *experiment = &lab->experiment;

    for (size_t i = 0; i < lab->points; i++) {
        struct point *point = &lab->point[i];
        struct leaf_list leaves;

        point->metric = point->units_per_second = point->instructions_per_second =
            point->smallest_share = point->window_ns = NAN;
        if (point->state != POINT_DONE)
            continue;
        if (!compare_read(point->result, &leaves, why, LAB_WHY))
            return false;
        point->metric = number_in(&leaves, experiment->metric);
        point->units_per_second = number_in(&leaves, "work.units_per_second");
        point->instructions_per_second = number_in(&leaves, "work.instructions_per_second");
        point->smallest_share = number_in(&leaves, "work.smallest_share");
        point->window_ns = number_in(&leaves, "configuration.window_ns");
        leaves_free(&leaves);
        if (isnan(point->metric) && experiment->metric_line)
            return sections_wrong(&experiment->sections, experiment->metric_line, why, LAB_WHY,
                                  "%s has no number %s", point->result, experiment->metric);
    }
    return true;
}

/* The point of the same series whose first axis has the value that all are divided by. */
static const struct point *base_of(const struct lab *lab, const struct point *point)
{
    for (size_t i = 0; i < lab->points; i++) {
        const struct point *other = &lab->point[i];
        bool same = other->series == point->series && point->series->axes &&
                    !strcmp(other->value[0], lab->experiment.normalise);

        for (size_t k = 1; same && k < point->series->axes; k++)
            same = lab->experiment.zip || !strcmp(other->value[k], point->value[k]);
        if (same)
            return other;
    }
    return NULL;
}

double lab_throughput(const struct lab *lab, const struct point *point)
{
    const struct point *base = lab->experiment.normalise ? base_of(lab, point) : NULL;

    if (!lab->experiment.normalise)
        return point->metric;
    return base ? point->metric / base->metric : NAN;
}

/* ---- axes ------------------------------------------------------------------------------------ */

#define NAMES_MAX (EXPERIMENT_SERIES_MAX * EXPERIMENT_AXES_MAX)

/* The names of all series' axes, each once; how many. */
static size_t axis_names(const struct experiment *experiment, const char *names[NAMES_MAX])
{
    size_t count = 0;

    for (size_t s = 0; s < experiment->count; s++) {
        const struct series *series = &experiment->series[s];

        for (size_t i = 0; !series->template && i < series->axes; i++) {
            const char *name = series->setting[series->axis[i]].name;
            size_t known = 0;

            while (known < count && strcmp(names[known], name) != 0)
                known++;
            if (known == count)
                names[count++] = name;
        }
    }
    return count;
}

/* What a point has for a name: of an axis, or the series' one value; "" for none. */
static const char *value_for(const struct point *point, const char *name)
{
    const struct series *series = point->series;
    const struct setting *setting = experiment_setting(series, name);

    for (size_t i = 0; i < series->axes; i++)
        if (&series->setting[series->axis[i]] == setting)
            return point->value[i];
    return setting ? setting->value[0] : "";
}

/* Copies are called n, as in the paper's files. */
static const char *column_of(const char *name)
{
    return strcmp(name, "domains") ? name : "n";
}

/* Characters of an axis's column. */
static int width_of(const struct series *series, size_t axis)
{
    int length = (int)strlen(column_of(series->setting[series->axis[axis]].name)) + 2;
    int least = axis ? 12 : 8;

    return length > least ? length : least;
}

/* ---- CSV (RFC 4180) -------------------------------------------------------------------------- */

static void put_field(FILE *out, const char *text)
{
    if (!strpbrk(text, "\",")) {
        fprintf(out, "%s,", text);
        return;
    }
    fputc('"', out);
    for (; *text; text++)
        fprintf(out, *text == '"' ? "\"\"" : "%c", *text);
    fputs("\",", out);
}

static void put_number(FILE *out, const char *form, double value, const char *end)
{
    if (!isnan(value))
        fprintf(out, form, value);
    fputs(end, out);
}

static void put_row(const struct lab *lab, const struct point *point, FILE *out)
{
    put_field(out, point->series->name);
    put_number(out, "%.4f", lab_throughput(lab, point), ",");
    put_number(out, "%.10g", point->metric, ",");
    put_number(out, "%.3f", point->units_per_second, ",");
    put_number(out, "%.0f", point->instructions_per_second, ",");
    put_number(out, "%.4f", point->smallest_share, ",");
    put_number(out, "%.3f", point->window_ns / 1e6, "\n");
}

static void put_table(const struct lab *lab, FILE *out)
{
    const char *names[NAMES_MAX];
    size_t count = axis_names(&lab->experiment, names);

    for (size_t k = 0; k < count; k++)
        fprintf(out, "%s,", column_of(names[k]));
    fprintf(out, "system,throughput,metric,units_per_second,instructions_per_second,"
                 "smallest_share,window_ms\n");
    for (size_t i = 0; i < lab->points; i++) {
        const struct point *point = &lab->point[i];

        if (point->state != POINT_DONE)
            continue;
        for (size_t k = 0; k < count; k++)
            put_field(out, value_for(point, names[k]));
        put_row(lab, point, out);
    }
}

bool lab_write_csv(const struct lab *lab, char *why)
{
    char path[4300];
    bool good = false;
    FILE *out;

    snprintf(path, sizeof(path), "%s/%s.csv", lab->out, lab->experiment.name);
    out = fopen(path, "w");
    if (out) {
        put_table(lab, out);
        good = !ferror(out);
        good &= fclose(out) == 0;
    }
    if (!good)
        snprintf(why, LAB_WHY, "cannot write %s: %s", path, strerror(errno));
    return good;
}

/* ---- the paper ------------------------------------------------------------------------------- */

#define PUBLISHED_MAX 1024

struct published {
    char n[16], series[32];
    double value;
};

/* Rows of n,system,throughput,...; lines with # and the line of names are passed over. The file
 * is one of the current folder, or else one that came with the program. */
static size_t read_paper(const char *name, struct published *rows, size_t most)
{
    char line[512], path[4096];
    size_t count = 0;
    FILE *in = *name ? fopen(name, "r") : NULL;

    if (*name && !in && place_find(path, sizeof(path), name))
        in = fopen(path, "r");
    if (*name && !in)
        say("cannot read %s, the paper's points: %s", name, strerror(errno));
    while (in && count < most && fgets(line, sizeof(line), in)) {
        struct published *row = &rows[count];

        count += *line != '#' &&
                 sscanf(line, "%15[0-9],%31[^,],%lf", row->n, row->series, &row->value) == 3;
    }
    if (in)
        fclose(in);
    return count;
}

/* Published points are by series and number of copies. */
static double paper_at(const struct published *rows, size_t count, const struct point *point)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(rows[i].n, value_for(point, "domains")) &&
            !strcmp(rows[i].series, point->series->name))
            return rows[i].value;
    return NAN;
}

static void cell(FILE *out, int width, const char *form, double value)
{
    char text[64] = "-";

    if (!isnan(value))
        snprintf(text, sizeof(text), form, value);
    fprintf(out, "%*s", width, text);
}

static void print_point(const struct lab *lab, const struct point *point,
                        const struct published *rows, size_t count, FILE *out)
{
    double ours = lab_throughput(lab, point), theirs = paper_at(rows, count, point);
    const char *form = fabs(ours) < 100000 ? "%.3f" : "%.4g";

    for (size_t i = 0; i < point->series->axes; i++)
        fprintf(out, "%*s", width_of(point->series, i), point->value[i]);
    if (point->state == POINT_FAILED)
        fprintf(out, "   failed\n");
    if (point->state != POINT_DONE)
        return;
    cell(out, 12, form, ours);
    if (count) {
        cell(out, 9, "%.3f", theirs);
        cell(out, 9, "%.3f", ours - theirs);
    }
    cell(out, 12, "%.1f", point->units_per_second);
    cell(out, 10, "%.1f", point->instructions_per_second / 1e6);
    cell(out, 12, "%.1f%%", 100 * point->smallest_share);
    fputc('\n', out);
}

void lab_print_table(const struct lab *lab, FILE *out)
{
    const struct experiment *experiment = &lab->experiment;
    static struct published rows[PUBLISHED_MAX];
    size_t count = read_paper(experiment->paper, rows, PUBLISHED_MAX);

    fprintf(out, "%s\n", *experiment->title ? experiment->title : experiment->name);
    for (size_t s = 0; s < experiment->count; s++) {
        const struct series *series = &experiment->series[s];

        if (series->template)
            continue;
        fprintf(out, "\n%s\n", series->label);
        for (size_t i = 0; i < series->axes; i++)
            fprintf(out, "%*s", width_of(series, i),
                    column_of(series->setting[series->axis[i]].name));
        fprintf(out, "%12s", "ours");
        if (count)
            fprintf(out, "%9s%9s", "paper", "distance");
        fprintf(out, "%12s%10s%13s\n", "units/s", "MIPS", "least share");
        for (size_t i = 0; i < lab->points; i++)
            if (lab->point[i].series == series && lab->point[i].state != POINT_IDLE)
                print_point(lab, &lab->point[i], rows, count, out);
    }
}
