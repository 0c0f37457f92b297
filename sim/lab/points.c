/* SPDX-License-Identifier: GPL-2.0-only */
/* points.c - from series with axes to points, each a command line that `run` has agreed to */
#include "sim/lab/lab.h"

#include "sim/cli/setup.h"
#include "sim/lab/tasks.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

__attribute__((format(printf, 1, 2))) static char *print(const char *format, ...)
{
    va_list values;
    char *text;
    int length;

    va_start(values, format);
    length = vasprintf(&text, format, values);
    va_end(values);
    if (length >= 0)
        return text;
    say("no memory for a point's name");
    exit(EXIT_FAILURE);
}

/* ---- making ---------------------------------------------------------------------------------- */

/* SERIES-VALUE-VALUE; what is no part of a plain name becomes _. */
static char *name_point(const struct point *point)
{
    char *name = print("%s", point->series->name);

    for (size_t i = 0; i < point->series->axes; i++) {
        char *longer = print("%s-%s", name, point->value[i]);

        free(name);
        name = longer;
    }
    for (char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("._+-", *c))
            *c = '_';
    return name;
}

static const char *value_of(const struct point *point, size_t setting)
{
    for (size_t i = 0; i < point->series->axes; i++)
        if (point->series->axis[i] == setting)
            return point->value[i];
    return point->series->setting[setting].value[0];
}

static bool add_words(struct lab *lab, struct point *point, char *why)
{
    const struct series *series = point->series;
    char sentence[512];

    words_add(&point->words, "%s", lab->program);
    words_add(&point->words, "run");
    for (size_t i = 0; i < series->settings; i++) {
        const struct setting *setting = &series->setting[i];

        if (!words_option(&point->words, COMMAND_RUN, setting->name, value_of(point, i), sentence,
                          sizeof(sentence)))
            return sections_wrong(&lab->experiment.sections, setting->line, why, LAB_WHY, "%s",
                                  sentence);
    }
    if (lab->machine)
        words_add(&point->words, "--machine=%s", lab->machine);
    return true;
}

static bool add_point(struct lab *lab, const struct series *series, const size_t index[], char *why)
{
    struct point *point = &lab->point[lab->points];

    if (lab->points == POINTS_MAX)
        return sections_wrong(&lab->experiment.sections, series->line, why, LAB_WHY,
                              "with %s there are more than %d points", series->name, POINTS_MAX);
    *point = (struct point){.series = series};
    lab->points++;
    for (size_t i = 0; i < series->axes; i++)
        point->value[i] = series->setting[series->axis[i]].value[index[i]];
    point->name = name_point(point);
    point->result = print("%s/%s.json", lab->out, point->name);
    point->fresh = print("%s/%s.json.new", lab->out, point->name);
    point->text = print("%s/%s.txt", lab->out, point->name);
    point->log = print("%s/%s.log", lab->out, point->name);
    point->key = print("%s/%s.key", lab->out, point->name);
    for (size_t i = 0; i + 1 < lab->points; i++)
        if (!strcmp(lab->point[i].name, point->name))
            return sections_wrong(&lab->experiment.sections, series->line, why, LAB_WHY,
                                  "two points would be called %s", point->name);
    if (strlen(point->name) > 200)
        return sections_wrong(&lab->experiment.sections, series->line, why, LAB_WHY,
                              "a point's name would be too long: %.40s...", point->name);
    return add_words(lab, point, why);
}

/* The last axis changes first. False when all have been. */
static bool advance(const struct series *series, bool zip, size_t index[])
{
    for (size_t i = series->axes; i-- > 0;) {
        if (++index[i] < series->setting[series->axis[i]].values) {
            for (size_t k = 0; zip && k < i; k++)
                index[k]++;
            return true;
        }
        if (zip)
            return false;
        index[i] = 0;
    }
    return false;
}

bool points_make(struct lab *lab, char *why)
{
    lab->point = calloc(POINTS_MAX, sizeof(*lab->point));
    if (!lab->point) {
        snprintf(why, LAB_WHY, "no memory for points");
        return false;
    }
    for (size_t s = 0; s < lab->experiment.count; s++) {
        const struct series *series = &lab->experiment.series[s];
        size_t index[EXPERIMENT_AXES_MAX] = {0};

        if (series->template)
            continue;
        do
            if (!add_point(lab, series, index, why))
                return false;
        while (advance(series, lab->experiment.zip, index));
    }
    return true;
}

/* ---- choosing -------------------------------------------------------------------------------- */

static bool matches(const struct point *point, const char *word)
{
    const struct series *series = point->series;
    const char *equals = strchr(word, '=');

    if (!equals)
        return fnmatch(word, point->name, 0) == 0 || !strcmp(word, series->name) ||
               (series->axes && !strcmp(word, point->value[0]));
    for (size_t i = 0; i < series->axes; i++) {
        const char *name = series->setting[series->axis[i]].name;

        if (strlen(name) == (size_t)(equals - word) &&
            !strncmp(name, word, (size_t)(equals - word)) && !strcmp(point->value[i], equals + 1))
            return true;
    }
    return false;
}

bool points_choose(struct lab *lab, const char *list, char *why)
{
    char *copy = print("%s", list), *rest = copy, *word;
    bool good = true;

    for (size_t i = 0; !*list && i < lab->points; i++)
        lab->point[i].chosen = true;
    while (*list && good && (word = sections_member(&rest))) {
        bool found = false;

        for (size_t i = 0; i < lab->points; i++)
            if (matches(&lab->point[i], word))
                found = lab->point[i].chosen = true;
        if (!found)
            snprintf(why, LAB_WHY, "--points %s: no point of %s matches", word, lab->file);
        good = found;
    }
    free(copy);
    return good;
}

/* ---- checking -------------------------------------------------------------------------------- */

/* Whether a sentence of `run` begins with an option, as in "--slice 1ns: must be". */
static bool names_option(const char *sentence, const char *name)
{
    size_t length = strlen(name);

    return !strncmp(sentence, "--", 2) && !strncmp(sentence + 2, name, length) &&
           strchr(" :", sentence[2 + length]);
}

/* Whether it is of a parameter's section, as in "cache.l2: 3 bytes in 2 ways". */
static bool names_section(const char *sentence, const char *name)
{
    const char *dot = strrchr(name, '.');
    size_t length = dot ? (size_t)(dot - name) : 0;

    return dot && !strncmp(sentence, name, length) && strchr(".: ", sentence[length]);
}

#define TELLING 4 /* characters of a value that stands in no sentence by chance */

/* The line that a sentence of `run` is about, by what it names; else that of the series. */
static unsigned line_of(const struct point *point, const char *sentence)
{
    const struct series *series = point->series;

    for (int way = 0; way < 4; way++)
        for (size_t i = series->settings; i-- > 0;) {
            const char *name = series->setting[i].name, *value = value_of(point, i);

            if ((way == 0 && names_option(sentence, name)) ||
                (way == 1 && strchr(name, '.') && strstr(sentence, name)) ||
                (way == 2 && names_section(sentence, name)) ||
                (way == 3 && strlen(value) >= TELLING && strstr(sentence, value)))
                return series->setting[i].line;
        }
    return series->line;
}

static bool say_refused(struct lab *lab, const struct point *point, const struct task *task,
                        char *why)
{
    char line[1200] = "", *sentence = line;
    FILE *log = fopen(task->log, "r");

    if (log && fgets(line, sizeof(line), log))
        line[strcspn(line, "\n")] = 0;
    if (log)
        fclose(log);
    if (!strncmp(line, "xenolith: ", 10))
        sentence += 10;
    if (!*sentence)
        task_end(task, line, sizeof(line));
    return sections_wrong(&lab->experiment.sections, line_of(point, sentence), why, LAB_WHY,
                          "point %s: %s", point->name, sentence);
}

/* Each check's messages are a file in `folder`. */
static bool check_all(struct lab *lab, struct words *words, struct task *task, const char *folder,
                      char *why)
{
    struct tasks tasks = {.task = task, .jobs = lab->jobs};
    bool good;

    for (size_t i = 0; i < lab->points; i++) {
        const struct point *point = &lab->point[i];

        if (!point->chosen)
            continue;
        for (size_t w = 0; w < point->words.count; w++)
            words_add(&words[i], "%s", point->words.word[w]);
        words_add(&words[i], "--check");
        task[tasks.count++] =
            (struct task){.words = words[i].word, .log = print("%s/%zu", folder, i)};
    }
    good = tasks_run(&tasks, why, LAB_WHY);
    lab->signal = tasks.signal;
    for (size_t i = 0, t = 0; i < lab->points; i++) {
        if (!lab->point[i].chosen)
            continue;
        if (good && task[t].state == TASK_FAILED)
            good = say_refused(lab, &lab->point[i], &task[t], why);
        unlink(task[t].log);
        free((char *)task[t++].log);
    }
    return good;
}

bool points_check(struct lab *lab, char *why)
{
    struct words *words = calloc(lab->points, sizeof(*words));
    struct task *task = calloc(lab->points, sizeof(*task));
    char folder[] = "/tmp/xenolith-check-XXXXXX";
    bool good = false;

    if (words && task && mkdtemp(folder)) {
        good = check_all(lab, words, task, folder, why);
        rmdir(folder);
    } else
        snprintf(why, LAB_WHY, "no room to check %zu points", lab->points);
    for (size_t i = 0; words && i < lab->points; i++)
        words_free(&words[i]);
    free(words);
    free(task);
    return good;
}

/* ---- what is there --------------------------------------------------------------------------- */

bool point_has_result(const struct point *point)
{
    char digest[SHA256_TEXT] = "";
    FILE *in = fopen(point->key, "r");
    bool good = in && fgets(digest, sizeof(digest), in) && !strcmp(digest, point->digest) &&
                access(point->result, R_OK) == 0;

    if (in)
        fclose(in);
    return good;
}

bool points_find(struct lab *lab, bool resume, char *why)
{
    for (size_t i = 0; i < lab->points; i++) {
        struct point *point = &lab->point[i];

        if (!words_digest(&point->words, point->digest)) {
            snprintf(why, LAB_WHY, "no memory to read what %s reads", point->name);
            return false;
        }
        if ((!point->chosen || resume) && point_has_result(point))
            point->state = POINT_DONE;
        else
            point->state = point->chosen ? POINT_WAITING : POINT_IDLE;
    }
    return true;
}

void points_free(struct lab *lab)
{
    for (size_t i = 0; i < lab->points; i++) {
        struct point *point = &lab->point[i];

        words_free(&point->words);
        free(point->name);
        free(point->result);
        free(point->fresh);
        free(point->text);
        free(point->log);
        free(point->key);
    }
    free(lab->point);
    lab->points = 0;
}
