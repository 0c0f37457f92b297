/* SPDX-License-Identifier: GPL-2.0-only */
/* costs.c - reads, overrides, checks and prints machine descriptions */
#include "cpu/costs/costs.h"

#include <ini.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

enum kind { FLAG, COUNT, BYTES, HERTZ, CYCLES, EIGHTH, MILLE };

static const char *const unit_of[] = {
    [FLAG] = "flag",     [COUNT] = "count",   [BYTES] = "bytes",       [HERTZ] = "hertz",
    [CYCLES] = "cycles", [EIGHTH] = "cycles", [MILLE] = "thousandths",
};

static const struct parameter {
    const char *section, *name;
    size_t offset;
    enum kind kind;
    uint64_t min, max;
    const char *description;
} parameters[] = {
#define PARAMETER(section, name, field, kind, min, max, description)                               \
    {section, name, offsetof(struct machine_costs, field), kind, min, max, description},
#include "cpu/costs/costs.def"
#undef PARAMETER
};

#define NR_PARAMETERS (sizeof(parameters) / sizeof(parameters[0]))

static uint64_t *value_of(struct machine_costs *costs, const struct parameter *parameter)
{
    return (uint64_t *)((char *)costs + parameter->offset);
}

static bool refuse(char *why, size_t why_bytes, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool refuse(char *why, size_t why_bytes, const char *format, ...)
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
static uint64_t suffix(enum kind kind, const char *text)
{
    static const struct {
        enum kind kind;
        char letter;
        uint64_t factor;
    } known[] = {
        {BYTES, 'K', 1 << 10},
        {BYTES, 'M', 1 << 20},
        {HERTZ, 'M', 1000000},
        {HERTZ, 'G', 1000000000},
    };
    if (!*text)
        return 1;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (known[i].kind == kind && known[i].letter == text[0] && !text[1])
            return known[i].factor;
    return 0;
}

/* A number with an optional fraction and suffix, in `scale`ths; false unless that is exact. */
static bool read_number(const char *text, enum kind kind, uint64_t scale, uint64_t *value)
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
    if (parameter->kind == FLAG) {
        *value = !strcmp(text, "yes");
        read = *value || !strcmp(text, "no");
    } else {
        read = read_number(text, parameter->kind, parameter->kind == EIGHTH ? 8 : 1, value);
    }
    uint64_t scale = parameter->kind == EIGHTH ? 8 : 1;
    return read && *value >= parameter->min * scale && *value <= parameter->max * scale;
}

static void write_value(const struct parameter *parameter, uint64_t value, char *text, size_t bytes)
{
    if (parameter->kind == FLAG)
        snprintf(text, bytes, "%s", value ? "yes" : "no");
    else if (parameter->kind == EIGHTH && value % 8)
        snprintf(text, bytes, "%" PRIu64 ".%03u", value / 8, (unsigned)(value % 8 * 125));
    else
        snprintf(text, bytes, "%" PRIu64, parameter->kind == EIGHTH ? value / 8 : value);
}

static bool set(struct machine_costs *costs, const struct parameter *parameter, const char *text,
                char *why, size_t why_bytes)
{
    uint64_t value;
    if (!read_value(parameter, text, &value)) {
        if (parameter->kind == FLAG)
            return refuse(why, why_bytes, "%s.%s is yes or no, not '%.40s'", parameter->section,
                          parameter->name, text);
        return refuse(why, why_bytes, "%s.%s is %" PRIu64 " to %" PRIu64 " %s%s, not '%.40s'",
                      parameter->section, parameter->name, parameter->min, parameter->max,
                      unit_of[parameter->kind],
                      parameter->kind == EIGHTH ? " in steps of 0.125" : "", text);
    }
    *value_of(costs, parameter) = value;
    return true;
}

/* ---- the description ------------------------------------------------------------------------- */

struct reading {
    struct machine_costs *costs;
    const char *path;
    char *why;
    size_t why_bytes;
    bool given[NR_PARAMETERS], named;
};

/* inih stops at the first zero and reports its line; the sentence is then already in `why`. */
static int take(void *user, const char *section, const char *name, const char *text)
{
    struct reading *reading = user;
    char *why = reading->why;
    size_t bytes = reading->why_bytes;

    if (!strcmp(section, "machine") && !strcmp(name, "name")) {
        if (reading->named)
            return refuse(why, bytes, "%s: machine.name is given twice", reading->path);
        if (!*text || strlen(text) >= sizeof(reading->costs->name))
            return refuse(why, bytes, "%s: machine.name is 1 to %zu characters", reading->path,
                          sizeof(reading->costs->name) - 1);
        strcpy(reading->costs->name, text);
        reading->named = true;
        return 1;
    }
    for (size_t i = 0; i < NR_PARAMETERS; i++) {
        const struct parameter *parameter = &parameters[i];
        if (strcmp(section, parameter->section) || strcmp(name, parameter->name))
            continue;
        if (reading->given[i])
            return refuse(why, bytes, "%s: %s.%s is given twice", reading->path, section, name);
        char inner[200];
        if (!set(reading->costs, parameter, text, inner, sizeof(inner)))
            return refuse(why, bytes, "%s: %s", reading->path, inner);
        reading->given[i] = true;
        return 1;
    }
    return refuse(why, bytes, "%s: there is no parameter '%.40s.%.40s'", reading->path, section,
                  name);
}

bool costs_read(struct machine_costs *costs, const char *path, char *why, size_t why_bytes)
{
    struct reading reading = {.costs = costs, .path = path, .why = why, .why_bytes = why_bytes};
    FILE *file = fopen(path, "r");
    if (!file)
        return refuse(why, why_bytes, "%s: cannot be opened: %m", path);
    why[0] = '\0';
    int line = ini_parse_file(file, take, &reading);
    fclose(file);
    if (line && why[0])
        return false;
    if (line)
        return refuse(why, why_bytes, "%s: line %d is not 'name = value'", path, line);
    if (!reading.named)
        return refuse(why, why_bytes, "%s: machine.name is missing", path);
    for (size_t i = 0; i < NR_PARAMETERS; i++)
        if (!reading.given[i])
            return refuse(why, why_bytes, "%s: %s.%s is missing (%s)", path, parameters[i].section,
                          parameters[i].name, parameters[i].description);
    return true;
}

bool costs_override(struct machine_costs *costs, const char *assignment, char *why,
                    size_t why_bytes)
{
    const char *equals = strchr(assignment, '=');
    if (!equals)
        return refuse(why, why_bytes, "'%.60s' is not NAME=VALUE", assignment);
    for (size_t i = 0; i < NR_PARAMETERS; i++) {
        char key[64];
        int length = snprintf(key, sizeof(key), "%s.%s", parameters[i].section, parameters[i].name);
        if (equals - assignment == length && !memcmp(key, assignment, (size_t)length))
            return set(costs, &parameters[i], equals + 1, why, why_bytes);
    }
    return refuse(why, why_bytes, "the cost model has no parameter '%.*s'",
                  (int)(equals - assignment < 60 ? equals - assignment : 60), assignment);
}

static bool check_cache(const char *name, uint64_t bytes, uint64_t ways, char *why,
                        size_t why_bytes)
{
    uint64_t sets = bytes / COSTS_LINE_BYTES / ways;
    if (sets * ways * COSTS_LINE_BYTES != bytes || (sets & (sets - 1)))
        return refuse(why, why_bytes,
                      "cache.%s: %" PRIu64 " bytes in %" PRIu64
                      " ways of 64-byte lines is not a power of two of sets",
                      name, bytes, ways);
    return true;
}

bool costs_check(const struct machine_costs *costs, char *why, size_t why_bytes)
{
    if (costs->l2_sector & (costs->l2_sector - 1))
        return refuse(why, why_bytes, "cache.l2.sector is 64 or 128, not %" PRIu64,
                      costs->l2_sector);
    return check_cache("l1d", costs->l1d_bytes, costs->l1d_ways, why, why_bytes) &&
           check_cache("l1i", costs->l1i_bytes, costs->l1i_ways, why, why_bytes) &&
           check_cache("l2", costs->l2_bytes, costs->l2_ways, why, why_bytes);
}

/* ---- printing -------------------------------------------------------------------------------- */

void costs_visit(const struct machine_costs *costs, costs_visitor *visit, void *context)
{
    for (size_t i = 0; i < NR_PARAMETERS; i++) {
        char key[64], value[32];
        snprintf(key, sizeof(key), "%s.%s", parameters[i].section, parameters[i].name);
        write_value(&parameters[i], *value_of((struct machine_costs *)costs, &parameters[i]), value,
                    sizeof(value));
        visit(context, key, value, unit_of[parameters[i].kind]);
    }
}

void costs_help(FILE *out)
{
    for (size_t i = 0; i < NR_PARAMETERS; i++) {
        const struct parameter *parameter = &parameters[i];
        char key[64], range[64] = "yes or no";
        snprintf(key, sizeof(key), "%s.%s", parameter->section, parameter->name);
        if (parameter->kind != FLAG)
            snprintf(range, sizeof(range), "%" PRIu64 "..%" PRIu64 " %s", parameter->min,
                     parameter->max, unit_of[parameter->kind]);
        fprintf(out, "  %-26s %-28s %s\n", key, range, parameter->description);
    }
}
