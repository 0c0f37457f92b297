/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * file.c - whole files; their length is a hint, it is known only when they end
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workloads/dom0/xl/file.h"

#define FIRST_BYTES 65536
#define MOST_BYTES  (512u << 20)

/* Room for the whole file and the byte by which its end is noticed. */
static size_t first_room(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && status.st_size > 0 && status.st_size < (off_t)MOST_BYTES
               ? (size_t)status.st_size + 1
               : FIRST_BYTES;
}

static uint8_t *fail(const char *path, uint8_t *bytes, int fd)
{
    fprintf(stderr, "xl: %s: %s\n", path, strerror(errno));
    free(bytes);
    if (fd >= 0)
        close(fd);
    return NULL;
}

uint8_t *file_read(const char *path, size_t *size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    *size = 0;
    if (fd < 0)
        return fail(path, NULL, fd);
    size_t room = first_room(fd);
    uint8_t *bytes = malloc(room);
    ssize_t got;

    if (!bytes)
        return fail(path, bytes, fd);
    while ((got = read(fd, bytes + *size, room - *size)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(path, bytes, fd);
        *size += (size_t)got;
        if (*size < room)
            continue;
        uint8_t *more = room < MOST_BYTES ? realloc(bytes, room * 2) : NULL;

        if (!more) {
            errno = EFBIG;
            return fail(path, bytes, fd);
        }
        bytes = more;
        room *= 2;
    }
    close(fd);
    return bytes;
}
