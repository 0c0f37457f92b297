/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * command_trace.c - `xenolith trace [boot|run|shell|guest] ...`: the same, with a trace
 */
#include "sim/cli/commands.h"
#include "sim/trace/trace.h"

#include <stdlib.h>
#include <string.h>

static const struct trace_form *const forms[] = {&trace_text, &trace_xentrace, &trace_perfetto};

/* Each word of a list with commas in turn; false: `take` took one for nonsense. */
static bool each_word(const char *list, char *why,
                      bool (*take)(struct trace *, const char *, char *), struct trace *trace)
{
    char word[64];

    for (;;) {
        size_t length = strcspn(list, ",");

        snprintf(word, sizeof(word), "%.*s", (int)length, list);
        if (length >= sizeof(word) || !take(trace, word, why))
            return false;
        if (!list[length])
            return true;
        list += length + 1;
    }
}

static bool take_kind(struct trace *trace, const char *word, char *why)
{
    for (unsigned kind = 0; kind < TRACE_KIND_COUNT; kind++)
        if (!strcmp(word, trace_kind_name((enum trace_kind)kind))) {
            trace->filter.kinds |= 1u << kind;
            return true;
        }
    snprintf(why, SETUP_WHY_BYTES, "there is no kind %s of what is traced", word);
    return false;
}

static bool take_context(struct trace *trace, const char *word, char *why)
{
    struct trace_filter *filter = &trace->filter;
    uint64_t number;

    if (filter->contexts < TRACE_FILTERS && !strcmp(word, "idle")) {
        filter->context[filter->contexts++] = ANNOUNCE_CONTEXT_IDLE;
        return true;
    }
    if (filter->contexts < TRACE_FILTERS && parse_number(word, 0, ANNOUNCE_CONTEXT_MAX, &number)) {
        filter->context[filter->contexts++] = (uint32_t)number;
        return true;
    }
    snprintf(why, SETUP_WHY_BYTES, "--domain %s: must be at most %d numbers of domains, or idle",
             word, TRACE_FILTERS);
    return false;
}

static bool is_name(const char *word)
{
    char text[TRACE_NAME];

    for (uint32_t i = 0; i < SYSCALL_MAX; i++)
        if (trace_syscall_name(i) && !strcmp(trace_syscall_name(i), word))
            return true;
    for (uint32_t i = 0; i < HYPERCALL_MAX; i++)
        if (trace_hypercall_name(i) && !strcmp(trace_hypercall_name(i), word))
            return true;
    for (uint32_t i = 0; i < 32; i++)
        if (!strcmp(trace_exception_name(i, text), word))
            return true;
    return false;
}

static bool take_name(struct trace *trace, const char *word, char *why)
{
    struct trace_filter *filter = &trace->filter;

    if (!is_name(word) || filter->names == TRACE_FILTERS) {
        snprintf(why, SETUP_WHY_BYTES,
                 "--name %s: must be at most %d names of hypercalls, system calls or exceptions",
                 word, TRACE_FILTERS);
        return false;
    }
    snprintf(filter->name[filter->names++], sizeof(filter->name[0]), "%.39s", word);
    return true;
}

static bool read_filter(struct trace *trace, const struct options *options, char *why)
{
    static const struct {
        enum option option;
        bool (*take)(struct trace *trace, const char *word, char *why);
    } filters[] = {
        {OPT_TRACE_KIND, take_kind}, {OPT_TRACE_DOMAIN, take_context}, {OPT_TRACE_NAME, take_name}};

    for (unsigned i = 0; i < options->count; i++)
        for (size_t f = 0; f < sizeof(filters) / sizeof(*filters); f++)
            if (options->given[i].option == filters[f].option &&
                !each_word(options->given[i].value, why, filters[f].take, trace))
                return false;
    if (!trace->filter.kinds)
        trace->filter.kinds = TRACE_ALL;
    return true;
}

static bool read_request(struct trace *trace, const struct options *options, char *why)
{
    const char *form = option_value(options, OPT_TRACE_FORM);

    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
        if (!strcmp(forms[i]->name, form))
            trace->form = forms[i];
    if (!trace->form) {
        snprintf(why, SETUP_WHY_BYTES, "--form %s: must be text, xentrace or perfetto", form);
        return false;
    }
    if (!read_filter(trace, options, why))
        return false;
    trace->out = stderr;
    if (option_given(options, OPT_TRACE_OUT)) {
        if (!result_file_open(&trace->file, option_value(options, OPT_TRACE_OUT), why,
                              SETUP_WHY_BYTES))
            return false;
        trace->out = trace->file.out;
    } else if (!trace->form->text) {
        snprintf(why, SETUP_WHY_BYTES, "--form %s needs --out", form);
        return false;
    }
    return true;
}

int command_trace(const struct options *options, command_function *command)
{
    struct trace *trace = calloc(1, sizeof(*trace));
    struct watcher watcher = {trace, trace_begin, trace_end};
    char why[SETUP_WHY_BYTES] = "no memory for a trace";
    int status = EXIT_BAD_INPUT;

    if (trace && read_request(trace, options, why)) {
        watch_with(&watcher);
        status = command(options);
        watch_with(NULL);
    } else {
        say("%s", why);
    }
    if (trace)
        result_file_drop(&trace->file);
    free(trace);
    return status;
}
