/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lab.c - `xenolith lab`: from a description to a table and a file of results
 *
 * Everything that can be wrong with a point is found out before the first one runs. What points
 * gave in earlier runs into the same folder stays, and stands in the table too.
 */
#include "sim/lab/lab.h"

#include "sim/cli/commands.h"
#include "sim/cli/setup.h"
#include "sim/db/db.h"
#include "sim/load/places.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A word with a slash or a dot is a file; another names one in experiments/. */
static void find_experiment(char *path, size_t bytes, const char *word)
{
    char name[256];

    if (strpbrk(word, "/.")) {
        snprintf(path, bytes, "%s", word);
        return;
    }
    snprintf(name, sizeof(name), "experiments/%s.ini", word);
    place_find(path, bytes, name);
}

static bool read_words(struct lab *lab, const struct options *options, char *why)
{
    const char *file = NULL, *jobs = option_value(options, OPT_JOBS);
    uint64_t number = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);

    for (unsigned i = 0; i < options->count; i++)
        if (options->given[i].option == OPT_WORD) {
            if (file) {
                snprintf(why, LAB_WHY, "lab takes one description, not also %s",
                         options->given[i].value);
                return false;
            }
            file = options->given[i].value;
        }
    if (!file) {
        snprintf(why, LAB_WHY, "lab needs the description of an experiment");
        return false;
    }
    if (*jobs && !parse_number(jobs, 1, 64, &number)) {
        snprintf(why, LAB_WHY, "--jobs %s: must be a number from 1 to 64", jobs);
        return false;
    }
    lab->jobs = (unsigned)number;
    find_experiment(lab->file, sizeof(lab->file), file);
    return true;
}

static bool read_options(struct lab *lab, const struct options *options, char *why)
{
    const char *engine = option_value(options, OPT_ENGINE);
    char name[128];

    if (!read_words(lab, options, why) ||
        !experiment_read(&lab->experiment, lab->file, why, LAB_WHY))
        return false;
    place_program(lab->program, sizeof(lab->program));
    lab->machine = option_given(options, OPT_MACHINE) ? option_value(options, OPT_MACHINE) : NULL;
    lab->db = option_given(options, OPT_DB_FILE) ? option_value(options, OPT_DB_FILE) : NULL;
    if (strcmp(engine, "local") != 0 && strcmp(engine, "slurm") != 0) {
        snprintf(why, LAB_WHY, "--engine %s: must be local or slurm", engine);
        return false;
    }
    lab->slurm = !strcmp(engine, "slurm");
    if (lab->db && !db_check(lab->db, why, LAB_WHY))
        return false;
    snprintf(name, sizeof(name), "results/%s", lab->experiment.name);
    if (option_given(options, OPT_OUT))
        snprintf(lab->out, sizeof(lab->out), "%s", option_value(options, OPT_OUT));
    else
        place_results(lab->out, sizeof(lab->out), name);
    return true;
}

/* Adds every result to the data base, in the order of the description. */
static bool fill_db(const struct lab *lab, char *why)
{
    struct db db;
    bool good;

    if (!lab->db)
        return true;
    good = db_open(&db, lab->db, DB_WRITE, why, LAB_WHY);
    if (!good)
        return false;
    for (size_t i = 0; good && i < lab->points; i++) {
        const struct point *point = &lab->point[i];
        char label[512];
        struct file file;

        if (point->state != POINT_DONE)
            continue;
        snprintf(label, sizeof(label), "%s/%s", lab->experiment.name, point->name);
        good = file_open(&file, point->result, why, LAB_WHY);
        if (!good)
            break;
        good = db_add(&db, (const char *)file.bytes, file.size, label, why, LAB_WHY);
        file_close(&file);
    }
    db_close(&db);
    return good;
}

static size_t points_in(const struct lab *lab, enum point_state state)
{
    size_t count = 0;

    for (size_t i = 0; i < lab->points; i++)
        count += lab->point[i].state == state;
    return count;
}

/* A word as a shell takes it: within ' if it has anything else than what paths have. */
static void show_word(const char *word)
{
    if (!strpbrk(word, " \t'\"\\$`*?[]<>|&;()~#!")) {
        printf(" %s", word);
        return;
    }
    fputs(" '", stdout);
    for (; *word; word++)
        if (*word == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*word);
    putchar('\'');
}

static void show_points(const struct lab *lab)
{
    size_t count = 0;

    for (size_t i = 0; i < lab->points; i++) {
        const struct point *point = &lab->point[i];

        if (!point->chosen)
            continue;
        count++;
        printf("%s%s\n ", point->name, point->state == POINT_DONE ? " (is there)" : "");
        for (size_t w = 1; w < point->words.count; w++)
            show_word(point->words.word[w]);
        putchar('\n');
    }
    printf("%zu points\n", count);
}

/* Runs what waits, and says what all gave; the exit status. */
static int measure(struct lab *lab, bool part, char *why)
{
    size_t waiting = points_in(lab, POINT_WAITING), there = points_in(lab, POINT_DONE);
    double start = host_time();

    if (!(lab->slurm ? slurm_run : lab_run)(lab, why)) {
        say("%s; %zu of %zu points are done, and --resume goes on with the others", why,
            points_in(lab, POINT_DONE), waiting + there);
        return lab->signal ? 128 + lab->signal : EXIT_RUN_FAILED;
    }
    if (part)
        return points_in(lab, POINT_FAILED) ? EXIT_RUN_FAILED : 0;
    if (!lab_collect(lab, why) || !lab_write_csv(lab, why) || !fill_db(lab, why)) {
        say("%s", why);
        return EXIT_RUN_FAILED;
    }
    lab_print_table(lab, stdout);
    printf("\nresults: %s\n", lab->out);
    fflush(stdout);
    fprintf(stderr, "xenolith: %zu points in %.0f s, %zu were there, %zu failed\n", waiting,
            host_time() - start, there, points_in(lab, POINT_FAILED));
    return points_in(lab, POINT_FAILED) ? EXIT_RUN_FAILED : 0;
}

int command_lab(const struct options *options)
{
    static struct lab lab;
    static char why[LAB_WHY];
    bool dry = option_given(options, OPT_DRY_RUN), collect = option_given(options, OPT_COLLECT);
    bool good;
    int status = EXIT_BAD_INPUT;

    good = read_options(&lab, options, why) && points_make(&lab, why) &&
           (collect || points_choose(&lab, option_value(options, OPT_POINTS), why)) &&
           points_check(&lab, why) &&
           points_find(&lab, dry || option_given(options, OPT_RESUME), why) &&
           (dry || folder_make(lab.out, why, LAB_WHY));
    if (!good) {
        say("%s", why);
        status = lab.signal ? 128 + lab.signal : EXIT_BAD_INPUT;
    } else if (dry) {
        show_points(&lab);
        status = 0;
    } else
        status = measure(&lab, option_given(options, OPT_PART), why);
    points_free(&lab);
    experiment_free(&lab.experiment);
    return status;
}
