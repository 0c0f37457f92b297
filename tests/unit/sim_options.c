/* SPDX-License-Identifier: GPL-2.0-only */
/* Command lines and experiment descriptions: words in, values or one sentence out. */
#include "sim/lab/experiment.h"
#include "sim/cli/options.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char why[256];

static bool parse(struct options *options, enum command command, const char *line)
{
    static char text[512], *words[64];
    int count = 0;

    snprintf(text, sizeof(text), "%s", line);
    for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
        words[count++] = word;
    why[0] = 0;
    return options_parse(options, command, COMMAND_COUNT, count, words, why, sizeof(why));
}

Test(sim_options, words_and_values)
{
    struct options options;

    cr_assert(parse(&options, COMMAND_BOOT, "k --module a x=1 --module=b --mem 64M --set p=1"));
    cr_assert_str_eq(option_value(&options, OPT_MEM), "64M");
    cr_assert_str_eq(option_value(&options, OPT_MODULE), "b");
    cr_assert_str_eq(option_value(&options, OPT_SET), "p=1");
    cr_assert_str_eq(option_value(&options, OPT_DATE), "2003-10-19", "the default");
    cr_assert_not(option_given(&options, OPT_DATE));
    cr_assert_eq(options.given[0].option, OPT_WORD);
    cr_assert_str_eq(options.given[2].value, "x=1");
}

Test(sim_options, refusals)
{
    static const struct {
        enum command command;
        const char *line, *expect;
    } cases[] = {
        {COMMAND_BOOT, "k --frob", "unknown option --frob"},
        {COMMAND_BOOT, "k --slice 5ms", "unknown option --slice"}, /* belongs to run */
        {COMMAND_BOOT, "k --mem", "needs an argument"},
        {COMMAND_RUN, "--console=1", "takes no argument"},
        {COMMAND_RUN, "--me 5", "unknown option --me"},
    };
    struct options options;

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        cr_expect_not(parse(&options, cases[i].command, cases[i].line), "%s", cases[i].line);
        cr_expect(strstr(why, cases[i].expect), "%s: %s", cases[i].line, why);
    }
}

Test(sim_options, values)
{
    static const struct {
        const char *word;
        bool good;
        uint64_t value;
    } times[] = {{"5ms", true, 5000000},   {"0ms", true, 0},
                 {"2s", true, 2000000000}, {"7us", true, 7000},
                 {"1ns", true, 1},         {"5", false, 0},
                 {"-5ms", false, 0},       {"ms", false, 0},
                 {"", false, 0},           {"5 ms", false, 0},
                 {"5msx", false, 0},       {"99999999999999999999s", false, 0},
                 {"+5ms", false, 0},       {"18446744073709551615s", false, 0}},
      sizes[] = {{"8M", true, 8 << 20}, {"2G", true, UINT64_C(2) << 30},
                 {"4096", true, 4096},  {"64k", true, 65536},
                 {"8T", false, 0},      {"M", false, 0}};
    uint64_t value;
    int64_t seconds;

    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
        cr_expect_eq(parse_time(times[i].word, &value), times[i].good, "%s", times[i].word);
        cr_expect(!times[i].good || value == times[i].value, "%s", times[i].word);
    }
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        cr_expect_eq(parse_size(sizes[i].word, &value), sizes[i].good, "%s", sizes[i].word);
        cr_expect(!sizes[i].good || value == sizes[i].value, "%s", sizes[i].word);
    }
    cr_assert(parse_number("2", 1, 2, &value));
    cr_assert_not(parse_number("3", 1, 2, &value));
    cr_assert_not(parse_number("1x", 1, 2, &value));
    cr_assert(parse_date("2003-10-19", &seconds));
    cr_assert_eq(seconds, 1066521600);
    cr_assert_not(parse_date("2003-10-19x", &seconds));
    cr_assert(parse_date("2004-02-29", &seconds) && parse_date("1970-01-01", &seconds));
    cr_assert_eq(seconds, 0);
    cr_assert(parse_date("2099-12-31", &seconds));
    cr_assert_eq(seconds, INT64_C(4102358400));
    static const char *const no_days[] = {"2003-02-29", "2003-02-30", "2003-04-31", "2100-01-01",
                                          "1969-12-31", "0-1-1",      "99999-1-1",  "2003-13-01"};
    for (size_t i = 0; i < sizeof(no_days) / sizeof(no_days[0]); i++)
        cr_assert_not(parse_date(no_days[i], &seconds), "%s", no_days[i]);
}

static bool read_text(struct experiment *experiment, const char *text)
{
    char path[] = "/tmp/xenolith-test-XXXXXX";
    int fd = mkstemp(path);
    bool good;

    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    good = experiment_read(experiment, path, why, sizeof(why));
    unlink(path);
    return good;
}

static const char *first_value(const struct series *series, const char *name)
{
    const struct setting *setting = experiment_setting(series, name);

    return setting ? setting->value[0] : "";
}

Test(sim_experiment, reads_series_and_what_they_share)
{
    static struct experiment experiment;
    const struct setting *domains;

    cr_assert(read_text(&experiment, "[experiment]\nname = f\nsweep = 1, 2,8\nnormalise = 1\n"
                                     "slice = 50ms\ncpus = 2\n[a]\nsystem = native\n"
                                     "[b]\nlabel = the second\nsystem = xen\nslice = 5ms\n"),
              "%s", why);
    cr_assert_eq(experiment.count, 2);
    cr_assert_eq(experiment.series[0].axes, 1);
    domains = &experiment.series[0].setting[experiment.series[0].axis[0]];
    cr_assert_str_eq(domains->name, "domains");
    cr_assert_eq(domains->values, 3);
    cr_assert_str_eq(domains->value[2], "8");
    cr_assert_str_eq(experiment.series[1].label, "the second");
    cr_assert_str_eq(first_value(&experiment.series[0], "slice"), "50ms");
    cr_assert_str_eq(first_value(&experiment.series[1], "slice"), "5ms");
    cr_assert_null(experiment_setting(&experiment.series[1], "memory"));
    experiment_free(&experiment);
}

Test(sim_experiment, series_inherit)
{
    static struct experiment experiment;

    cr_assert(read_text(&experiment, "[experiment]\nname = f\naxis.slice = 1ms, 2ms\n"
                                     "[grandchild]\ninherit = child\ncpus = 4\n"
                                     "[child]\ninherit = parent\nslice = 9ms\nmemory = 16M\n"
                                     "[parent]\ntemplate = yes\ncpus = 1\nmemory = 8M\n"),
              "%s", why);
    cr_assert_str_eq(first_value(&experiment.series[0], "cpus"), "4");
    cr_assert_str_eq(first_value(&experiment.series[0], "memory"), "16M");
    cr_assert_str_eq(first_value(&experiment.series[0], "slice"), "9ms");
    cr_assert_eq(experiment.series[0].axes, 0, "a value takes the place of an axis");
    cr_assert_eq(experiment.series[2].axes, 1);
    cr_assert(experiment.series[2].template);
    experiment_free(&experiment);
}

Test(sim_experiment, refusals)
{
    static const char *const texts[] = {
        "",
        "[experiment]\nname = f\nsweep = 1\n",
        "[experiment]\nname = f\nsweep = 1,,2\n[a]\nsystem = xen\n",
        "[experiment]\nname = f\n[a]\ninherit = b\n[b]\ninherit = a\n",
        "[experiment]\nname = a/b\nsweep = 1\n[a]\nsystem = xen\n",
        "[experiment]\nname = f\nsweep = 1\nnormalise = x\n[a]\nsystem = xen\n",
        "name = f\n[experiment]\nsweep = 1\n[a]\nsystem = xen\n",
    };
    static struct experiment experiment;

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        why[0] = 0;
        cr_expect_not(read_text(&experiment, texts[i]), "%s", texts[i]);
        cr_expect_neq(why[0], 0);
        experiment_free(&experiment);
    }
}
