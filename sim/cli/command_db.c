/* SPDX-License-Identifier: GPL-2.0-only */
/* command_db.c - `xenolith db FILE ACTION`: a data base of results (sim/db/db.h) */
#include "sim/cli/commands.h"
#include "sim/cli/setup.h"
#include "sim/db/query.h"
#include "sim/load/file.h"

#include <string.h>

struct request {
    const char *path, *action;
    const char *word[OPTIONS_MAX];
    unsigned words;
    struct db db;
    struct query query;
    char why[SETUP_WHY_BYTES];
};

/* ---- what can be done ------------------------------------------------------------------------ */

static bool add(struct request *request)
{
    for (unsigned i = 0; i < request->words; i++) {
        struct file file;
        bool good;

        if (!file_open(&file, request->word[i], request->why, sizeof(request->why)))
            return false;
        good = db_add(&request->db, (const char *)file.bytes, file.size, request->word[i],
                      request->why, sizeof(request->why));
        file_close(&file);
        if (!good)
            return false;
    }
    return true;
}

static bool list(struct request *request)
{
    static const char *const names[] = {"configuration.system",    "configuration.workload",
                                        "configuration.domains",   "configuration.processors",
                                        "configuration.window_ns", "work.units_per_second"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        query_column_if(&request->query, names[i]);
    return query_runs(&request->query, stdout, request->why, sizeof(request->why));
}

static bool choose(struct request *request)
{
    for (unsigned i = 0; i < request->words; i++)
        if (!query_column(&request->query, request->word[i], request->why, sizeof(request->why)))
            return false;
    return query_runs(&request->query, stdout, request->why, sizeof(request->why));
}

static bool names(struct request *request)
{
    return query_names(&request->query, stdout, request->why, sizeof(request->why));
}

static bool export_all(struct request *request)
{
    return query_values(&request->query, stdout, request->why, sizeof(request->why));
}

static const struct action {
    const char *name;
    bool (*function)(struct request *request);
    enum db_mode mode;
    bool words; /* needs some; others take none */
    const char *needs;
} actions[] = {
    {"add", add, DB_WRITE, true, "files of results"},
    {"list", list, DB_READ, false, ""},
    {"names", names, DB_READ, false, ""},
    {"select", choose, DB_READ, true, "names of values, or patterns of them"},
    {"export", export_all, DB_READ, false, ""},
};

/* ---- what was asked -------------------------------------------------------------------------- */

static const struct action *find_action(struct request *request)
{
    char *why = request->why;

    if (!request->path || !request->action) {
        snprintf(why, SETUP_WHY_BYTES,
                 "db needs a file and one of add, list, names, select and export");
        return NULL;
    }
    for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++) {
        const struct action *action = &actions[i];

        if (strcmp(action->name, request->action) != 0)
            continue;
        if (action->words == (request->words > 0))
            return action;
        if (action->words)
            snprintf(why, SETUP_WHY_BYTES, "db %s needs %s", action->name, action->needs);
        else
            snprintf(why, SETUP_WHY_BYTES, "db %s takes no %s", action->name, request->word[0]);
        return NULL;
    }
    snprintf(why, SETUP_WHY_BYTES, "db knows add, list, names, select and export, not %s",
             request->action);
    return NULL;
}

static bool read_form(struct request *request, const char *word)
{
    static const char *const forms[] = {
        [QUERY_TEXT] = "text", [QUERY_CSV] = "csv", [QUERY_JSON] = "json"};

    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
        if (!strcmp(word, forms[i])) {
            request->query.form = (enum query_form)i;
            return true;
        }
    snprintf(request->why, sizeof(request->why), "--format %s: must be text, csv or json", word);
    return false;
}

static bool read_words(struct request *request, const struct options *options)
{
    for (unsigned i = 0; i < options->count; i++) {
        const char *value = options->given[i].value;
        struct query *query = &request->query;

        if (options->given[i].option == OPT_WHERE) {
            if (query->wheres == QUERY_WHERE_MAX ||
                !where_parse(&query->where[query->wheres++], value)) {
                snprintf(request->why, sizeof(request->why),
                         "--where %s: must be NAME=VALUE, or with != < <= > >=, at most %d of them",
                         value, QUERY_WHERE_MAX);
                return false;
            }
        } else if (options->given[i].option == OPT_WORD) {
            if (!request->path)
                request->path = value;
            else if (!request->action)
                request->action = value;
            else
                request->word[request->words++] = value;
        }
    }
    return true;
}

int command_db(const struct options *options)
{
    static struct request request;
    const struct action *action;
    int status = EXIT_BAD_INPUT;

    if (read_words(&request, options) &&
        read_form(&request, option_value(options, OPT_DB_FORMAT)) &&
        (action = find_action(&request)) &&
        db_open(&request.db, request.path, action->mode, request.why, sizeof(request.why))) {
        request.query.db = &request.db;
        if (action->function(&request))
            status = 0;
        query_free(&request.query);
        db_close(&request.db);
    }
    if (status)
        say("%s", request.why);
    return status;
}
