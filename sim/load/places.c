/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/load/places.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOME_VARIABLE "XENOLITH_HOME"

void place_program(char *path, size_t bytes)
{
    ssize_t length = readlink("/proc/self/exe", path, bytes - 1);

    if (length > 0)
        path[length] = 0;
    else
        snprintf(path, bytes, "xenolith");
}

void place_beside(char *path, size_t bytes, const char *name)
{
    char program[4096];
    char *slash;

    place_program(program, sizeof(program));
    slash = strrchr(program, '/');
    snprintf(path, bytes, "%.*s/%s", slash ? (int)(slash - program) : 1, slash ? program : ".",
             name);
}

bool place_find(char *path, size_t bytes, const char *name)
{
    static const char *const around[] = {"", "../", "../lib/xenolith/", "../share/xenolith/"};
    const char *home = getenv(HOME_VARIABLE);
    char from_program[512];

    if (home && *home) {
        snprintf(path, bytes, "%s/%s", home, name);
        if (access(path, R_OK) == 0)
            return true;
    }
    for (size_t i = 0; i < sizeof(around) / sizeof(*around); i++) {
        snprintf(from_program, sizeof(from_program), "%s%s", around[i], name);
        place_beside(path, bytes, from_program);
        if (access(path, R_OK) == 0)
            return true;
    }
    place_beside(path, bytes, name);
    return false;
}

bool place_is_build(void)
{
    char path[4096];

    place_beside(path, sizeof(path), "hv/hv.elf");
    return access(path, R_OK) == 0;
}

void place_results(char *path, size_t bytes, const char *name)
{
    if (place_is_build())
        place_beside(path, bytes, name);
    else
        snprintf(path, bytes, "%s", name);
}
