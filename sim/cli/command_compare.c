/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * command_compare.c - `xenolith compare OLD NEW`: what differs between results
 *
 * Two files, or two folders of them, whose files are paired by name. The exit status is an answer:
 * 0 if no count and no cycles differ by more than they may, 1 if any does or a side lacks a file, 2
 * if something could not be compared.
 */
#include "sim/cli/commands.h"
#include "sim/cli/setup.h"
#include "sim/lab/compare.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define EXIT_SAME    0
#define EXIT_DIFFERS 1

/* ---- options --------------------------------------------------------------------------------- */

/*
 * All values given for an option, and NULL behind them; NULL if it was not given or without memory.
 */
static const char **all_given(const struct options *options, enum option option)
{
    const char **list = NULL;
    size_t count = 0;

    if (!option_given(options, option))
        return NULL;
    list = calloc(options->count + 1, sizeof(*list));
    for (unsigned i = 0; list && i < options->count; i++)
        if (options->given[i].option == option)
            list[count++] = options->given[i].value;
    return list;
}

/* ---- which files ----------------------------------------------------------------------------- */

struct pair_list {
    struct compared *pair;
    size_t count;
};

static int is_result(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return entry->d_name[0] != '.' && dot && !strcmp(dot, ".json");
}

static char *join(const char *folder, const char *name)
{
    char *path;

    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

static bool add_pair(struct pair_list *list, const char *name, char *before, char *after)
{
    struct compared *more = realloc(list->pair, (list->count + 1) * sizeof(*more));

    if (!more)
        return false;
    list->pair = more;
    more[list->count] = (struct compared){.name = strdup(name), .before = before, .after = after};
    return more[list->count++].name != NULL;
}

/* Both listings are sorted; a name that one side lacks is a pair of which half is missing. */
static bool pair_folders(struct pair_list *list, const char *before, const char *after)
{
    struct dirent **old = NULL, **new_ones = NULL;
    int old_count = scandir(before, &old, is_result, alphasort);
    int new_count = scandir(after, &new_ones, is_result, alphasort);
    int i = 0, k = 0;
    bool complete = old_count >= 0 && new_count >= 0;

    if (!complete)
        say("%s: %s", old_count < 0 ? before : after, strerror(errno));
    while (complete && (i < old_count || k < new_count)) {
        int order = i == old_count   ? 1
                    : k == new_count ? -1
                                     : strcmp(old[i]->d_name, new_ones[k]->d_name);
        const char *name = order <= 0 ? old[i]->d_name : new_ones[k]->d_name;

        complete = add_pair(list, name, order <= 0 ? join(before, name) : NULL,
                            order >= 0 ? join(after, name) : NULL);
        i += order <= 0;
        k += order >= 0;
    }
    for (i = 0; i < old_count; i++)
        free(old[i]);
    for (k = 0; k < new_count; k++)
        free(new_ones[k]);
    free(old);
    free(new_ones);
    if (complete && !list->count)
        say("neither %s nor %s holds a result (*.json)", before, after);
    return complete && list->count;
}

static bool is_folder(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool find_pairs(struct pair_list *list, const char *before, const char *after)
{
    char *name;
    bool added;

    if (is_folder(before) != is_folder(after)) {
        say("compare takes two files or two folders: %s is a folder and %s is none",
            is_folder(before) ? before : after, is_folder(before) ? after : before);
        return false;
    }
    if (is_folder(before))
        return pair_folders(list, before, after);
    if (asprintf(&name, "%s -> %s", before, after) < 0)
        return false;
    added = add_pair(list, name, strdup(before), strdup(after));
    free(name);
    return added;
}

/* ---- the command ----------------------------------------------------------------------------- */

static int compare_all(struct pair_list *list, const struct compare_rules *rules,
                       enum compare_form form, size_t top)
{
    int status = EXIT_SAME;

    for (size_t i = 0; i < list->count; i++) {
        struct compared *pair = &list->pair[i];
        bool both = pair->before && pair->after;

        if (both && !compare_files(&pair->comparison, pair->before, pair->after, rules, pair->why,
                                   sizeof(pair->why)))
            status = EXIT_BAD_INPUT;
        else if (status == EXIT_SAME && (!both || comparison_differs(&pair->comparison)))
            status = EXIT_DIFFERS;
        if (pair->why[0])
            say("%s", pair->why);
    }
    compare_print(list->pair, list->count, form, top, stdout);
    return status;
}

int command_compare(const struct options *options)
{
    struct compare_rules rules = {.only = all_given(options, OPT_ONLY),
                                  .ignore = all_given(options, OPT_IGNORE)};
    struct pair_list list = {0};
    const char *side[2] = {NULL, NULL};
    enum compare_form form = FORM_TEXT;
    uint64_t top = 0, slack = 0;
    unsigned words = 0;
    int status = EXIT_BAD_INPUT;

    for (unsigned i = 0; i < options->count; i++)
        if (options->given[i].option == OPT_WORD && words++ < 2)
            side[words - 1] = options->given[i].value;
    if (words != 2)
        say("compare needs two results, the old one first");
    else if (!parse_share(option_value(options, OPT_TOLERANCE), &rules.tolerance))
        say("--tolerance is a share such as 0.1%%, not '%s'", option_value(options, OPT_TOLERANCE));
    else if (!parse_number(option_value(options, OPT_SLACK), 0, 1ull << 53, &slack))
        say("--slack is a whole number, not '%s'", option_value(options, OPT_SLACK));
    else if (!parse_number(option_value(options, OPT_TOP), 0, 1000000, &top))
        say("--top is a number of rows, not '%s'", option_value(options, OPT_TOP));
    else if (!compare_form(option_value(options, OPT_FORMAT), &form))
        say("--format is text, markdown, json or junit, not '%s'",
            option_value(options, OPT_FORMAT));
    else if (find_pairs(&list, side[0], side[1])) {
        rules.slack = (double)slack;
        status = compare_all(&list, &rules, form, top);
    }
    for (size_t i = 0; i < list.count; i++) {
        comparison_free(&list.pair[i].comparison);
        free(list.pair[i].name);
        free((char *)list.pair[i].before);
        free((char *)list.pair[i].after);
    }
    free(list.pair);
    free(rules.only);
    free(rules.ignore);
    return status;
}
