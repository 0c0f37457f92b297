/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/lab/experiment.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    struct experiment *experiment;
    char *why;
    size_t why_bytes;
};

static bool wrong(const struct reader *reader, unsigned line, const char *name, const char *what)
{
    return sections_wrong(&reader->experiment->sections, line, reader->why, reader->why_bytes,
                          "%s%s%s", name, *name ? " " : "", what);
}

/* A word that is the name of a file and of no other folder. */
static bool is_plain(const char *name)
{
    for (const char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("._+-", *c))
            return false;
    return *name && *name != '.' && *name != '-' && strlen(name) < EXPERIMENT_NAME_MAX;
}

static const char plain_rule[] =
    "must have letters, digits and . _ + - alone, begin with none of . -, and be short";

/* ---- [experiment] ---------------------------------------------------------------------------- */

static bool set_metric(struct reader *reader, const struct section_line *line)
{
    struct experiment *experiment = reader->experiment;

    experiment->metric_line = line->number;
    experiment->metric = line->value;
    if (!strcmp(line->value, "units_per_second"))
        experiment->metric = "work.units_per_second";
    if (!strcmp(line->value, "instructions_per_second"))
        experiment->metric = "work.instructions_per_second";
    return strchr(experiment->metric, '.') ||
           wrong(reader, line->number, line->name,
                 "must be units_per_second, instructions_per_second or the name of a value, "
                 "as in events.page_faults[0]");
}

/* True if the line is one that [experiment] alone has; *good says whether it was well. */
static bool own_line(struct reader *reader, const struct section_line *line, bool *good)
{
    struct experiment *experiment = reader->experiment;
    const struct {
        const char *name, **to;
    } texts[] = {{"title", &experiment->title},
                 {"paper", &experiment->paper},
                 {"plot", &experiment->plot},
                 {"name", &experiment->name},
                 {"normalise", &experiment->normalise}};

    *good = true;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        if (!strcmp(line->name, texts[i].name)) {
            *texts[i].to = line->value;
            if (!strcmp(line->name, "name") && !is_plain(line->value))
                *good = wrong(reader, line->number, line->name, plain_rule);
            else if (!*line->value)
                *good = wrong(reader, line->number, line->name, "has no value");
            if (!strcmp(line->name, "normalise"))
                experiment->normalise_line = line->number;
            return true;
        }
    if (!strcmp(line->name, "metric")) {
        *good = set_metric(reader, line);
        return true;
    }
    if (strcmp(line->name, "combine") != 0)
        return false;
    experiment->zip = !strcmp(line->value, "zip");
    if (!experiment->zip && strcmp(line->value, "product") != 0)
        *good = wrong(reader, line->number, line->name, "must be product or zip");
    return true;
}

/* ---- settings -------------------------------------------------------------------------------- */

static struct setting *find_setting(const struct series *series, const char *name)
{
    for (size_t i = 0; i < series->settings; i++)
        if (!strcmp(series->setting[i].name, name))
            return &series->setting[i];
    return NULL;
}

const struct setting *experiment_setting(const struct series *series, const char *name)
{
    return find_setting(series, name);
}

static bool split(struct reader *reader, const struct section_line *line, struct setting *setting)
{
    char *rest = setting->text, *member;

    setting->value = calloc(EXPERIMENT_VALUES_MAX, sizeof(*setting->value));
    if (!setting->text || !setting->value)
        return wrong(reader, line->number, line->name, "does not fit into memory");
    while ((member = sections_member(&rest))) {
        if (!*member)
            return wrong(reader, line->number, line->name, "has an empty value");
        for (size_t i = 0; i < setting->values; i++)
            if (!strcmp(setting->value[i], member))
                return wrong(reader, line->number, line->name, "has a value twice");
        if (setting->values == EXPERIMENT_VALUES_MAX)
            return wrong(reader, line->number, line->name, "has too many values");
        setting->value[setting->values++] = member;
    }
    return true;
}

/* One line's setting, in the place of another by the same name. */
static bool take_setting(struct reader *reader, struct series *series,
                         const struct section_line *line)
{
    bool sweep = !strcmp(line->name, "sweep");
    bool axis = sweep || !strncmp(line->name, "axis.", 5);
    const char *name = sweep ? "domains" : axis ? line->name + 5 : line->name;
    struct setting *setting = find_setting(series, name);

    if (!*name)
        return wrong(reader, line->number, line->name, "is the name of nothing");
    if (setting && !strcmp(setting->section, line->section))
        return wrong(reader, line->number, line->name, "is given twice, as a value and an axis");
    if (!setting)
        setting = &series->setting[series->settings++];
    free(setting->text);
    free(setting->value);
    *setting = (struct setting){.name = name,
                                .section = line->section,
                                .line = line->number,
                                .axis = axis,
                                .text = strdup(line->value)};
    if (axis)
        return split(reader, line, setting);
    setting->value = calloc(1, sizeof(*setting->value));
    if (!setting->text || !setting->value)
        return wrong(reader, line->number, line->name, "does not fit into memory");
    setting->value[0] = setting->text;
    setting->values = 1;
    return true;
}

/* ---- series ---------------------------------------------------------------------------------- */

static struct series *find_series(struct experiment *experiment, const char *name)
{
    for (size_t i = 0; i < experiment->count; i++)
        if (!strcmp(experiment->series[i].name, name))
            return &experiment->series[i];
    return NULL;
}

/* True if the line is one that only series have. */
static bool series_line(const struct section_line *line)
{
    return !strcmp(line->name, "label") || !strcmp(line->name, "inherit") ||
           !strcmp(line->name, "template");
}

static bool begin_series(struct reader *reader, const struct section_line *line)
{
    struct experiment *experiment = reader->experiment;
    struct series *series = &experiment->series[experiment->count];

    if (!is_plain(line->section))
        return wrong(reader, line->number, line->section, plain_rule);
    if (experiment->count == EXPERIMENT_SERIES_MAX)
        return wrong(reader, line->number, line->section, "is one series too many");
    *series = (struct series){.name = line->section, .label = line->section, .line = line->number};
    series->setting = calloc(experiment->sections.count + 1, sizeof(*series->setting));
    if (!series->setting)
        return wrong(reader, line->number, line->section, "does not fit into memory");
    experiment->count++;
    return true;
}

static bool take_series_line(struct reader *reader, const struct section_line *line)
{
    struct series *series = find_series(reader->experiment, line->section);

    if (!series)
        return false;
    if (!strcmp(line->name, "label"))
        series->label = line->value;
    if (!strcmp(line->name, "inherit")) {
        series->inherits = line->value;
        series->inherits_line = line->number;
        if (!find_series(reader->experiment, line->value))
            return wrong(reader, line->number, line->name, "names no series");
    }
    if (!strcmp(line->name, "template")) {
        series->template = !strcmp(line->value, "yes");
        if (!series->template && strcmp(line->value, "no") != 0)
            return wrong(reader, line->number, line->name, "must be yes or no");
    }
    return true;
}

/* Settings of one section into a series; [experiment]'s own lines are passed over. */
static bool take_section(struct reader *reader, struct series *series, const char *section)
{
    const struct sections *sections = &reader->experiment->sections;
    bool shared = !strcmp(section, "experiment"), ignored;

    for (size_t i = 0; i < sections->count; i++) {
        const struct section_line *line = &sections->line[i];

        if (!line->name || strcmp(line->section, section) != 0 ||
            (shared ? own_line(reader, line, &ignored) : series_line(line)))
            continue;
        if (!take_setting(reader, series, line))
            return false;
    }
    return true;
}

/* What it inherits from first, the farthest at the beginning. */
static bool take_inherited(struct reader *reader, struct series *series, const struct series *from,
                           unsigned depth)
{
    const struct series *parent =
        from->inherits ? find_series(reader->experiment, from->inherits) : NULL;

    if (depth > EXPERIMENT_SERIES_MAX)
        return wrong(reader, series->inherits_line, "inherit", "leads in a circle");
    return (!parent || take_inherited(reader, series, parent, depth + 1)) &&
           take_section(reader, series, from->name);
}

static bool count_axes(struct reader *reader, struct series *series)
{
    for (size_t i = 0; i < series->settings; i++) {
        const struct setting *setting = &series->setting[i];

        if (!setting->axis)
            continue;
        if (series->axes == EXPERIMENT_AXES_MAX)
            return wrong(reader, setting->line, setting->name, "is one axis too many");
        if (reader->experiment->zip && series->axes &&
            setting->values != series->setting[series->axis[0]].values)
            return wrong(reader, setting->line, setting->name,
                         "has not as many values as the axis before it, and they are zipped");
        series->axis[series->axes++] = i;
    }
    return true;
}

static bool fill_series(struct reader *reader, struct series *series)
{
    const struct sections *sections = &reader->experiment->sections;
    bool says = false;

    for (size_t i = 0; i < sections->count; i++)
        says |= sections->line[i].name && !strcmp(sections->line[i].section, series->name);
    if (!says)
        return wrong(reader, series->line, series->name, "is a series that says nothing");
    return take_section(reader, series, "experiment") &&
           take_inherited(reader, series, series, 0) && count_axes(reader, series);
}

/* ---- [domain NAME] --------------------------------------------------------------------------- */

static const char domain_section[] = "domain ";

static bool is_domain(const struct section_line *line)
{
    return !strncmp(line->section, domain_section, sizeof(domain_section) - 1);
}

/* KEY in [domain NAME] is domain.NAME.KEY of [experiment], and axis.KEY an axis of it. */
static bool name_domains(struct reader *reader)
{
    struct experiment *experiment = reader->experiment;
    struct sections *sections = &experiment->sections;

    experiment->composed = calloc(sections->count + 1, sizeof(*experiment->composed));
    for (size_t i = 0; experiment->composed && i < sections->count; i++) {
        struct section_line *line = &sections->line[i];
        const char *kind = line->section + sizeof(domain_section) - 1, *key = line->name;
        bool axis = key && !strncmp(key, "axis.", 5);
        char *name;

        if (!is_domain(line))
            continue;
        kind += strspn(kind, " \t");
        if (!is_plain(kind) || strchr(kind, '.'))
            return wrong(reader, line->number, kind, "is no name of a kind of domains");
        if (!key)
            continue;
        if (strchr(axis ? key + 5 : key, '.'))
            return wrong(reader, line->number, key, "is nothing that a kind of domains has");
        if (asprintf(&name, "%sdomain.%s.%s", axis ? "axis." : "", kind, axis ? key + 5 : key) < 0)
            return wrong(reader, line->number, key, "does not fit into memory");
        experiment->composed[experiment->composed_count++] = name;
        line->name = name;
        line->section = "experiment";
    }
    return experiment->composed || wrong(reader, 1, "", "a description does not fit into memory");
}

/* ---- all of it ------------------------------------------------------------------------------- */

static bool read_lines(struct reader *reader)
{
    struct experiment *experiment = reader->experiment;
    const struct sections *sections = &experiment->sections;
    bool good = true;

    for (size_t i = 0; i < sections->count; i++)
        if (!sections->line[i].name && strcmp(sections->line[i].section, "experiment") != 0 &&
            !is_domain(&sections->line[i]) && !begin_series(reader, &sections->line[i]))
            return false;
    for (size_t i = 0; i < sections->count; i++) {
        const struct section_line *line = &sections->line[i];

        if (!line->name)
            continue;
        if (strcmp(line->section, "experiment") != 0)
            good = take_series_line(reader, line);
        else if (series_line(line))
            good = wrong(reader, line->number, line->name, "belongs into a series");
        else
            own_line(reader, line, &good);
        if (!good)
            return false;
    }
    return true;
}

/* A series must not repeat what [experiment] alone may say. */
static bool check_own(struct reader *reader)
{
    static const char *const own[] = {"name",    "title",  "paper",    "plot",
                                      "combine", "metric", "normalise"};
    const struct sections *sections = &reader->experiment->sections;

    for (size_t i = 0; i < sections->count; i++)
        for (size_t k = 0; k < sizeof(own) / sizeof(*own); k++)
            if (sections->line[i].name && strcmp(sections->line[i].section, "experiment") != 0 &&
                !strcmp(sections->line[i].name, own[k]))
                return wrong(reader, sections->line[i].number, own[k], "belongs into [experiment]");
    return true;
}

static bool has_points(const struct experiment *experiment)
{
    for (size_t i = 0; i < experiment->count; i++)
        if (!experiment->series[i].template)
            return true;
    return false;
}

static bool check_normalise(struct reader *reader)
{
    const struct experiment *experiment = reader->experiment;

    for (size_t s = 0; experiment->normalise && s < experiment->count; s++) {
        const struct series *series = &experiment->series[s];
        const struct setting *first = series->axes ? &series->setting[series->axis[0]] : NULL;
        bool found = series->template;

        for (size_t i = 0; first && i < first->values; i++)
            found |= !strcmp(first->value[i], experiment->normalise);
        if (!found)
            return wrong(reader, experiment->normalise_line, "normalise",
                         "is no value of every series' first axis");
    }
    return true;
}

bool experiment_read(struct experiment *experiment, const char *path, char *why, size_t why_bytes)
{
    struct reader reader = {experiment, why, why_bytes};

    *experiment = (struct experiment){
        .title = "", .paper = "", .plot = "", .metric = "work.units_per_second"};
    if (!sections_read(&experiment->sections, path, NULL, why, why_bytes) ||
        !name_domains(&reader) || !read_lines(&reader) || !check_own(&reader))
        return false;
    for (size_t i = 0; i < experiment->count; i++)
        if (!fill_series(&reader, &experiment->series[i]))
            return false;
    if (!experiment->name || !has_points(experiment)) {
        snprintf(why, why_bytes, "%s needs a name in [experiment], and at least one series", path);
        return false;
    }
    return check_normalise(&reader);
}

void experiment_free(struct experiment *experiment)
{
    for (size_t i = 0; i < experiment->count; i++) {
        struct series *series = &experiment->series[i];

        for (size_t k = 0; k < series->settings; k++) {
            free(series->setting[k].text);
            free(series->setting[k].value);
        }
        free(series->setting);
    }
    for (size_t i = 0; i < experiment->composed_count; i++)
        free(experiment->composed[i]);
    free(experiment->composed);
    sections_free(&experiment->sections);
    experiment->count = experiment->composed_count = 0;
}
