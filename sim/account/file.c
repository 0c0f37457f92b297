/* SPDX-License-Identifier: GPL-2.0-only */
/* file.c - result files: complete or not there at all */
#include "sim/account/result.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool result_file_open(struct result_file *file, const char *path, char *why, size_t why_bytes)
{
    struct stat status;

    *file = (struct result_file){0};
    if (strlen(path) >= sizeof(file->path)) {
        snprintf(why, why_bytes, "the name of the output file is too long");
        return false;
    }
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        snprintf(why, why_bytes, "cannot write %s: it is there and no regular file", path);
        return false;
    }
    snprintf(file->path, sizeof(file->path), "%s", path);
    snprintf(file->temporary, sizeof(file->temporary), "%s.part%ld", path, (long)getpid());
    file->out = fopen(file->temporary, "w");
    if (!file->out)
        snprintf(why, why_bytes, "cannot write %s: %s", path, strerror(errno));
    return file->out != NULL;
}

void result_file_drop(struct result_file *file)
{
    if (!file->out)
        return;
    fclose(file->out);
    unlink(file->temporary);
    file->out = NULL;
}

bool result_file_keep(struct result_file *file, char *why, size_t why_bytes)
{
    bool failed = ferror(file->out) != 0;

    failed |= fclose(file->out) != 0;
    file->out = NULL;
    failed = failed || rename(file->temporary, file->path) != 0;
    if (failed) {
        snprintf(why, why_bytes, "cannot write %s: %s", file->path, strerror(errno));
        unlink(file->temporary);
    }
    return !failed;
}
