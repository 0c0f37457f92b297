/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/cli/outputs.h"

#include "sim/db/db.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static const struct {
    enum option option;
    const char *name;
    result_format *format;
} forms[OUTPUTS] = {
    {OPT_JSON, "json", result_json},
    {OPT_CSV, "csv", result_csv},
};

/* Whether two open files are one, by whatever names. */
static bool same_file(FILE *a, FILE *b)
{
    struct stat one, other;

    return !fstat(fileno(a), &one) && !fstat(fileno(b), &other) && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

bool outputs_open(struct outputs *outputs, const struct options *options, char *why)
{
    for (unsigned i = 0; i < OUTPUTS; i++) {
        const char *path = option_value(options, forms[i].option);

        if (*path && !result_file_open(&outputs->file[i], path, why, SETUP_WHY_BYTES))
            return false;
        for (unsigned other = 0; *path && other < i; other++)
            if (outputs->file[other].out &&
                same_file(outputs->file[i].out, outputs->file[other].out)) {
                snprintf(why, SETUP_WHY_BYTES, "--%s and --%s name the same file, %s",
                         forms[other].name, forms[i].name, path);
                return false;
            }
    }
    if (option_given(options, OPT_DB_FILE))
        outputs->db = option_value(options, OPT_DB_FILE);
    return !outputs->db || db_check(outputs->db, why, SETUP_WHY_BYTES);
}

static bool add_to_db(const char *path, const struct result *result, char *why, size_t why_bytes)
{
    char *text = NULL;
    size_t bytes;
    FILE *memory = open_memstream(&text, &bytes);
    struct db db;
    bool good;

    if (!memory) {
        snprintf(why, why_bytes, "no memory for the result");
        return false;
    }
    result_json(memory, result);
    good = fclose(memory) == 0 && db_open(&db, path, DB_WRITE, why, why_bytes);
    if (good) {
        good = db_add(&db, text, bytes, NULL, why, why_bytes);
        db_close(&db);
    }
    free(text);
    return good;
}

bool outputs_write(struct outputs *outputs, const struct result *result)
{
    char why[SETUP_WHY_BYTES];
    bool good = true;

    for (unsigned i = 0; i < OUTPUTS; i++) {
        if (!outputs->file[i].out)
            continue;
        forms[i].format(outputs->file[i].out, result);
        if (!result_file_keep(&outputs->file[i], why, sizeof(why))) {
            say("%s", why);
            good = false;
        }
    }
    if (outputs->db && !add_to_db(outputs->db, result, why, sizeof(why))) {
        say("%s", why);
        good = false;
    }
    return good;
}

void outputs_drop(struct outputs *outputs)
{
    for (unsigned i = 0; i < OUTPUTS; i++)
        result_file_drop(&outputs->file[i]);
}
