/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/load/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX ((size_t)1 << 30)
#define DELETE   0x7f

bool file_open(struct file *file, const char *path, char *why, size_t why_bytes)
{
    struct stat status;
    void *bytes = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO does not wait */

    if (fd < 0 || fstat(fd, &status) < 0) {
        snprintf(why, why_bytes, "cannot read %s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    if (!S_ISREG(status.st_mode) || (size_t)status.st_size > FILE_MAX) {
        snprintf(why, why_bytes, "%s is not a regular file of at most 1 GB", path);
        close(fd);
        return false;
    }
    if (status.st_size > 0)
        bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (bytes == MAP_FAILED) {
        snprintf(why, why_bytes, "cannot map %s: %s", path, strerror(errno));
        return false;
    }
    *file = (struct file){path, bytes, (size_t)status.st_size};
    return true;
}

void file_close(struct file *file)
{
    if (file->size)
        munmap((void *)file->bytes, file->size);
    *file = (struct file){0};
}

bool file_join(const struct file *first, const struct file *second, struct file *joined, char *why,
               size_t why_bytes)
{
    uint8_t *bytes = malloc(first->size + second->size);

    if (!bytes) {
        snprintf(why, why_bytes, "no memory for a volume of %zu bytes", first->size);
        return false;
    }
    memcpy(bytes, first->bytes, first->size);
    memcpy(bytes + first->size, second->bytes, second->size);
    free((void *)(uintptr_t)second->bytes);
    *joined = (struct file){first->path, bytes, first->size + second->size};
    return true;
}

bool file_is_text(const char *path, char *why, size_t why_bytes)
{
    struct file file;
    bool text = true;

    if (!file_open(&file, path, why, why_bytes))
        return false;
    for (size_t i = 0; text && i < file.size; i++)
        text = (file.bytes[i] >= ' ' && file.bytes[i] != DELETE) ||
               (file.bytes[i] >= '\t' && file.bytes[i] <= '\r');
    if (!text)
        snprintf(why, why_bytes, "%s is not text", path);
    file_close(&file);
    return text;
}

uint64_t file_hash(const struct file *file)
{
    uint64_t hash = 0xcbf29ce484222325;

    for (size_t i = 0; i < file->size; i++)
        hash = (hash ^ file->bytes[i]) * 0x100000001b3;
    return hash;
}
