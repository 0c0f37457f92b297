/* SPDX-License-Identifier: GPL-2.0-only */
/* compare_forms.c - comparisons as text, Markdown, JSON and JUnit's XML */
#include "sim/lab/compare.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const class_titles[LEAF_CLASSES] = {
    [CLASS_RUN] = "What was run",
    [CLASS_CYCLES] = "Cycles",
    [CLASS_COUNT] = "Other counts",
};
static const char *const class_names[LEAF_CLASSES] = {"run", "cycles", "count"};

static const char *const forms[] = {[FORM_TEXT] = "text",
                                    [FORM_MARKDOWN] = "markdown",
                                    [FORM_JSON] = "json",
                                    [FORM_JUNIT] = "junit"};

bool compare_form(const char *name, enum compare_form *form)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
        if (!strcmp(name, forms[i])) {
            *form = (enum compare_form)i;
            return true;
        }
    return false;
}

#define LABEL 160

/*
 * What a reader calls a row of cycles: the context, its ring and the cause, instead of the path.
 * Other rows keep their paths. Control bytes of a hostile file do not reach the terminal.
 */
static const char *label(const struct difference *d, char text[LABEL])
{
    char who[64], what[64];
    unsigned processor, ring;

    if (sscanf(d->path, "contexts[%63[^]]].processors[%u].events.cycles_%63[a-z0-9_][%u]", who,
               &processor, what, &ring) == 4)
        snprintf(text, LABEL, "%s, processor %u, ring %u: %s", who, processor, ring, what);
    else if (sscanf(d->path, "contexts[%63[^]]].reasons.%63s", who, what) == 2) {
        char *end = strstr(what, ".cycles");

        if (end)
            *end = '\0';
        snprintf(text, LABEL, "%s, ring 0 for %s", who, what);
    } else
        snprintf(text, LABEL, "%s", d->path);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127)
            *c = '?';
    return text;
}

/* What a file is called: by others, so that a terminal is not sent what it would obey. */
static const char *plain(const char *name, char *text, size_t bytes)
{
    snprintf(text, bytes, "%s", name);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127 ||
            ((unsigned char)*c == 0xc2 && ((unsigned char)c[1] & 0xe0) == 0x80))
            *c = '?';
    return text;
}

/* A value for a terminal or a table. */
static const char *shown(const struct leaf *leaf, char text[LABEL])
{
    if (!leaf)
        return "(none)";
    snprintf(text, LABEL, "%s", leaf->text);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127 || *c == '|')
            *c = '?';
    return text;
}

/* "+1.25 %", or what stands instead where there is no share. */
static const char *share(const struct difference *d, char text[32])
{
    if (!d->before || !d->after || d->before->kind != LEAF_NUMBER || d->after->kind != LEAF_NUMBER)
        return "";
    if (d->before->number == 0)
        return "from 0";
    snprintf(text, 32, "%+.3f %%", 100 * d->moved / fabs(d->before->number));
    return text;
}

/* ---- text and Markdown ----------------------------------------------------------------------- */

static void row(const struct difference *d, bool markdown, FILE *out)
{
    char name[LABEL], before[LABEL], after[LABEL], percent[32];
    bool words = d->class == CLASS_RUN;
    const char *form = markdown ? "| %s | %s | %s | %s |\n" : "  %-44s %14s %14s %12s\n";

    if (words && !markdown)
        fprintf(out, "  %s: %s -> %s\n", label(d, name), shown(d->before, before),
                shown(d->after, after));
    else
        fprintf(out, form, label(d, name), shown(d->before, before), shown(d->after, after),
                share(d, percent));
}

static void print_class(const struct comparison *c, enum leaf_class class, bool markdown,
                        size_t top, FILE *out)
{
    size_t printed = 0;

    if (!c->counts[class])
        return;
    fprintf(out, markdown ? "\n#### %s: %zu differ\n\n" : "%s: %zu differ\n", class_titles[class],
            c->counts[class]);
    if (markdown)
        fprintf(out, "| value | before | after | change |\n|---|---:|---:|---:|\n");
    for (size_t i = 0; i < c->count; i++) {
        if (c->differences[i].class != class)
            continue;
        if (top && printed == top)
            break;
        row(&c->differences[i], markdown, out);
        printed++;
    }
    if (printed < c->counts[class])
        fprintf(out, markdown ? "\n%zu more\n" : "  (%zu more; --top 0 shows all)\n",
                c->counts[class] - printed);
}

static void print_pair(const struct compared *pair, bool markdown, size_t top, FILE *out)
{
    const struct comparison *c = &pair->comparison;
    char name[4300], why[sizeof(pair->why)];

    fprintf(out, markdown ? "### %s\n\n" : "%s\n", plain(pair->name, name, sizeof(name)));
    if (pair->why[0] || !pair->before || !pair->after) {
        fprintf(out, "%s%s\n", markdown ? "" : "  ",
                pair->why[0]   ? plain(pair->why, why, sizeof(why))
                : pair->before ? "is in the old results alone"
                               : "is in the new results alone");
        return;
    }
    for (int class = 0; class < LEAF_CLASSES; class ++)
        print_class(c, (enum leaf_class) class, markdown, top, out);
    fprintf(out, "%s%zu values are equal", markdown ? "\n" : "", c->equal);
    if (c->tolerated)
        fprintf(out, ", %zu within the tolerance", c->tolerated);
    fprintf(out, "\n");
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static json_t *json_leaf(const struct leaf *leaf)
{
    if (!leaf || leaf->kind == LEAF_ABSENT)
        return json_null();
    if (leaf->kind == LEAF_NUMBER)
        return strpbrk(leaf->text, ".e") ? json_real(leaf->number)
                                         : json_integer((json_int_t)leaf->number);
    return json_string(leaf->text);
}

static json_t *json_pair(const struct compared *pair, size_t top)
{
    const struct comparison *c = &pair->comparison;
    json_t *object = json_pack("{s:s, s:s?, s:s?}", "name", pair->name, "before", pair->before,
                               "after", pair->after);
    json_t *list = json_array();
    size_t printed[LEAF_CLASSES] = {0};

    if (pair->why[0])
        json_object_set_new(object, "error", json_string(pair->why));
    for (size_t i = 0; i < c->count; i++) {
        const struct difference *d = &c->differences[i];

        if (top && printed[d->class]++ >= top)
            continue;
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:o, s:o, s:b, s:b}", "path", d->path, "class",
                                        class_names[d->class], "before", json_leaf(d->before),
                                        "after", json_leaf(d->after), "in_before",
                                        d->before != NULL, "in_after", d->after != NULL));
    }
    json_object_set_new(object, "differences", list);
    json_object_set_new(object, "equal", json_integer((json_int_t)c->equal));
    json_object_set_new(object, "tolerated", json_integer((json_int_t)c->tolerated));
    for (int class = 0; class < LEAF_CLASSES; class ++) {
        char name[32];

        snprintf(name, sizeof(name), "differing_%s", class_names[class]);
        json_object_set_new(object, name, json_integer((json_int_t)c->counts[class]));
    }
    return object;
}

static void print_json(const struct compared *pairs, size_t count, size_t top, FILE *out)
{
    json_t *list = json_array();
    json_t *root = json_pack("{s:s, s:o}", "schema", "xenolith-comparison/1", "comparisons", list);

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_pair(&pairs[i], top));
    json_dumpf(root, out, JSON_INDENT(2));
    fputc('\n', out);
    json_decref(root);
}

/* ---- JUnit: one test a pair, as continuous integration reads it ------------------------------ */

static void print_escaped(const char *text, FILE *out)
{
    for (; *text; text++)
        switch (*text) {
        case '<':
            fputs("&lt;", out);
            break;
        case '&':
            fputs("&amp;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            fputc((unsigned char)*text < ' ' && *text != '\n' ? '?' : *text, out);
        }
}

static bool failed(const struct compared *pair)
{
    return pair->why[0] || !pair->before || !pair->after || comparison_differs(&pair->comparison);
}

static void print_junit(const struct compared *pairs, size_t count, size_t top, FILE *out)
{
    size_t failures = 0;

    for (size_t i = 0; i < count; i++)
        failures += failed(&pairs[i]);
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuite name=\"xenolith compare\" tests=\"%zu\" failures=\"%zu\">\n",
            count, failures);
    for (size_t i = 0; i < count; i++) {
        char *text = NULL;
        size_t bytes;
        FILE *memory;

        fputs("  <testcase name=\"", out);
        print_escaped(pairs[i].name, out);
        fputs("\">", out);
        memory = failed(&pairs[i]) ? open_memstream(&text, &bytes) : NULL;
        if (memory) {
            print_pair(&pairs[i], false, top, memory);
            fclose(memory);
            fputs("<failure message=\"differs\">", out);
            print_escaped(text, out);
            fputs("</failure>", out);
            free(text);
        }
        fputs("</testcase>\n", out);
    }
    fputs("</testsuite>\n", out);
}

void compare_print(const struct compared *pairs, size_t count, enum compare_form form, size_t top,
                   FILE *out)
{
    if (form == FORM_JSON) {
        print_json(pairs, count, top, out);
        return;
    }
    if (form == FORM_JUNIT) {
        print_junit(pairs, count, top, out);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (i)
            fputc('\n', out);
        print_pair(&pairs[i], form == FORM_MARKDOWN, top, out);
    }
}
