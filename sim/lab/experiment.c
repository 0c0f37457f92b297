/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/lab/experiment.h"
#include "sim/load/file.h"

#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool experiment_values(const char *text, uint32_t *values, unsigned *count)
{
    *count = 0;
    for (;;) {
        char *end;
        unsigned long value = strtoul(text, &end, 10);

        if (end == text || value < 1 || value > 65535 || *count == EXPERIMENT_VALUES_MAX)
            return false;
        values[(*count)++] = (uint32_t)value;
        end += strspn(end, " ");
        if (!*end)
            return true;
        if (*end != ',')
            return false;
        text = end + 1;
    }
}

struct reader {
    struct experiment *experiment;
    char sentence[512];
};

static int wrong(struct reader *reader, const char *what, const char *name)
{
    snprintf(reader->sentence, sizeof(reader->sentence), "%s: %s", name, what);
    return 0;
}

static int copy(struct reader *reader, char *to, size_t bytes, const char *name, const char *value)
{
    if (strlen(value) >= bytes)
        return wrong(reader, "the value is too long", name);
    strcpy(to, value);
    return 1;
}

static struct series *find_series(struct experiment *experiment, const char *section)
{
    struct series *series;

    for (unsigned i = 0; i < experiment->count; i++)
        if (!strcmp(experiment->series[i].name, section))
            return &experiment->series[i];
    if (experiment->count == EXPERIMENT_SERIES_MAX || strlen(section) >= sizeof(series->name))
        return NULL;
    series = &experiment->series[experiment->count++];
    strcpy(series->name, section);
    strcpy(series->label, section);
    return series;
}

static int add_option(struct reader *reader, struct series *series, const char *name,
                      const char *value)
{
    struct pair *pair = &series->option[series->options];

    if (series->options == EXPERIMENT_PAIRS_MAX)
        return wrong(reader, "too many options in its section", name);
    series->options++;
    return copy(reader, pair->name, sizeof(pair->name), name, name) &&
           copy(reader, pair->value, sizeof(pair->value), name, value);
}

static int experiment_line(struct reader *reader, const char *name, const char *value)
{
    struct experiment *experiment = reader->experiment;
    char *end;

    if (!strcmp(name, "name"))
        return copy(reader, experiment->name, sizeof(experiment->name), name, value);
    if (!strcmp(name, "title"))
        return copy(reader, experiment->title, sizeof(experiment->title), name, value);
    if (!strcmp(name, "paper"))
        return copy(reader, experiment->paper, sizeof(experiment->paper), name, value);
    if (!strcmp(name, "plot"))
        return copy(reader, experiment->plot, sizeof(experiment->plot), name, value);
    if (!strcmp(name, "metric")) {
        experiment->by_instructions = !strcmp(value, "instructions_per_second");
        return experiment->by_instructions || !strcmp(value, "units_per_second") ||
               wrong(reader, "must be units_per_second or instructions_per_second", name);
    }
    if (!strcmp(name, "sweep"))
        return experiment_values(value, experiment->sweep, &experiment->values) ||
               wrong(reader, "must be numbers from 1 to 65535, separated by commas", name);
    if (!strcmp(name, "normalise")) {
        experiment->normalise = (uint32_t)strtoul(value, &end, 10);
        return (!*end && experiment->normalise) || wrong(reader, "must be a number", name);
    }
    return add_option(reader, &experiment->common, name, value);
}

static int line(void *user, const char *section, const char *name, const char *value)
{
    struct reader *reader = user;
    struct series *series;

    if (!strcmp(section, "experiment"))
        return experiment_line(reader, name, value);
    series = find_series(reader->experiment, section);
    if (!*section || !series)
        return wrong(reader, "not in a section, too many sections, or too long a name", name);
    if (!strcmp(name, "label"))
        return copy(reader, series->label, sizeof(series->label), name, value);
    return add_option(reader, series, name, value);
}

bool experiment_read(struct experiment *experiment, const char *path, char *why, size_t why_bytes)
{
    struct reader reader = {.experiment = experiment};
    int result;

    memset(experiment, 0, sizeof(*experiment));
    if (!file_is_text(path, why, why_bytes))
        return false;
    result = ini_parse(path, line, &reader);
    if (result < 0)
        snprintf(why, why_bytes, "cannot read %s", path);
    else if (result > 0)
        snprintf(why, why_bytes, "%s, line %d: %s", path, result,
                 *reader.sentence ? reader.sentence : "not a section, a comment or name = value");
    else if (!*experiment->name || strchr(experiment->name, '/') || !experiment->values ||
             !experiment->count)
        snprintf(why, why_bytes, "%s needs a name, a sweep and at least one series", path);
    else
        return true;
    return false;
}

const char *experiment_option(const struct experiment *experiment, const struct series *series,
                              const char *name)
{
    for (unsigned i = 0; i < series->options; i++)
        if (!strcmp(series->option[i].name, name))
            return series->option[i].value;
    for (unsigned i = 0; i < experiment->common.options; i++)
        if (!strcmp(experiment->common.option[i].name, name))
            return experiment->common.option[i].value;
    return NULL;
}
