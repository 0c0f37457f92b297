/* SPDX-License-Identifier: GPL-2.0-only */
/* parameter.c - reads, overrides and prints the values of machine files */
#include "cpu/costs/parameter.h"

#include <ini.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const unit_of[] = {
    [PARAMETER_FLAG] = "flag",         [PARAMETER_COUNT] = "count",   [PARAMETER_BYTES] = "bytes",
    [PARAMETER_HERTZ] = "hertz",       [PARAMETER_CYCLES] = "cycles", [PARAMETER_EIGHTH] = "cycles",
    [PARAMETER_MILLE] = "thousandths",
};

static uint64_t *value_of(const struct parameter_set *set, size_t row)
{
    return (uint64_t *)((char *)set->values + set->row[row].offset);
}

bool parameter_refuse(char *why, size_t why_bytes, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(why, why_bytes, format, arguments);
    va_end(arguments);
    return false;
}

/* ---- values ---------------------------------------------------------------------------------- */

/* Reads decimal digits; false when there are none or they do not fit. */
static bool digits(const char **text, uint64_t *value)
{
    const char *p = *text;

    *value = 0;
    while (*p >= '0' && *p <= '9') {
        if (__builtin_mul_overflow(*value, 10, value) ||
            __builtin_add_overflow(*value, (uint64_t)(*p - '0'), value))
            return false;
        p++;
    }
    if (p == *text)
        return false;
    *text = p;
    return true;
}

/* What a suffix multiplies by, for the kinds that know one; 0 when it is not one of theirs. */
static uint64_t suffix(enum parameter_kind kind, const char *text)
{
    static const struct {
        enum parameter_kind kind;
        char letter;
        uint64_t factor;
    } known[] = {
        {PARAMETER_BYTES, 'K', 1 << 10},
        {PARAMETER_BYTES, 'M', 1 << 20},
        {PARAMETER_HERTZ, 'M', 1000000},
        {PARAMETER_HERTZ, 'G', 1000000000},
    };

    if (!*text)
        return 1;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (known[i].kind == kind && known[i].letter == text[0] && !text[1])
            return known[i].factor;
    return 0;
}

/* A number with an optional fraction and suffix, in `scale`ths; false unless that is exact. */
static bool read_number(const char *text, enum parameter_kind kind, uint64_t scale, uint64_t *value)
{
    uint64_t whole, fraction = 0, one = 1;

    if (!digits(&text, &whole))
        return false;
    if (*text == '.') {
        const char *start = ++text;

        if (!digits(&text, &fraction) || text - start > 9)
            return false;
        for (const char *p = start; p < text; p++)
            one *= 10;
    }
    uint64_t factor = suffix(kind, text);
    if (!factor)
        return false;
    scale *= factor;
    if (fraction * (unsigned __int128)scale % one)
        return false;
    return !__builtin_mul_overflow(whole, scale, value) &&
           !__builtin_add_overflow(*value, (uint64_t)(fraction * (unsigned __int128)scale / one),
                                   value);
}

static bool read_value(const struct parameter *parameter, const char *text, uint64_t *value)
{
    bool read;

    if (parameter->kind == PARAMETER_FLAG) {
        *value = !strcmp(text, "yes");
        read = *value || !strcmp(text, "no");
    } else {
        read =
            read_number(text, parameter->kind, parameter->kind == PARAMETER_EIGHTH ? 8 : 1, value);
    }
    uint64_t scale = parameter->kind == PARAMETER_EIGHTH ? 8 : 1;
    return read && *value >= parameter->min * scale && *value <= parameter->max * scale;
}

static void write_value(const struct parameter *parameter, uint64_t value, char *text, size_t bytes)
{
    if (parameter->kind == PARAMETER_FLAG)
        snprintf(text, bytes, "%s", value ? "yes" : "no");
    else if (parameter->kind == PARAMETER_EIGHTH && value % 8)
        snprintf(text, bytes, "%" PRIu64 ".%03u", value / 8, (unsigned)(value % 8 * 125));
    else
        snprintf(text, bytes, "%" PRIu64, parameter->kind == PARAMETER_EIGHTH ? value / 8 : value);
}

static bool assign(const struct parameter_set *set, size_t row, const char *text, char *why,
                   size_t why_bytes)
{
    const struct parameter *parameter = &set->row[row];
    uint64_t value;

    if (!read_value(parameter, text, &value)) {
        if (parameter->kind == PARAMETER_FLAG)
            return parameter_refuse(why, why_bytes, "%s.%s is yes or no, not '%.40s'",
                                    parameter->section, parameter->name, text);
        return parameter_refuse(
            why, why_bytes, "%s.%s is %" PRIu64 " to %" PRIu64 " %s%s, not '%.40s'",
            parameter->section, parameter->name, parameter->min, parameter->max,
            unit_of[parameter->kind],
            parameter->kind == PARAMETER_EIGHTH ? " in steps of 0.125" : "", text);
    }
    *value_of(set, row) = value;
    return true;
}

/* ---- the file -------------------------------------------------------------------------------- */

struct reading {
    const struct parameter_file *file;
    char *name, why[256];
    bool *given, named;
};

static size_t rows_of(const struct parameter_file *file)
{
    size_t rows = 0;

    for (size_t i = 0; i < file->sets; i++)
        rows += file->set[i].rows;
    return rows;
}

static bool take_name(struct reading *reading, const char *text)
{
    if (reading->named)
        return parameter_refuse(reading->why, sizeof(reading->why), "machine.name is given twice");
    if (!*text || strlen(text) >= PARAMETER_NAME_BYTES)
        return parameter_refuse(reading->why, sizeof(reading->why),
                                "machine.name is 1 to %d characters", PARAMETER_NAME_BYTES - 1);
    strcpy(reading->name, text);
    reading->named = true;
    return true;
}

/* inih reports the line of the first zero; the sentence about it is then in `why`, and stays. */
static int take(void *user, const char *section, const char *name, const char *text)
{
    struct reading *reading = user;
    bool *given = reading->given;

    if (*reading->why)
        return 0;
    if (!strcmp(section, "machine") && !strcmp(name, "name"))
        return take_name(reading, text);
    for (size_t i = 0; i < reading->file->sets; i++) {
        const struct parameter_set *set = &reading->file->set[i];

        for (size_t row = 0; row < set->rows; row++, given++) {
            if (strcmp(section, set->row[row].section) || strcmp(name, set->row[row].name))
                continue;
            if (*given)
                return parameter_refuse(reading->why, sizeof(reading->why), "%s.%s is given twice",
                                        section, name);
            *given = true;
            return assign(set, row, text, reading->why, sizeof(reading->why));
        }
    }
    return reading->file->partial ||
           parameter_refuse(reading->why, sizeof(reading->why),
                            "there is no parameter '%.40s.%.40s'", section, name);
}

static bool complete(const struct reading *reading, const char *path, char *why, size_t why_bytes)
{
    const bool *given = reading->given;

    if (!reading->named)
        return parameter_refuse(why, why_bytes, "%s: machine.name is missing", path);
    for (size_t i = 0; i < reading->file->sets; i++) {
        const struct parameter_set *set = &reading->file->set[i];

        for (size_t row = 0; row < set->rows; row++, given++)
            if (!*given)
                return parameter_refuse(why, why_bytes, "%s: %s.%s is missing (%s)", path,
                                        set->row[row].section, set->row[row].name,
                                        set->row[row].description);
    }
    return true;
}

bool parameters_read(const struct parameter_file *file, char *name, const char *path, char *why,
                     size_t why_bytes)
{
    struct reading reading = {.file = file, .name = name};
    FILE *stream = fopen(path, "r");
    bool good = false;
    int line;

    if (!stream)
        return parameter_refuse(why, why_bytes, "%s: cannot be opened: %m", path);
    reading.given = calloc(rows_of(file) + 1, sizeof(*reading.given));
    if (reading.given) {
        line = ini_parse_file(stream, take, &reading);
        if (*reading.why)
            parameter_refuse(why, why_bytes, "%s:%d: %s", path, line, reading.why);
        else if (line)
            parameter_refuse(why, why_bytes, "%s:%d: this is not 'name = value'", path, line);
        else
            good = complete(&reading, path, why, why_bytes);
    } else {
        parameter_refuse(why, why_bytes, "%s: no memory to read it", path);
    }
    free(reading.given);
    fclose(stream);
    return good;
}

bool parameters_override(const struct parameter_file *file, const char *assignment, char *why,
                         size_t why_bytes)
{
    const char *equals = strchr(assignment, '=');

    if (!equals)
        return parameter_refuse(why, why_bytes, "'%.60s' is not NAME=VALUE", assignment);
    for (size_t i = 0; i < file->sets; i++)
        for (size_t row = 0; row < file->set[i].rows; row++) {
            const struct parameter *parameter = &file->set[i].row[row];
            char key[PARAMETER_KEY_BYTES];
            int length = snprintf(key, sizeof(key), "%s.%s", parameter->section, parameter->name);

            if (equals - assignment == length && !memcmp(key, assignment, (size_t)length))
                return assign(&file->set[i], row, equals + 1, why, why_bytes);
        }
    return parameter_refuse(why, why_bytes, "the machine has no parameter '%.*s'",
                            (int)(equals - assignment < 60 ? equals - assignment : 60), assignment);
}

void parameter_visit(const struct parameter_set *set, size_t row, parameter_visitor *visit,
                     void *context)
{
    const struct parameter *parameter = &set->row[row];
    char key[PARAMETER_KEY_BYTES], value[32];

    snprintf(key, sizeof(key), "%s.%s", parameter->section, parameter->name);
    write_value(parameter, *value_of(set, row), value, sizeof(value));
    visit(context, key, value, unit_of[parameter->kind]);
}
