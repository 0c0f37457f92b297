/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * schema.c - docs/result.schema.json: counters.def as a JSON Schema (draft 2020-12)
 *
 * The rows of the table are paths, in the order of a result. What one has in common with the row
 * before it is open already: objects and arrays are closed and opened as paths differ, so that no
 * tree is built. A part of a path is a name, `*` for any name, or [] for each member of a list.
 */
#include "sim/account/json.h"
#include "sim/account/result.h"

#include <string.h>

#define PARTS_MAX 12
#define PART_MAX  48
#define ROWS      (sizeof(rows) / sizeof(*rows))

static const struct {
    const char *path, *unit, *description;
} rows[] = {
#define COUNTER(path, unit, description) {path, unit, description},
#include "sim/account/counters.def"
#undef COUNTER
};

/* Types of values that are not whole numbers. */
static const struct {
    const char *unit, *type;
} types[] = {
    {"text", "string"},
    {"boolean", "boolean"},
    {"as in the machine description", "string"},
    {"units a second", "number"},
    {"fraction of the mean", "number"},
};

struct path {
    char part[PARTS_MAX][PART_MAX]; /* a name, "*" or "[]" */
    unsigned parts;
};

static void add(struct path *path, const char *text, size_t length)
{
    snprintf(path->part[path->parts++], PART_MAX, "%.*s", (int)length, text);
}

/* "a.b[].*[]" into a, b, [], *, []. */
static void split(struct path *path, const char *text)
{
    path->parts = 0;
    while (*text) {
        size_t length = strcspn(text, ".[");

        if (length)
            add(path, text, length);
        text += length;
        if (*text == '[') {
            add(path, "[]", 2);
            text += 2;
        }
        text += *text == '.';
    }
}

static bool same_head(const struct path *a, const struct path *b, unsigned parts)
{
    if (a->parts < parts || b->parts < parts)
        return false;
    for (unsigned i = 0; i < parts; i++)
        if (strcmp(a->part[i], b->part[i]) != 0)
            return false;
    return true;
}

static bool may_be_null(const char *description)
{
    return strstr(description, "null") != NULL;
}

/* Whether the row's null stands for the container whose members begin at part `at`. */
static bool container_null(const struct path *path, unsigned at, const char *description)
{
    return may_be_null(description) && at + 1 == path->parts &&
           (!strcmp(path->part[at], "[]") || !strcmp(path->part[at], "*"));
}

static void put_type(struct json *json, const char *type, bool null)
{
    if (!null) {
        json_put_string(json, "type", type);
        return;
    }
    json_put_open_array(json, "type");
    json_put_string(json, NULL, type);
    json_put_string(json, NULL, "null");
    json_put_close_array(json);
}

/* The names that a result always has in an object: those that follow the same head. */
static void put_required(struct json *json, size_t row, const struct path *path, unsigned at)
{
    char previous[PART_MAX] = "";

    json_put_open_array(json, "required");
    for (; row < ROWS; row++) {
        struct path other;

        split(&other, rows[row].path);
        if (!same_head(&other, path, at) || other.parts <= at)
            break;
        if (strcmp(other.part[at], previous) != 0)
            json_put_string(json, NULL, other.part[at]);
        snprintf(previous, sizeof(previous), "%s", other.part[at]);
    }
    json_put_close_array(json);
}

/* Opens what holds part `at` of a row's path; the schema of the part itself is opened too. */
static void open_part(struct json *json, size_t row, const struct path *path, unsigned at)
{
    const char *part = path->part[at];
    bool null = container_null(path, at, rows[row].description);

    if (!strcmp(part, "[]")) {
        put_type(json, "array", null);
        json_put_open_object(json, "items");
    } else if (!strcmp(part, "*")) {
        put_type(json, "object", null);
        json_put_open_object(json, "additionalProperties");
    } else {
        put_type(json, "object", null);
        put_required(json, row, path, at);
        json_put_bool(json, "additionalProperties", false);
        json_put_open_object(json, "properties");
        json_put_open_object(json, part);
    }
}

/* Closes part `at`, and the object that holds its kind of parts unless a sibling follows. */
static void close_part(struct json *json, const char *part, bool sibling)
{
    bool named = strcmp(part, "[]") != 0 && strcmp(part, "*") != 0;

    json_put_close_object(json);
    if (named && !sibling)
        json_put_close_object(json);
}

static void put_value(struct json *json, size_t row, const struct path *path)
{
    bool of_container = container_null(path, path->parts - 1, rows[row].description);
    const char *type = "integer";

    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (!strcmp(types[i].unit, rows[row].unit))
            type = types[i].type;
    put_type(json, type, may_be_null(rows[row].description) && !of_container);
    if (!strcmp(rows[row].path, "schema"))
        json_put_string(json, "const", RESULT_SCHEMA);
    json_put_string(json, "description", rows[row].description);
}

void result_schema(FILE *out)
{
    struct json json = {.out = out, .first = true};
    struct path before = {.parts = 0}, path;

    json_put_open_object(&json, NULL);
    json_put_string(&json, "$schema", "https://json-schema.org/draft/2020-12/schema");
    json_put_string(&json, "$id", RESULT_SCHEMA);
    json_put_string(&json, "title", "What xenolith run, boot, shell and guest write by --json");
    for (size_t row = 0; row < ROWS; row++) {
        unsigned same = 0;

        split(&path, rows[row].path);
        while (same_head(&before, &path, same + 1))
            same++;
        for (unsigned at = before.parts; at-- > same;)
            close_part(&json, before.part[at], at == same);
        if (before.parts) {
            json_put_open_object(&json, path.part[same]);
            same++;
        }
        for (unsigned at = same; at < path.parts; at++)
            open_part(&json, row, &path, at);
        put_value(&json, row, &path);
        before = path;
    }
    for (unsigned at = before.parts; at-- > 0;)
        close_part(&json, before.part[at], false);
    json_put_close_object(&json);
}
