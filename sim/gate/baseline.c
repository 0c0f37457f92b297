/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * baseline.c - the values of a benchmark that somebody said were right, as a file
 *
 * {"schema": "xenolith-baseline/1", "benchmark", "compiler", "reason", "command": [...], "values":
 * {path: value}}. One value a line, sorted, so that a change of a baseline reads well in a diff.
 */
#include "sim/gate/gate.h"

#include "sim/load/file.h"

#include <errno.h>
#include <fnmatch.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SCHEMA "xenolith-baseline/1"

static bool matches(const char *const *patterns, const char *path)
{
    for (; patterns && *patterns; patterns++)
        if (fnmatch(*patterns, path, 0) == 0)
            return true;
    return false;
}

static bool compared(const struct compare_rules *rules, const char *path)
{
    return matches(rules->only, path) && !matches(rules->ignore, path);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* The command without the program, which may be called by another path. */
static bool same_command(const struct benchmark *benchmark, const json_t *words)
{
    bool same = json_array_size(words) == benchmark->words.count - 1;

    for (size_t i = 1; same && i < benchmark->words.count; i++) {
        const char *word = json_string_value(json_array_get(words, i - 1));

        same = word && !strcmp(word, benchmark->words.word[i]);
    }
    return same;
}

static bool add_value(struct leaf_list *leaves, const char *path, const json_t *value)
{
    char text[64];

    if (json_is_integer(value))
        snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        snprintf(text, sizeof(text), "%.15g", json_real_value(value));
    if (json_is_number(value))
        return leaves_add(leaves, path, LEAF_NUMBER, json_number_value(value), text);
    if (json_is_string(value))
        return leaves_add(leaves, path, LEAF_TEXT, 0, json_string_value(value));
    return leaves_add(leaves, path, LEAF_ABSENT, 0, "absent");
}

/* False, and what is wrong in pair.why. */
static bool read_baseline(struct benchmark *benchmark, struct leaf_list *leaves)
{
    size_t room = sizeof(benchmark->pair.why);
    char *why = benchmark->pair.why;
    json_error_t error;
    const char *path, *schema;
    json_t *root, *value;
    bool good = false;

    if (access(benchmark->baseline, F_OK)) {
        snprintf(why, room, "no baseline: there is no %s", benchmark->baseline);
        return false;
    }
    if (!file_is_text(benchmark->baseline, why, room))
        return false;
    root = json_load_file(benchmark->baseline, JSON_REJECT_DUPLICATES, &error);
    schema = json_string_value(json_object_get(root, "schema"));
    if (!schema || strcmp(schema, SCHEMA) != 0)
        snprintf(why, room, "%s is not a baseline", benchmark->baseline);
    else if (!same_command(benchmark, json_object_get(root, "command")))
        snprintf(why, room, "no baseline: that of %s is of another command", benchmark->baseline);
    else
        good = true;
    if (good)
        json_object_foreach(json_object_get(root, "values"), path, value) good =
            good && add_value(leaves, path, value);
    leaves_sort(leaves);
    json_decref(root);
    return good;
}

void baseline_compare(struct benchmark *benchmark)
{
    struct comparison *comparison = &benchmark->pair.comparison;

    if (!read_baseline(benchmark, &comparison->before))
        return;
    comparison->after = benchmark->measured;
    benchmark->measured = (struct leaf_list){0};
    if (!compare_leaves(comparison, &benchmark->rules))
        snprintf(benchmark->pair.why, sizeof(benchmark->pair.why), "no memory to compare");
    else if (!comparison->equal && !comparison->tolerated && !comparison->count)
        snprintf(benchmark->pair.why, sizeof(benchmark->pair.why),
                 "no value of it is compared: no path matches");
}

/* ---- writing --------------------------------------------------------------------------------- */

static json_t *value_of(const struct leaf *leaf)
{
    if (leaf->kind == LEAF_ABSENT)
        return json_null();
    if (leaf->kind == LEAF_TEXT)
        return json_string(leaf->text);
    return strpbrk(leaf->text, ".e") ? json_real(leaf->number)
                                     : json_integer((json_int_t)leaf->number);
}

static json_t *values_of(const struct benchmark *benchmark)
{
    json_t *values = json_object();

    for (size_t i = 0; i < benchmark->measured.count; i++) {
        const struct leaf *leaf = &benchmark->measured.leaf[i];

        if (compared(&benchmark->rules, leaf->path))
            json_object_set_new(values, leaf->path, value_of(leaf));
    }
    return values;
}

static json_t *command_of(const struct benchmark *benchmark)
{
    json_t *words = json_array();

    for (size_t i = 1; i < benchmark->words.count; i++)
        json_array_append_new(words, json_string(benchmark->words.word[i]));
    return words;
}

static bool keep(const json_t *root, const char *path, char *why)
{
    char *part, *text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    FILE *out;
    bool good;

    if (asprintf(&part, "%s.part", path) < 0)
        part = NULL;
    out = part && text ? fopen(part, "w") : NULL;
    good = out && fprintf(out, "%s\n", text) > 0;
    good = (!out || fclose(out) == 0) && good && rename(part, path) == 0;
    if (!good)
        snprintf(why, GATE_WHY, "cannot write %s: %s", path, strerror(errno));
    if (!good && out)
        unlink(part);
    free(part);
    free(text);
    return good;
}

bool baseline_write(const struct benchmark *benchmark, const char *compiler, const char *reason,
                    char *why)
{
    json_t *values = values_of(benchmark);
    json_t *root = json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "schema", SCHEMA, "benchmark",
                             benchmark->name, "compiler", compiler, "reason", reason, "command",
                             command_of(benchmark), "values", values);
    bool good = root && json_object_size(values) && keep(root, benchmark->baseline, why);

    if (!root)
        snprintf(why, GATE_WHY, "the reason is not text, or there is no memory for a baseline");
    else if (!json_object_size(values))
        snprintf(why, GATE_WHY, "%s: no path matches what is compared", benchmark->name);
    json_decref(root);
    return good;
}
