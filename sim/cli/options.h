/* SPDX-License-Identifier: GPL-2.0-only */
/* options.h - the command line: words in, checked values out */
#ifndef XENOLITH_SIM_OPTIONS_H
#define XENOLITH_SIM_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum command {
    COMMAND_BOOT,
    COMMAND_STEP,
    COMMAND_VIEW,
    COMMAND_RUN,
    COMMAND_SHELL,
    COMMAND_GUEST,
    COMMAND_LAB,
    COMMAND_EXPLAIN,
    COMMAND_COVERAGE,
    COMMAND_COMPARE,
    COMMAND_DB,
    COMMAND_TRACE,
    COMMAND_PROFILE,
    COMMAND_GATE,
    COMMAND_BISECT,
    COMMAND_BUNDLE,
    COMMAND_REPLAY,
    COMMAND_COUNT
};

enum option {
#define OPTION(id, commands, name, argument, preset, help) OPT_##id,
#include "sim/cli/options.def"
#undef OPTION
    OPT_COUNT,
    OPT_WORD = OPT_COUNT /* a word that is not an option */
};

/* One option or word as it stood on the command line. */
struct given {
    enum option option;
    const char *value; /* its argument, or the word; "" for a switch */
};

#define OPTIONS_MAX 1024

struct options {
    enum command command;
    bool help; /* -h or --help stood among the options: nothing else counts */
    struct given given[OPTIONS_MAX];
    unsigned count;
};

/* The option of that name, without dashes, that a command takes; false: it takes none. */
bool option_named(enum command command, const char *name, enum option *option);
/* Whether it takes no argument. */
bool option_is_switch(enum option option);
/* Whether an option can change a result; the others say where output goes, or how it is shown. */
bool option_matters(enum option option);
/* An option and its value as one word of a command line, or the word itself. */
void option_word(const struct given *given, char *word, size_t bytes);

/* Parses `argv` for `command`, and for a second one whose options it takes too (COMMAND_COUNT:
 * none). False with one sentence in `why`: unknown option, missing argument,
 * option of another command, too many words. */
bool options_parse(struct options *options, enum command command, enum command second, int argc,
                   char *const argv[], char *why, size_t why_bytes);

/* The last value given for `option`, else its default from the table ("" if it has none). */
const char *option_value(const struct options *options, enum option option);
bool option_given(const struct options *options, enum option option);

/* "5ms", "400us", "2s", "100ns" in nanoseconds; "2G", "8M", "64k" in bytes; plain numbers within
 * bounds. False unless the whole word is one. */
bool parse_time(const char *word, uint64_t *nanoseconds);
bool parse_size(const char *word, uint64_t *bytes);
bool parse_number(const char *word, uint64_t least, uint64_t most, uint64_t *number);
/* "0.1%" or "0.001" as a share, from 0 to 1. */
bool parse_share(const char *word, double *share);
/* "2003-10-19" in seconds since 1970. False: no such day, or not of the years 1970 to 2099. */
bool parse_date(const char *word, int64_t *seconds);

/* One row of options.def. */
struct option_row {
    unsigned commands; /* bit n: enum command's n takes it */
    const char *name, *argument, *preset, *help;
};

const struct option_row *option_row(enum option option);

/* Prints words, wrapped before HELP_COLUMNS, each line behind `indent` spaces, and a line's end. */
#define HELP_COLUMNS 80
void options_wrapped(FILE *out, const char *text, int indent);

/* The rows of one command, for a terminal or as scdoc source. */
void options_help(enum command command, bool scdoc, FILE *out);

#endif
