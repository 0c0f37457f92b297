/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/lab/beside.h"

#include "sim/cli/setup.h"
#include "sim/lab/compare.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX  16
#define NAME_BYTES 96
#define TEXT_FILES 4 /* columns that 80 characters hold */

enum form { TEXT, CSV, JSON, MARKDOWN };

struct row {
    char name[NAME_BYTES];
    double cycles[FILES_MAX];
};

struct table {
    const char *file[FILES_MAX];
    double all[FILES_MAX];
    size_t files;
    struct row *row;
    size_t rows, room;
    enum form form;
    bool by_name;
    uint64_t top;
    bool by_cause, by_hypercall;
};

/* ---- rows ------------------------------------------------------------------------------------ */

static struct row *find_row(struct table *table, const char *name)
{
    for (size_t i = 0; i < table->rows; i++)
        if (!strcmp(table->row[i].name, name))
            return &table->row[i];
    if (table->rows == table->room) {
        size_t room = table->room ? 2 * table->room : 256;
        struct row *more = realloc(table->row, room * sizeof(*more));

        if (!more)
            return NULL;
        table->row = more;
        table->room = room;
    }
    table->row[table->rows] = (struct row){.name = ""};
    strcpy(table->row[table->rows].name, name);
    return &table->row[table->rows++];
}

/* The row of a leaf's cycles; false if it has none. Names come from files: control bytes go. */
static bool name_row(const struct table *table, const char *path, char name[NAME_BYTES])
{
    char who[32], what[40];
    unsigned processor, ring;
    int end = 0;

    if (sscanf(path, "contexts[%31[^]]].processors[%u].events.cycles_%39[a-z0-9_][%u]%n", who,
               &processor, what, &ring, &end) == 4 &&
        table->by_cause)
        snprintf(name, NAME_BYTES, "%s, ring %u: %s", who, ring, what);
    else if (sscanf(path, "reasons.%39[^.].cycles%n", what, &end) == 1 && end && !path[end] &&
             table->by_hypercall)
        snprintf(name, NAME_BYTES, "ring 0 for %s", what);
    else
        return false;
    for (char *c = name; *c; c++)
        if ((unsigned char)*c < ' ' || (unsigned char)*c >= 127 || strchr("\"|", *c))
            *c = '?';
    return !path[end];
}

static bool read_file(struct table *table, size_t file)
{
    char why[SETUP_WHY_BYTES] = "no memory for its rows", name[NAME_BYTES];
    struct leaf_list leaves;
    bool good = compare_read(table->file[file], &leaves, why, sizeof(why));

    for (size_t i = 0; good && i < leaves.count; i++) {
        const struct leaf *leaf = &leaves.leaf[i];
        struct row *row;

        if (!strncmp(leaf->path, "events.cycles_", 14))
            table->all[file] += leaf->number;
        if (leaf->kind != LEAF_NUMBER || leaf->number <= 0 || !name_row(table, leaf->path, name))
            continue;
        row = find_row(table, name);
        good = row;
        if (row)
            row->cycles[file] += leaf->number;
    }
    leaves_free(&leaves);
    if (good && table->all[file] <= 0) {
        snprintf(why, sizeof(why), "%.900s holds no cycles", table->file[file]);
        good = false;
    }
    if (!good)
        say("%s", why);
    return good;
}

static int by_cycles(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    double most_x = 0, most_y = 0;

    for (size_t i = 0; i < FILES_MAX; i++) {
        most_x = x->cycles[i] > most_x ? x->cycles[i] : most_x;
        most_y = y->cycles[i] > most_y ? y->cycles[i] : most_y;
    }
    return most_x != most_y ? (most_x < most_y) - (most_x > most_y) : strcmp(x->name, y->name);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct row *)a)->name, ((const struct row *)b)->name);
}

/* ---- forms ----------------------------------------------------------------------------------- */

/* The end of a file's name, which tells it from others, without what a terminal would obey. */
static const char *short_name(const char *path, size_t columns, char name[NAME_BYTES])
{
    size_t length = strlen(path);

    snprintf(name, NAME_BYTES, "%s", length > columns ? path + length - columns : path);
    for (char *c = name; *c; c++)
        if ((unsigned char)*c < ' ' || (unsigned char)*c >= 127)
            *c = '?';
    return name;
}

static void print_text(const struct table *table)
{
    bool markdown = table->form == MARKDOWN;
    char name[NAME_BYTES];

    printf(markdown ? "| %% of cycles |" : "%-32s", "% of cycles");
    for (size_t i = 0; i < table->files; i++)
        printf(markdown ? " %s |" : " %11s",
               short_name(table->file[i], markdown ? NAME_BYTES - 1 : 11, name));
    putchar('\n');
    for (size_t i = 0; markdown && i <= table->files; i++)
        fputs(i ? "---:|" : "|---|", stdout);
    if (markdown)
        putchar('\n');
    for (size_t r = 0; r < table->rows && (!table->top || r < table->top); r++) {
        printf(markdown ? "| %s |" : "%-32.32s", table->row[r].name);
        for (size_t i = 0; i < table->files; i++)
            printf(markdown ? " %.3f |" : " %11.3f", 100 * table->row[r].cycles[i] / table->all[i]);
        putchar('\n');
    }
    if (table->top && table->rows > table->top && !markdown)
        printf("(%zu more; --top 0 shows all)\n", table->rows - (size_t)table->top);
}

static void print_csv(const struct table *table)
{
    char name[NAME_BYTES];

    printf("cycles");
    for (size_t i = 0; i < table->files; i++)
        printf(",\"%s\"", short_name(table->file[i], NAME_BYTES - 1, name));
    putchar('\n');
    for (size_t r = 0; r < table->rows && (!table->top || r < table->top); r++) {
        printf("\"%s\"", table->row[r].name);
        for (size_t i = 0; i < table->files; i++)
            printf(",%.0f", table->row[r].cycles[i]);
        putchar('\n');
    }
}

static void print_json(const struct table *table)
{
    json_t *files = json_array(), *rows = json_array();
    json_t *root = json_pack("{s:s, s:o, s:o}", "schema", "xenolith-explanation/1", "files", files,
                             "rows", rows);
    char name[NAME_BYTES];

    for (size_t i = 0; i < table->files; i++)
        json_array_append_new(files, json_pack("{s:s, s:f}", "name",
                                               short_name(table->file[i], NAME_BYTES - 1, name),
                                               "cycles", table->all[i]));
    for (size_t r = 0; r < table->rows && (!table->top || r < table->top); r++) {
        json_t *cycles = json_array();

        for (size_t i = 0; i < table->files; i++)
            json_array_append_new(cycles, json_integer((json_int_t)table->row[r].cycles[i]));
        json_array_append_new(
            rows, json_pack("{s:s, s:o}", "name", table->row[r].name, "cycles", cycles));
    }
    json_dumpf(root, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(root);
}

/* ---- what was asked -------------------------------------------------------------------------- */

static bool read_options(struct table *table, const struct options *options)
{
    static const char *const forms[] = {
        [TEXT] = "text", [CSV] = "csv", [JSON] = "json", [MARKDOWN] = "markdown"};
    const char *form = option_value(options, OPT_EXPLAIN_FORMAT),
               *by = option_value(options, OPT_BY);
    const char *sort = option_value(options, OPT_SORT);
    size_t known = 0;

    for (unsigned i = 0; i < options->count; i++)
        if (options->given[i].option == OPT_WORD && table->files < FILES_MAX)
            table->file[table->files++] = options->given[i].value;
    while (known < 4 && strcmp(forms[known], form) != 0)
        known++;
    table->form = (enum form)known;
    table->by_name = !strcmp(sort, "name");
    table->by_cause = !*by || !strcmp(by, "cause");
    table->by_hypercall = !strcmp(by, "hypercall");
    if (known == 4)
        say("--format %s: must be text, csv, json or markdown", form);
    else if (!table->by_name && strcmp(sort, "cycles") != 0)
        say("--sort %s: must be cycles or name", sort);
    else if (!table->by_cause && !table->by_hypercall)
        say("--by %s: must be cause or hypercall", by);
    else if (!parse_number(option_value(options, OPT_EXPLAIN_TOP), 0, 1000000, &table->top))
        say("--top %s: must be a number of rows", option_value(options, OPT_EXPLAIN_TOP));
    else if (table->form == TEXT && table->files > TEXT_FILES)
        say("%d files fit side by side; --format csv takes more", TEXT_FILES);
    else
        return true;
    return false;
}

bool beside_show(const struct options *options)
{
    struct table table = {0};
    bool good = read_options(&table, options);

    for (size_t i = 0; good && i < table.files; i++)
        good = read_file(&table, i);
    if (good && table.rows)
        qsort(table.row, table.rows, sizeof(*table.row), table.by_name ? by_name : by_cycles);
    if (good && table.form == CSV)
        print_csv(&table);
    else if (good && table.form == JSON)
        print_json(&table);
    else if (good)
        print_text(&table);
    free(table.row);
    return good;
}
