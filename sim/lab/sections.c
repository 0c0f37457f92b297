/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/lab/sections.h"

#include "sim/load/file.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 10000

bool sections_wrong(const struct sections *sections, unsigned number, char *why, size_t why_bytes,
                    const char *format, ...)
{
    int length = snprintf(why, why_bytes, "%s, line %u: ", sections->path, number);
    va_list values;

    va_start(values, format);
    if (length > 0 && (size_t)length < why_bytes)
        vsnprintf(why + length, why_bytes - (size_t)length, format, values);
    va_end(values);
    return false;
}

/* Without the white space at both ends. */
static char *trim(char *text)
{
    char *end = text + strlen(text);

    while (end > text && isspace((unsigned char)end[-1]))
        *--end = 0;
    while (isspace((unsigned char)*text))
        text++;
    return text;
}

char *sections_member(char **list)
{
    char *member = *list;
    char *comma = member ? strchr(member, ',') : NULL;

    if (!member)
        return NULL;
    if (comma)
        *comma = 0;
    *list = comma ? comma + 1 : NULL;
    return trim(member);
}

static void cut_comment(char *line)
{
    if (*line == ';' || *line == '#')
        *line = 0;
    for (char *c = line; *c; c++)
        if (*c == ';' && isspace((unsigned char)c[-1])) {
            *c = 0;
            break;
        }
}

static bool is_name(const char *name)
{
    for (const char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("._-", *c))
            return false;
    return *name;
}

static bool listed(const char *const *list, const char *name)
{
    for (; list && *list; list++)
        if (!strcmp(*list, name))
            return true;
    return false;
}

/* The line that says the same before, or NULL. */
static const struct section_line *before(const struct sections *sections, const char *section,
                                         const char *name)
{
    for (size_t i = 0; i < sections->count; i++) {
        const struct section_line *line = &sections->line[i];

        if (!strcmp(line->section, section) &&
            (name ? line->name && !strcmp(line->name, name) : !line->name))
            return line;
    }
    return NULL;
}

struct reading {
    struct sections *sections;
    const char *const *repeated;
    const char *section; /* NULL: none has begun */
    char *why;
    size_t why_bytes;
};

static bool add_line(struct reading *reading, unsigned number, const char *name, const char *value)
{
    struct sections *sections = reading->sections;
    const struct section_line *other = NULL;

    if (!listed(reading->repeated, name ? name : ""))
        other = before(sections, reading->section, name);
    if (other)
        return sections_wrong(sections, number, reading->why, reading->why_bytes,
                              "%s%s stands in line %u too", name ? name : "section ",
                              name ? "" : reading->section, other->number);
    sections->line[sections->count++] =
        (struct section_line){number, reading->section, name, value};
    return true;
}

static bool read_line(struct reading *reading, unsigned number, char *text)
{
    struct sections *sections = reading->sections;
    char *line = trim(text), *equals, *name;
    size_t length;

    cut_comment(line);
    line = trim(line);
    length = strlen(line);
    if (!length)
        return true;
    if (*line == '[') {
        if (line[length - 1] != ']' || length < 3)
            return sections_wrong(sections, number, reading->why, reading->why_bytes,
                                  "a section is [NAME]");
        line[length - 1] = 0;
        reading->section = trim(line + 1);
        return add_line(reading, number, NULL, "");
    }
    equals = strchr(line, '=');
    if (!equals)
        return sections_wrong(sections, number, reading->why, reading->why_bytes,
                              "neither a section nor NAME = VALUE");
    *equals = 0;
    name = trim(line);
    if (!is_name(name))
        return sections_wrong(sections, number, reading->why, reading->why_bytes,
                              "a name is made of letters, digits and . _ -");
    if (!reading->section)
        return sections_wrong(sections, number, reading->why, reading->why_bytes,
                              "%s stands before the first section", name);
    return add_line(reading, number, name, trim(equals + 1));
}

bool sections_read(struct sections *sections, const char *path, const char *const *repeated,
                   char *why, size_t why_bytes)
{
    struct reading reading = {sections, repeated, NULL, why, why_bytes};
    struct file file;
    unsigned number = 0;
    bool good = true;
    char *rest;

    *sections = (struct sections){.path = path};
    if (!file_is_text(path, why, why_bytes) || !file_open(&file, path, why, why_bytes))
        return false;
    sections->text = strndup(file.size ? (const char *)file.bytes : "", file.size);
    sections->line = calloc(LINES_MAX, sizeof(*sections->line));
    file_close(&file);
    if (!sections->text || !sections->line) {
        snprintf(why, why_bytes, "no memory to read %s", path);
        return false;
    }
    rest = sections->text;
    while (good && rest) {
        char *line = strsep(&rest, "\n");

        number++;
        if (sections->count == LINES_MAX)
            good =
                sections_wrong(sections, number, why, why_bytes, "more than %d lines", LINES_MAX);
        else
            good = read_line(&reading, number, line);
    }
    return good;
}

void sections_free(struct sections *sections)
{
    free(sections->text);
    free(sections->line);
    *sections = (struct sections){0};
}
