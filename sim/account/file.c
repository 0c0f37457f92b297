/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * file.c - result files: complete or not there at all
 *
 * A result is written beside its place and renamed when it is whole. A symbolic link is followed
 * first: what it names is replaced, not the link. "-" is standard output; its text waits in a file
 * without a name, because the run may fail.
 *
 * INT, TERM and HUP remove what is not finished, then end the program as they would have.
 */
#include "sim/account/result.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNFINISHED_MAX 8

/* Written by the program, read by its signal handler. */
static struct {
    char path[sizeof((struct result_file *)0)->temporary];
    volatile sig_atomic_t there;
} unfinished[UNFINISHED_MAX];

void result_files_abandon(void)
{
    for (unsigned i = 0; i < UNFINISHED_MAX; i++)
        if (unfinished[i].there)
            unlink(unfinished[i].path);
}

void result_file_signal(int number)
{
    result_files_abandon();
    signal(number, SIG_DFL);
    raise(number);
}

static void watch_signals(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        struct sigaction old;

        /* What nohup has it ignore stays so, and so does what others handle. */
        if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
            signal(signals[i], result_file_signal);
    }
}

static void note(const char *path)
{
    for (unsigned i = 0; i < UNFINISHED_MAX; i++) {
        if (unfinished[i].there)
            continue;
        snprintf(unfinished[i].path, sizeof(unfinished[i].path), "%s", path);
        unfinished[i].there = 1;
        watch_signals();
        return;
    }
}

static void forget(const char *path)
{
    for (unsigned i = 0; i < UNFINISHED_MAX; i++)
        if (unfinished[i].there && strcmp(unfinished[i].path, path) == 0)
            unfinished[i].there = 0;
}

/* Where `path` leads, to file->path; a name that is not there yet is its own. */
static bool follow(struct result_file *file, const char *path, char *why, size_t why_bytes)
{
    char target[PATH_MAX];
    struct stat status;

    if (realpath(path, target)) {
        snprintf(file->path, sizeof(file->path), "%s", target);
        if (stat(target, &status) == 0 && S_ISREG(status.st_mode))
            return true;
        snprintf(why, why_bytes, "cannot write %s: it is there and no regular file", path);
        return false;
    }
    snprintf(file->path, sizeof(file->path), "%s", path);
    if (lstat(path, &status) == 0) {
        /* A link into /proc to what has no name, as to a pipe, is followed by stat() alone. */
        bool special = stat(path, &status) == 0;

        snprintf(why, why_bytes, "cannot write %s: it %s", path,
                 special ? "is there and no regular file" : "is a link that leads nowhere");
        return false;
    }
    return true;
}

bool result_file_open(struct result_file *file, const char *path, char *why, size_t why_bytes)
{
    *file = (struct result_file){0};
    if (strlen(path) >= sizeof(file->path)) {
        snprintf(why, why_bytes, "the name of the output file is too long");
        return false;
    }
    if (strcmp(path, "-") == 0) {
        snprintf(file->path, sizeof(file->path), "standard output");
        file->out = tmpfile();
    } else {
        if (!follow(file, path, why, why_bytes))
            return false;
        snprintf(file->temporary, sizeof(file->temporary), "%s.part%ld", file->path,
                 (long)getpid());
        note(file->temporary);
        file->out = fopen(file->temporary, "w");
        if (!file->out)
            forget(file->temporary);
    }
    if (!file->out)
        snprintf(why, why_bytes, "cannot write %s: %s", path, strerror(errno));
    return file->out != NULL;
}

static void remove_temporary(const struct result_file *file)
{
    if (!*file->temporary)
        return;
    unlink(file->temporary);
    forget(file->temporary);
}

void result_file_drop(struct result_file *file)
{
    if (!file->out)
        return;
    fclose(file->out);
    remove_temporary(file);
    file->out = NULL;
}

static bool copy_to_standard_output(FILE *from)
{
    char part[4096];
    size_t n;

    rewind(from);
    while ((n = fread(part, 1, sizeof(part), from)) > 0)
        if (fwrite(part, 1, n, stdout) != n)
            return false;
    return !ferror(from) && fflush(stdout) == 0;
}

bool result_file_keep(struct result_file *file, char *why, size_t why_bytes)
{
    bool failed = fflush(file->out) != 0 || ferror(file->out) != 0;

    if (!*file->temporary)
        failed = failed || !copy_to_standard_output(file->out);
    failed |= fclose(file->out) != 0;
    file->out = NULL;
    if (*file->temporary)
        failed = failed || rename(file->temporary, file->path) != 0;
    if (failed)
        snprintf(why, why_bytes, "cannot write %s: %s", file->path, strerror(errno));
    remove_temporary(file);
    return !failed;
}
