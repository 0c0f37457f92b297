/* SPDX-License-Identifier: GPL-2.0-only */
/* compare.c - see compare.h */
#include "sim/lab/compare.h"
#include "sim/load/file.h"

#include <fnmatch.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA "xenolith-result/1"

/* ---- from a file to leaves ------------------------------------------------------------------- */

bool leaves_add(struct leaf_list *list, const char *path, enum leaf_kind kind, double number,
                const char *text)
{
    struct leaf leaf = {.path = strdup(path), .kind = kind, .number = number};

    leaf.text = strdup(text);
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 1024;
        struct leaf *more = realloc(list->leaf, room * sizeof(*more));

        if (more) {
            list->leaf = more;
            list->room = room;
        }
    }
    if (!leaf.path || !leaf.text || list->count == list->room) {
        free(leaf.path);
        free(leaf.text);
        return false;
    }
    list->leaf[list->count++] = leaf;
    return true;
}

void leaves_free(struct leaf_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->leaf[i].path);
        free(list->leaf[i].text);
    }
    free(list->leaf);
    *list = (struct leaf_list){0};
}

static char *print_path(const char *form, ...)
{
    va_list values;
    char *path;

    va_start(values, form);
    if (vasprintf(&path, form, values) < 0)
        path = NULL;
    va_end(values);
    return path;
}

/*
 * A member of a list by its name, which two members may share: the second is then name#2. Rings and
 * processors have no names and go by their numbers.
 */
static char *member_path(const char *path, const json_t *list, size_t index)
{
    const char *name = json_string_value(json_object_get(json_array_get(list, index), "name"));
    unsigned same = 1;

    if (!name)
        return print_path("%s[%zu]", path, index);
    for (size_t i = 0; i < index; i++) {
        const char *other = json_string_value(json_object_get(json_array_get(list, i), "name"));

        same += other && !strcmp(other, name);
    }
    if (same > 1)
        return print_path("%s[%s#%u]", path, name, same);
    return print_path("%s[%s]", path, name);
}

static bool take(struct leaf_list *list, const char *path, json_t *value);

static bool take_members(struct leaf_list *list, const char *path, json_t *value)
{
    const char *key;
    json_t *member;
    size_t index;
    bool taken = true;

    if (json_is_object(value)) {
        json_object_foreach(value, key, member)
        {
            char *inner = print_path("%s%s%s", path, *path ? "." : "", key);

            taken = taken && inner && take(list, inner, member);
            free(inner);
        }
        return taken;
    }
    json_array_foreach(value, index, member)
    {
        char *inner = member_path(path, value, index);

        taken = taken && inner && take(list, inner, member);
        free(inner);
    }
    return taken;
}

static bool take(struct leaf_list *list, const char *path, json_t *value)
{
    char text[64];

    switch (json_typeof(value)) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        return take_members(list, path, value);
    case JSON_INTEGER:
        snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        return leaves_add(list, path, LEAF_NUMBER, (double)json_integer_value(value), text);
    case JSON_REAL:
        snprintf(text, sizeof(text), "%.15g", json_real_value(value));
        return leaves_add(list, path, LEAF_NUMBER, json_real_value(value), text);
    case JSON_STRING:
        return leaves_add(list, path, LEAF_TEXT, 0, json_string_value(value));
    case JSON_TRUE:
    case JSON_FALSE:
        return leaves_add(list, path, LEAF_TEXT, 0, json_is_true(value) ? "yes" : "no");
    case JSON_NULL:
        return leaves_add(list, path, LEAF_ABSENT, 0, "absent");
    }
    return false;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct leaf *)a)->path, ((const struct leaf *)b)->path);
}

void leaves_sort(struct leaf_list *leaves)
{
    if (leaves->count)
        qsort(leaves->leaf, leaves->count, sizeof(*leaves->leaf), by_path);
}

bool compare_read(const char *path, struct leaf_list *leaves, char *why, size_t why_bytes)
{
    json_error_t error;
    json_t *root;
    const char *schema;
    bool taken;

    *leaves = (struct leaf_list){0};
    if (!file_is_text(path, why, why_bytes))
        return false;
    root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    schema = json_string_value(json_object_get(root, "schema"));
    if (!root) {
        snprintf(why, why_bytes, "%s: %s", path, error.text);
        return false;
    }
    if (!schema || strcmp(schema, SCHEMA) != 0) {
        snprintf(why, why_bytes, "%s is not a result of the schema " SCHEMA, path);
        json_decref(root);
        return false;
    }
    taken = take(leaves, "", root);
    json_decref(root);
    if (!taken) {
        leaves_free(leaves);
        snprintf(why, why_bytes, "%s: no memory for what it holds", path);
        return false;
    }
    leaves_sort(leaves);
    return true;
}

/* ---- classes --------------------------------------------------------------------------------- */

static const struct {
    const char *pattern;
    bool leave_out;
    enum leaf_class class;
} classes[] = {
    {"schema", false, CLASS_RUN},
    {"version", false, CLASS_RUN},
    {"command", false, CLASS_RUN},
    {"configuration.*", false, CLASS_RUN},
    {"contexts[[]*].id", true, CLASS_RUN}, /* a number, in which nothing was counted */
    {"events.*", true, CLASS_COUNT},       /* sums over contexts */
    {"reasons.*", true, CLASS_COUNT},
    {"checks[[]*].left", true, CLASS_COUNT},
    {"checks[[]*].right", true, CLASS_COUNT},
    {"contexts[[]*].processors[[]*].events.cycles_*", false, CLASS_CYCLES},
    {"contexts[[]*].reasons.*.cycles", false, CLASS_CYCLES},
};

/* False: the leaf stands for others, which are compared. */
static bool classify(const char *path, enum leaf_class *class)
{
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
        if (fnmatch(classes[i].pattern, path, 0) == 0) {
            *class = classes[i].class;
            return !classes[i].leave_out;
        }
    *class = CLASS_COUNT;
    return true;
}

static bool matches(const char *const *patterns, const char *path)
{
    for (; *patterns; patterns++)
        if (fnmatch(*patterns, path, 0) == 0)
            return true;
    return false;
}

/* ---- merging --------------------------------------------------------------------------------- */

/* Cycles move by themselves, all being cycles; other counts by their share of the old one. */
static double size_of_move(const struct difference *d)
{
    if (d->class == CLASS_CYCLES || !d->before || d->before->number == 0)
        return fabs(d->moved);
    return fabs(d->moved / d->before->number);
}

/* By class, then by the size of the move, then by path: an order that the files alone decide. */
static int by_move(const void *a, const void *b)
{
    const struct difference *x = a, *y = b;
    double left = size_of_move(x), right = size_of_move(y);

    if (x->class != y->class)
        return (int)x->class - (int)y->class;
    if (left != right)
        return left < right ? 1 : -1;
    return strcmp(x->path, y->path);
}

static bool same(const struct leaf *before, const struct leaf *after)
{
    return before && after && before->kind == after->kind && !strcmp(before->text, after->text);
}

static bool tolerable(const struct leaf *before, const struct leaf *after,
                      const struct compare_rules *rules)
{
    double moved;

    if (!before || !after || before->kind != LEAF_NUMBER || after->kind != LEAF_NUMBER)
        return false;
    moved = fabs(after->number - before->number);
    return moved <= rules->slack || moved <= rules->tolerance * fabs(before->number);
}

static void look_at(struct comparison *c, const struct leaf *before, const struct leaf *after,
                    const struct compare_rules *rules)
{
    struct difference d = {
        .path = before ? before->path : after->path, .before = before, .after = after};

    bool part = classify(d.path, &d.class);

    if ((!part && !rules->sums) || (rules->only && !matches(rules->only, d.path)) ||
        (rules->ignore && matches(rules->ignore, d.path)))
        return;
    if (same(before, after)) {
        c->equal++;
        return;
    }
    if (d.class != CLASS_RUN && tolerable(before, after, rules)) {
        c->tolerated++;
        return;
    }
    if (before && after && before->kind == LEAF_NUMBER && after->kind == LEAF_NUMBER)
        d.moved = after->number - before->number;
    else if (d.class == CLASS_CYCLES)
        d.moved = (after ? after->number : 0) - (before ? before->number : 0);
    c->differences[c->count++] = d;
    c->counts[d.class]++;
}

bool compare_leaves(struct comparison *c, const struct compare_rules *rules)
{
    const struct leaf *before = c->before.leaf, *before_end = before + c->before.count;
    const struct leaf *after = c->after.leaf, *after_end = after + c->after.count;

    c->differences = calloc(c->before.count + c->after.count + 1, sizeof(*c->differences));
    if (!c->differences)
        return false;
    while (before < before_end || after < after_end) {
        int order = 0;

        if (before == before_end)
            order = 1;
        else if (after == after_end)
            order = -1;
        else
            order = strcmp(before->path, after->path);
        look_at(c, order <= 0 ? before : NULL, order >= 0 ? after : NULL, rules);
        before += order <= 0;
        after += order >= 0;
    }
    qsort(c->differences, c->count, sizeof(*c->differences), by_move);
    return true;
}

bool compare_files(struct comparison *comparison, const char *before, const char *after,
                   const struct compare_rules *rules, char *why, size_t why_bytes)
{
    *comparison = (struct comparison){0};
    if (compare_read(before, &comparison->before, why, why_bytes) &&
        compare_read(after, &comparison->after, why, why_bytes)) {
        if (compare_leaves(comparison, rules))
            return true;
        snprintf(why, why_bytes, "no memory to compare %s with %s", before, after);
    }
    comparison_free(comparison);
    return false;
}

void comparison_free(struct comparison *comparison)
{
    leaves_free(&comparison->before);
    leaves_free(&comparison->after);
    free(comparison->differences);
    comparison->differences = NULL;
}

bool comparison_differs(const struct comparison *comparison)
{
    return comparison->counts[CLASS_CYCLES] > 0 || comparison->counts[CLASS_COUNT] > 0;
}
