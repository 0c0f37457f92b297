/* SPDX-License-Identifier: GPL-2.0-only */
/* Two small results beside each other: what counts as a difference, and in which order. */
#include "sim/lab/compare.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RESULT(body) "{\"schema\": \"xenolith-result/1\", " body "}"

static char *file_of(const char *text)
{
    char *path = strdup("/tmp/xenolith-compare-XXXXXX");
    int file = mkstemp(path);

    cr_assert(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text));
    close(file);
    return path;
}

static struct comparison compare(const char *before, const char *after,
                                 const struct compare_rules *rules)
{
    char *old_file = file_of(before), *later_file = file_of(after), why[256] = "";
    struct comparison c;
    bool compared = compare_files(&c, old_file, later_file, rules, why, sizeof(why));

    unlink(old_file);
    unlink(later_file);
    free(old_file);
    free(later_file);
    cr_assert(compared, "%s", why);
    return c;
}

/* ---- one pair of bodies, and what is to come of it ------------------------------------------- */

struct verdict_row {
    char what[48];
    char before[160], after[160];
    double tolerance, slack;
    unsigned run, cycles, count, equal, tolerated;
};

static struct verdict_row verdicts[] = {
    {"equal", "\"a\": 1", "\"a\": 1", 0, 0, 0, 0, 0, 2, 0},
    {"a count", "\"a\": 1", "\"a\": 2", 0, 0, 0, 0, 1, 1, 0},
    {"absent is not 0", "\"a\": null", "\"a\": 0", 0, 0, 0, 0, 1, 1, 0},
    {"a value that one side lacks", "\"a\": 1", "\"b\": 1", 0, 0, 0, 0, 2, 1, 0},
    {"another image is no difference", "\"configuration\": {\"x\": 1}",
     "\"configuration\": {\"x\": 2}", 0, 0, 1, 0, 0, 1, 0},
    {"cycles of a context",
     "\"contexts\": [{\"name\": \"d\", \"processors\": [{\"events\": {\"cycles_l1\": [5]}}]}]",
     "\"contexts\": [{\"name\": \"d\", \"processors\": [{\"events\": {\"cycles_l1\": [6]}}]}]", 0,
     0, 0, 1, 0, 2, 0},
    {"members go by their names", "\"contexts\": [{\"name\": \"d\", \"a\": 1}]",
     "\"contexts\": [{\"name\": \"c\", \"a\": 2}, {\"name\": \"d\", \"a\": 1}]", 0, 0, 0, 0, 2, 3,
     0},
    {"two of a name", "\"l\": [{\"name\": \"d\", \"a\": 1}, {\"name\": \"d\", \"a\": 2}]",
     "\"l\": [{\"name\": \"d\", \"a\": 1}, {\"name\": \"d\", \"a\": 3}]", 0, 0, 0, 0, 1, 4, 0},
    {"sums are left out", "\"events\": {\"a\": [1]}", "\"events\": {\"a\": [2]}", 0, 0, 0, 0, 0, 1,
     0},
    {"within the tolerance", "\"a\": 1000", "\"a\": 1001", 0.001, 0, 0, 0, 0, 1, 1},
    {"beyond the tolerance", "\"a\": 1000", "\"a\": 1002", 0.001, 0, 0, 0, 1, 1, 0},
    {"within the slack", "\"a\": 0", "\"a\": 3", 0, 3, 0, 0, 0, 1, 1},
    {"beyond the slack", "\"a\": 0", "\"a\": 4", 0, 3, 0, 0, 1, 1, 0},
    {"a number is no text", "\"a\": 1", "\"a\": \"1\"", 1, 9, 0, 0, 1, 1, 0},
};

ParameterizedTestParameters(sim_compare, verdicts)
{
    return cr_make_param_array(struct verdict_row, verdicts,
                               sizeof(verdicts) / sizeof(verdicts[0]));
}

ParameterizedTest(struct verdict_row *row, sim_compare, verdicts)
{
    char before[256], after[256];
    struct compare_rules rules = {.tolerance = row->tolerance, .slack = row->slack};
    struct comparison c;

    snprintf(before, sizeof(before), RESULT("%s"), row->before);
    snprintf(after, sizeof(after), RESULT("%s"), row->after);
    c = compare(before, after, &rules);
    cr_expect_eq(c.counts[CLASS_RUN], row->run, "%s: run", row->what);
    cr_expect_eq(c.counts[CLASS_CYCLES], row->cycles, "%s: cycles", row->what);
    cr_expect_eq(c.counts[CLASS_COUNT], row->count, "%s: counts", row->what);
    cr_expect_eq(c.equal, row->equal, "%s: %zu equal", row->what, c.equal);
    cr_expect_eq(c.tolerated, row->tolerated, "%s: tolerated", row->what);
    cr_expect_eq(comparison_differs(&c), row->cycles || row->count, "%s: verdict", row->what);
    comparison_free(&c);
}

/* ---- order and patterns ---------------------------------------------------------------------- */

Test(sim_compare, the_largest_share_comes_first)
{
    struct compare_rules rules = {0};
    struct comparison c = compare(RESULT("\"a\": 1000, \"b\": 10, \"c\": 5"),
                                  RESULT("\"a\": 1100, \"b\": 20, \"c\": 5"), &rules);

    cr_assert_eq(c.count, 2);
    cr_expect_str_eq(c.differences[0].path, "b");
    cr_expect_str_eq(c.differences[1].path, "a");
    comparison_free(&c);
}

Test(sim_compare, only_and_ignore_are_patterns_of_whole_paths)
{
    const char *only[] = {"x.*", NULL}, *ignore[] = {"*.b", NULL};
    struct compare_rules rules = {.only = only, .ignore = ignore};
    struct comparison c = compare(RESULT("\"x\": {\"a\": 1, \"b\": 1}, \"xa\": 1"),
                                  RESULT("\"x\": {\"a\": 2, \"b\": 2}, \"xa\": 2"), &rules);

    cr_assert_eq(c.count, 1);
    cr_expect_str_eq(c.differences[0].path, "x.a");
    comparison_free(&c);
}

/* ---- what cannot be compared ----------------------------------------------------------------- */

struct bad_row {
    char text[80], why[80];
};

static struct bad_row bad[] = {
    {"", "'[' or '{' expected"},
    {"[]", "is not a result of the schema xenolith-result/1"},
    {"{\"schema\": 1}", "is not a result of the schema xenolith-result/1"},
    {"{\"schema\": \"xenolith-result/2\"}", "is not a result of the schema xenolith-result/1"},
    {"{\"schema\": \"xenolith-result/1\", \"a\": 1, \"a\": 2}", "duplicate object key"},
};

ParameterizedTestParameters(sim_compare, refused_with_a_sentence)
{
    return cr_make_param_array(struct bad_row, bad, sizeof(bad) / sizeof(bad[0]));
}

ParameterizedTest(struct bad_row *row, sim_compare, refused_with_a_sentence)
{
    char why[256] = "", *path = file_of(row->text);
    struct leaf_list leaves;
    bool read = compare_read(path, &leaves, why, sizeof(why));

    unlink(path);
    cr_expect(!read);
    cr_expect(strstr(why, row->why), "%s: %s", row->text, why);
    cr_expect(strstr(why, path), "the sentence names the file: %s", why);
    free(path);
}

/* ---- forms ----------------------------------------------------------------------------------- */

static char *printed(enum compare_form form)
{
    struct compare_rules rules = {0};
    struct compared pair = {.name = strdup("old & new"), .before = "old", .after = "new"};
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    pair.comparison = compare(
        RESULT("\"contexts\": [{\"name\": \"d\\u001b1\", \"reasons\": {\"x\": {\"cycles\": 5}}}]"),
        RESULT("\"contexts\": [{\"name\": \"d\\u001b1\", \"reasons\": {\"x\": {\"cycles\": 7}}}]"),
        &rules);
    compare_print(&pair, 1, form, 0, out);
    fclose(out);
    comparison_free(&pair.comparison);
    free(pair.name);
    return text;
}

Test(sim_compare, no_control_byte_reaches_the_terminal)
{
    char *text = printed(FORM_TEXT);

    cr_expect(strstr(text, "d?1, ring 0 for x"), "%s", text);
    cr_expect(!strchr(text, '\033'));
    cr_expect(strstr(text, "+40.000 %"), "%s", text);
    free(text);
}

Test(sim_compare, junit_escapes_what_xml_means)
{
    char *text = printed(FORM_JUNIT);

    cr_expect(strstr(text, "tests=\"1\" failures=\"1\""), "%s", text);
    cr_expect(strstr(text, "name=\"old &amp; new\""), "%s", text);
    free(text);
}
