/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/cli/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BOOT    (1u << COMMAND_BOOT)
#define STEP    (1u << COMMAND_STEP)
#define VIEW    (1u << COMMAND_VIEW)
#define RUN     (1u << COMMAND_RUN)
#define SHELL   (1u << COMMAND_SHELL)
#define GUEST   (1u << COMMAND_GUEST)
#define LAB     (1u << COMMAND_LAB)
#define EXPLAIN (1u << COMMAND_EXPLAIN)
#define COMPARE (1u << COMMAND_COMPARE)
#define DB      (1u << COMMAND_DB)
#define TRACE   (1u << COMMAND_TRACE)
#define PROFILE (1u << COMMAND_PROFILE)
#define GATE    (1u << COMMAND_GATE)
#define BISECT  (1u << COMMAND_BISECT)

static const struct option_row rows[OPT_COUNT] = {
#define OPTION(id, commands, name, argument, preset, help)                                         \
    [OPT_##id] = {commands, name, argument, preset, help},
#include "sim/cli/options.def"
#undef OPTION
};

/* Of the commands in `commands`, a bit each. */
static bool find(unsigned commands, const char *word, size_t length, enum option *option)
{
    for (int i = 0; i < OPT_COUNT; i++)
        if (rows[i].commands & commands && strlen(rows[i].name) == length &&
            !strncmp(rows[i].name, word, length)) {
            *option = (enum option)i;
            return true;
        }
    return false;
}

static bool add(struct options *options, enum option option, const char *value, char *why,
                size_t why_bytes)
{
    if (options->count == OPTIONS_MAX) {
        snprintf(why, why_bytes, "more than %d words on the command line", OPTIONS_MAX);
        return false;
    }
    options->given[options->count++] = (struct given){option, value};
    return true;
}

/* Words for a program may be none. */
static bool may_be_empty(enum option option)
{
    return option == OPT_ARGS || option == OPT_EXTRA || option == OPT_COMMAND;
}

bool options_parse(struct options *options, enum command command, enum command second, int argc,
                   char *const argv[], char *why, size_t why_bytes)
{
    unsigned commands = 1u << command | (second == COMMAND_COUNT ? 0 : 1u << second);

    *options = (struct options){.command = command};
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i], *equals;
        const char *value = "";
        enum option option;
        size_t length;

        if (!strcmp(word, "-h") || !strcmp(word, "--help")) {
            options->help = true;
            return true;
        }
        if (strncmp(word, "--", 2) != 0) {
            if (!add(options, OPT_WORD, word, why, why_bytes))
                return false;
            continue;
        }
        equals = strchr(word, '=');
        length = equals ? (size_t)(equals - word) - 2 : strlen(word) - 2;
        if (!find(commands, word + 2, length, &option)) {
            snprintf(why, why_bytes, "unknown option %.*s", (int)length + 2, word);
            return false;
        }
        if (!*rows[option].argument && equals) {
            snprintf(why, why_bytes, "option --%s takes no argument", rows[option].name);
            return false;
        }
        if (*rows[option].argument) {
            value = equals ? equals + 1 : argv[i + 1 < argc ? ++i : i];
            if (!equals && value == word) {
                snprintf(why, why_bytes, "option --%s needs an argument: %s", rows[option].name,
                         rows[option].argument);
                return false;
            }
        }
        if (*rows[option].argument && !*value && !may_be_empty(option)) {
            snprintf(why, why_bytes, "option --%s: its argument is empty", rows[option].name);
            return false;
        }
        if (!add(options, option, value, why, why_bytes))
            return false;
    }
    return true;
}

const char *option_value(const struct options *options, enum option option)
{
    for (unsigned i = options->count; i-- > 0;)
        if (options->given[i].option == option)
            return options->given[i].value;
    return rows[option].preset;
}

bool option_given(const struct options *options, enum option option)
{
    for (unsigned i = 0; i < options->count; i++)
        if (options->given[i].option == option)
            return true;
    return false;
}

bool option_named(enum command command, const char *name, enum option *option)
{
    return find(1u << command, name, strlen(name), option);
}

bool option_is_switch(enum option option)
{
    return !*rows[option].argument;
}

bool option_matters(enum option option)
{
    static const enum option shown[] = {OPT_JSON,
                                        OPT_CSV,
                                        OPT_DB_FILE,
                                        OPT_PCAP,
                                        OPT_CONSOLE,
                                        OPT_NO_FILTER,
                                        OPT_TRACE_FORM,
                                        OPT_TRACE_KIND,
                                        OPT_TRACE_DOMAIN,
                                        OPT_TRACE_NAME,
                                        OPT_TRACE_OUT,
                                        OPT_PROFILE_FORM,
                                        OPT_PROFILE_SYMBOLS,
                                        OPT_PROFILE_EXACT,
                                        OPT_PROFILE_OUT,
                                        OPT_CHECK,
                                        OPT_SAVE,
                                        OPT_AT,
                                        OPT_LOAD};

    for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++)
        if (option == shown[i])
            return false;
    return true;
}

void option_word(const struct given *given, char *word, size_t bytes)
{
    const struct option_row *row = given->option == OPT_WORD ? NULL : &rows[given->option];

    if (row)
        snprintf(word, bytes, "--%s%s%s", row->name, *row->argument ? "=" : "", given->value);
    else
        snprintf(word, bytes, "%s", given->value);
}

/* Digits, then a suffix that must be one of those in the list; multiplies by its factor. */
struct unit {
    const char *suffix;
    uint64_t factor;
};

static bool parse_with_unit(const char *word, const struct unit *units, uint64_t *value)
{
    char *end;
    unsigned long long number;

    if (!isdigit((unsigned char)*word))
        return false;
    errno = 0;
    number = strtoull(word, &end, 10);
    if (errno)
        return false;
    for (; units->suffix; units++)
        if (!strcmp(end, units->suffix))
            return !__builtin_mul_overflow((uint64_t)number, units->factor, value);
    return false;
}

bool parse_time(const char *word, uint64_t *nanoseconds)
{
    static const struct unit units[] = {
        {"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}, {NULL, 0}};

    return parse_with_unit(word, units, nanoseconds);
}

bool parse_size(const char *word, uint64_t *bytes)
{
    static const struct unit units[] = {{"", 1},        {"k", 1 << 10}, {"K", 1 << 10},
                                        {"M", 1 << 20}, {"G", 1 << 30}, {NULL, 0}};

    return parse_with_unit(word, units, bytes);
}

bool parse_number(const char *word, uint64_t least, uint64_t most, uint64_t *number)
{
    static const struct unit units[] = {{"", 1}, {NULL, 0}};

    return parse_with_unit(word, units, number) && *number >= least && *number <= most;
}

bool parse_share(const char *word, double *share)
{
    char *end;

    *share = strtod(word, &end);
    if (!strcmp(end, "%"))
        *share /= 100;
    else if (*end)
        return false;
    return end != word && *share >= 0 && *share <= 1;
}

/* From where guests count to where 32 bits of seconds and two digits of a century still hold. */
enum { YEAR_FIRST = 1970, YEAR_LAST = 2099 };

bool parse_date(const char *word, int64_t *seconds)
{
    struct tm tm = {0};
    const char *end = strptime(word, "%Y-%m-%d", &tm);

    struct tm made = tm;

    if (!end || *end || tm.tm_year < YEAR_FIRST - 1900 || tm.tm_year > YEAR_LAST - 1900)
        return false;
    *seconds = timegm(&made);
    return made.tm_mday == tm.tm_mday; /* timegm() makes March of a February's 30th */
}

/* ---- help ------------------------------------------------------------------------------------ */

const struct option_row *option_row(enum option option)
{
    return &rows[option];
}

void options_wrapped(FILE *out, const char *text, int indent)
{
    int column = indent;

    fprintf(out, "%*s", indent, "");
    while (*text) {
        int length = (int)strcspn(text, " ");

        if (column > indent && column + 1 + length >= HELP_COLUMNS) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', out);
            column++;
        }
        fprintf(out, "%.*s", length, text);
        column += length;
        text += length + (text[length] == ' ');
    }
    fputc('\n', out);
}

void options_help(enum command command, bool scdoc, FILE *out)
{
    for (int i = 0; i < OPT_COUNT; i++) {
        const struct option_row *row = &rows[i];
        char text[512];

        if (!(row->commands >> command & 1))
            continue;
        snprintf(text, sizeof(text), "%s%s%s%s", row->help, *row->preset ? " (" : "", row->preset,
                 *row->preset ? ")" : "");
        if (scdoc)
            fprintf(out, "*--%s*%s%s%s\n\t%s\n\n", row->name, *row->argument ? " _" : "",
                    row->argument, *row->argument ? "_" : "", text);
        else {
            fprintf(out, "  --%s%s%s\n", row->name, *row->argument ? " " : "", row->argument);
            options_wrapped(out, text, 8);
        }
    }
}
