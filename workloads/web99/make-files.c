/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * make-files.c - makes the file set of the web load, on the host
 *
 *   make-files FOLDER DIRECTORIES
 *
 * Below FOLDER come file_set/dir00000/class0_0 and so on: 36 files and 5 MB a directory.
 */
#include "include/web99/web99.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_BYTES 4096
#define LARGEST    (1024u * 900)

static int fail(const char *path)
{
    fprintf(stderr, "make-files: %s: %s\n", path, strerror(errno));
    return 1;
}

static int make_folder(const char *path)
{
    return mkdir(path, 0755) && errno != EEXIST ? fail(path) : 0;
}

static int make_file(const char *folder, const struct web99_file *which)
{
    static char bytes[LARGEST];
    char name[WEB99_PATH], path[PATH_BYTES];
    uint32_t size = web99_bytes(which);
    FILE *file;

    web99_path(which, name);
    snprintf(path, sizeof(path), "%s%s", folder, name);
    web99_fill(which, 0, bytes, size);
    if (!(file = fopen(path, "w")))
        return fail(path);
    if (fwrite(bytes, 1, size, file) != size) {
        fclose(file);
        return fail(path);
    }
    return fclose(file) ? fail(path) : 0;
}

static int make_directory(const char *folder, unsigned number)
{
    char path[PATH_BYTES];

    snprintf(path, sizeof(path), "%s/file_set/dir%05u", folder, number);
    if (make_folder(path))
        return 1;
    for (unsigned i = 0; i < WEB99_CLASSES * WEB99_FILES; i++)
        if (make_file(folder, &(struct web99_file){number, i / WEB99_FILES, i % WEB99_FILES}))
            return 1;
    return 0;
}

int main(int argc, char *argv[])
{
    unsigned long directories = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    char path[PATH_BYTES];

    if (!directories || directories > WEB99_DIRECTORIES) {
        fprintf(stderr, "usage: make-files FOLDER DIRECTORIES (1 to %u)\n", WEB99_DIRECTORIES);
        return 2;
    }
    snprintf(path, sizeof(path), "%s/file_set", argv[1]);
    if (make_folder(argv[1]) || make_folder(path))
        return 1;
    for (unsigned i = 0; i < directories; i++)
        if (make_directory(argv[1], i))
            return 1;
    return 0;
}
