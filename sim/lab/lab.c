/* SPDX-License-Identifier: GPL-2.0-only */
/* lab.c - `xenolith lab`: from a description to a table and a file of results */
#include "sim/lab/lab.h"

#include "sim/cli/commands.h"
#include "sim/cli/setup.h"
#include "sim/db/db.h"
#include "sim/load/file.h"
#include "sim/load/places.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool make_folders(const char *path)
{
    char part[4300];

    snprintf(part, sizeof(part), "%s", path);
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (mkdir(part, 0777) < 0 && errno != EEXIST)
            break;
        *slash = '/';
    }
    if (mkdir(part, 0777) < 0 && errno != EEXIST) {
        say("cannot make the folder %s: %s", part, strerror(errno));
        return false;
    }
    return true;
}

static bool time_option(const struct experiment *experiment, const struct series *series,
                        const char *name, const char *preset, uint64_t *nanoseconds)
{
    const char *word = experiment_option(experiment, series, name);

    if (parse_time(word ? word : preset, nanoseconds))
        return true;
    say("%s: %s = %s is not a time", series->name, name, word);
    return false;
}

static bool add_point(struct lab *lab, const struct series *series, uint32_t n)
{
    const struct experiment *experiment = lab->experiment;
    const char *cpus = experiment_option(experiment, series, "cpus");
    struct point *point = &lab->point[lab->points++];
    uint64_t least, slice, processors = 2;

    if (!time_option(experiment, series, "for", "400ms", &least) ||
        !time_option(experiment, series, "slice", "0ns", &slice))
        return false;
    if (cpus && !parse_number(cpus, 1, CPU_MAX, &processors)) {
        say("%s: cpus = %s is not 1 to %d", series->name, cpus, CPU_MAX);
        return false;
    }
    *point = (struct point){
        .series = series, .n = n, .for_ns = whole_rounds(least, slice, n, processors)};
    point->weight = (n == 1 ? 1 : 2) * (2 * point->for_ns + (uint64_t)n * 2000000);
    snprintf(point->json, sizeof(point->json), "%s/%s-%u.json", lab->out, series->name, n);
    snprintf(point->text, sizeof(point->text), "%s/%s-%u.txt", lab->out, series->name, n);
    snprintf(point->log, sizeof(point->log), "%s/%s-%u.log", lab->out, series->name, n);
    return true;
}

static bool add_points(struct lab *lab, const struct options *options)
{
    const struct experiment *experiment = lab->experiment;
    const char *only = option_value(options, OPT_POINTS);
    uint32_t sweep[EXPERIMENT_VALUES_MAX];
    unsigned values = experiment->values;

    memcpy(sweep, experiment->sweep, sizeof(sweep));
    if (*only && !experiment_values(only, sweep, &values)) {
        say("--points %s: must be numbers separated by commas", only);
        return false;
    }
    for (unsigned s = 0; s < experiment->count; s++)
        for (unsigned i = 0; i < values; i++)
            if (!add_point(lab, &experiment->series[s], sweep[i]))
                return false;
    return true;
}

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

static bool read_options(struct lab *lab, struct experiment *experiment,
                         const struct options *options)
{
    const char *file = NULL, *jobs = option_value(options, OPT_JOBS);
    uint64_t number = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
    char why[SETUP_WHY_BYTES], name[128], path[4096];

    for (unsigned i = 0; i < options->count; i++)
        if (options->given[i].option == OPT_WORD) {
            if (file) {
                say("lab takes one description, not also %s", options->given[i].value);
                return false;
            }
            file = options->given[i].value;
        }
    if (!file) {
        say("lab needs the description of an experiment");
        return false;
    }
    if (*jobs && !parse_number(jobs, 1, 64, &number)) {
        say("--jobs %s: must be a number from 1 to 64", jobs);
        return false;
    }
    lab->jobs = (unsigned)number;
    find_experiment(path, sizeof(path), file);
    if (!experiment_read(experiment, path, why, sizeof(why))) {
        say("%s", why);
        return false;
    }
    lab->experiment = experiment;
    lab->machine = option_given(options, OPT_MACHINE) ? option_value(options, OPT_MACHINE) : "";
    lab->db = option_given(options, OPT_DB_FILE) ? option_value(options, OPT_DB_FILE) : NULL;
    if (lab->db && !db_check(lab->db, why, sizeof(why))) {
        say("%s", why);
        return false;
    }
    snprintf(name, sizeof(name), "results/%s", experiment->name);
    if (option_given(options, OPT_OUT))
        snprintf(lab->out, sizeof(lab->out), "%s", option_value(options, OPT_OUT));
    else if (place_is_build())
        place_beside(lab->out, sizeof(lab->out), name);
    else
        snprintf(lab->out, sizeof(lab->out), "%s", name);
    return true;
}

/* Adds every point's result to the data base, in the order of the description. */
static bool fill_db(const struct lab *lab)
{
    char why[SETUP_WHY_BYTES], label[128];
    struct db db;
    bool good;

    if (!lab->db)
        return true;
    good = db_open(&db, lab->db, DB_WRITE, why, sizeof(why));
    for (unsigned i = 0; good && i < lab->points; i++) {
        const struct point *point = &lab->point[i];
        struct file file;

        snprintf(label, sizeof(label), "%s/%s-%u", lab->experiment->name, point->series->name,
                 point->n);
        good = file_open(&file, point->json, why, sizeof(why));
        if (!good)
            break;
        good = db_add(&db, (const char *)file.bytes, file.size, label, why, sizeof(why));
        file_close(&file);
    }
    db_close(&db);
    if (!good)
        say("%s", why);
    return good;
}

int command_lab(const struct options *options)
{
    static struct experiment experiment;
    static struct lab lab;
    double start = host_time();

    if (!read_options(&lab, &experiment, options) || !add_points(&lab, options) ||
        !make_folders(lab.out))
        return EXIT_BAD_INPUT;
    if (!lab_run(&lab) || !lab_collect(&lab) || !lab_write_csv(&lab) || !fill_db(&lab))
        return EXIT_RUN_FAILED;
    lab_print_table(&lab, stdout);
    printf("\nresults: %s\n", lab.out);
    fflush(stdout);
    fprintf(stderr, "xenolith: %u points in %.0f s\n", lab.points, host_time() - start);
    return 0;
}
