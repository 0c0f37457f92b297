/* SPDX-License-Identifier: GPL-2.0-only */
/* visit.c - where a visit of a result is: full names, and units from counters.def */
#include "sim/account/account.h"
#include "sim/account/visit.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *path, *unit;
} counters[] = {
#define COUNTER(path, unit, description) {path, unit},
#include "sim/account/counters.def"
#undef COUNTER
};

#define COUNTERS (sizeof(counters) / sizeof(*counters))

/* Whether a row of counters.def stands for a pattern; [] at its end marks an array of numbers. */
static bool stands_for(const char *path, const char *pattern)
{
    size_t length = strlen(pattern);

    return !strncmp(path, pattern, length) &&
           (!path[length] || !strcmp(path + length, "[]") || !strcmp(path + length, ".*"));
}

const char *visit_unit(struct visit *visit, const char *pattern)
{
    for (size_t i = 0; i < COUNTERS; i++) {
        size_t row = (visit->row + i) % COUNTERS;

        if (stands_for(counters[row].path, pattern)) {
            visit->row = row;
            return counters[row].unit;
        }
    }
    return "";
}

/* Whether a row of counters.def stands for a name with [] in place of indices. */
static bool names(const char *row, const char *name)
{
    while (*row && *name) {
        if (*row == '*') {
            /* A key may hold dots itself: every end of this part is tried. */
            for (row++; *name; name++)
                if (names(row, name))
                    return true;
            return names(row, name);
        }
        if (*row++ != *name++)
            return false;
    }
    return (!*row || !strcmp(row, "[]") || !strcmp(row, ".*")) && !*name;
}

static const char *unit_of_event(const char *name)
{
    const char *event = strstr(name, "events.") + strlen("events.");

    for (int i = 0; i < CPU_NR_EVENTS; i++)
        if (strcspn(event, "[") == strlen(event_names[i]) &&
            !strncmp(event, event_names[i], strlen(event_names[i])))
            return event_units[i];
    return "";
}

void result_unit(const char *name, char *unit, size_t bytes)
{
    char pattern[VISIT_NAME];
    size_t used = 0;
    bool event;

    for (const char *c = name; *c && used + 1 < sizeof(pattern); c++) {
        pattern[used++] = *c;
        c += *c == '[' ? strspn(c + 1, "0123456789") : 0;
    }
    pattern[used] = 0;
    snprintf(unit, bytes, "%s", "");
    for (size_t i = 0; i < COUNTERS; i++) {
        if (!names(counters[i].path, pattern))
            continue;
        event = !strcmp(counters[i].unit, "see events") && strstr(pattern, "events.");
        snprintf(unit, bytes, "%s", event ? unit_of_event(pattern) : counters[i].unit);
        return;
    }
}

/* ---- sections -------------------------------------------------------------------------------- */

static void append(char *path, const char *name)
{
    size_t length = strlen(path);

    snprintf(path + length, VISIT_NAME - length, "%s%s", length ? "." : "", name);
}

/* A member of a list takes the next number. */
static void append_member(struct visit *visit)
{
    size_t section = strlen(visit->section), pattern = strlen(visit->pattern);

    snprintf(visit->section + section, VISIT_NAME - section, "[%u]",
             visit->level[visit->depth - 1].members++);
    snprintf(visit->pattern + pattern, VISIT_NAME - pattern, "[]");
}

static bool in_list(const struct visit *visit)
{
    return visit->depth > 0 && visit->level[visit->depth - 1].kind == SECTION_LIST;
}

static void open(struct visit *visit, const char *name, const char *pattern, enum section_kind kind)
{
    size_t sections = strlen(visit->section), patterns = strlen(visit->pattern);

    if (in_list(visit)) {
        append_member(visit);
    } else if (name) {
        append(visit->section, name);
        append(visit->pattern, pattern);
    }
    visit->level[visit->depth].section = sections;
    visit->level[visit->depth].pattern = patterns;
    visit->level[visit->depth].kind = kind;
    visit->level[visit->depth].members = 0;
    visit->depth++;
    if (visit->writer->open)
        visit->writer->open(visit->writer->to, name, kind);
}

void visit_open(struct visit *visit, const char *name, enum section_kind kind)
{
    open(visit, name, name, kind);
}

void visit_open_any(struct visit *visit, const char *name)
{
    open(visit, name, "*", SECTION_MEMBERS);
}

void visit_close(struct visit *visit)
{
    visit->depth--;
    visit->section[visit->level[visit->depth].section] = 0;
    visit->pattern[visit->level[visit->depth].pattern] = 0;
    if (visit->writer->close)
        visit->writer->close(visit->writer->to, visit->level[visit->depth].kind);
}

/* ---- values ---------------------------------------------------------------------------------- */

static void show(struct visit *visit, const char *name, const char *unit, struct result_value value)
{
    struct result_item item = {visit->section, name, unit, value};

    visit->writer->value(visit->writer->to, &item);
}

static const char *unit_here(struct visit *visit, const char *name)
{
    size_t length = strlen(visit->pattern);
    const char *unit;

    append(visit->pattern, name);
    unit = visit_unit(visit, visit->pattern);
    visit->pattern[length] = 0;
    return unit;
}

void visit_value(struct visit *visit, const char *name, struct result_value value)
{
    show(visit, name, unit_here(visit, name), value);
}

void visit_any(struct visit *visit, const char *name, const char *unit, struct result_value value)
{
    show(visit, name, unit ? unit : unit_here(visit, "*"), value);
}

void visit_member(struct visit *visit, struct result_value value)
{
    size_t section = strlen(visit->section), pattern = strlen(visit->pattern);

    append_member(visit);
    show(visit, NULL, visit_unit(visit, visit->pattern), value);
    visit->section[section] = 0;
    visit->pattern[pattern] = 0;
}

void result_decimal(const struct result_value *value, uint64_t *whole, uint64_t *fraction)
{
    unsigned __int128 power = 1, scaled;

    for (unsigned i = 0; i < value->decimal.places; i++)
        power *= 10;
    scaled = value->decimal.numerator * power / value->decimal.denominator;
    *whole = (uint64_t)(scaled / power);
    *fraction = (uint64_t)(scaled % power);
}
