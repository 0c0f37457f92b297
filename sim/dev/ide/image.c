/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/dev/ide/image.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_SECTORS (IMAGE_BLOCK_BYTES / SECTOR_BYTES)

static uint64_t blocks(const struct image *image)
{
    return (image->sectors + BLOCK_SECTORS - 1) / BLOCK_SECTORS;
}

/* ---- opening --------------------------------------------------------------------------------- */

static bool acceptable(struct image *image, char *why, size_t why_bytes)
{
    const struct stat *status = &image->opened;

    if (!S_ISREG(status->st_mode))
        snprintf(why, why_bytes, "the disk %s is not a regular file", image->path);
    else if (status->st_size == 0 || status->st_size % SECTOR_BYTES)
        snprintf(why, why_bytes, "the disk %s has %lld bytes, which are not whole sectors of %u",
                 image->path, (long long)status->st_size, SECTOR_BYTES);
    else if ((uint64_t)status->st_size / SECTOR_BYTES > IMAGE_SECTORS_MAX)
        snprintf(why, why_bytes, "the disk %s has more than 137 GB", image->path);
    else
        return true;
    return false;
}

bool image_open(struct image *image, const char *path, char *why, size_t why_bytes)
{
    *image = (struct image){.path = path};
    /* O_NONBLOCK: to open a pipe would wait for somebody at its other end. */
    image->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (image->fd < 0 || fstat(image->fd, &image->opened) < 0) {
        snprintf(why, why_bytes, "cannot read the disk %s: %s", path, strerror(errno));
    } else if (acceptable(image, why, why_bytes)) {
        image->sectors = (uint64_t)image->opened.st_size / SECTOR_BYTES;
        image->kept = calloc(blocks(image), sizeof(*image->kept));
        if (image->kept)
            return true;
        snprintf(why, why_bytes, "no memory for the changes of the disk %s", path);
    }
    if (image->fd >= 0)
        close(image->fd);
    *image = (struct image){.fd = -1};
    return false;
}

void image_close(struct image *image)
{
    for (uint64_t block = 0; image->kept && block < blocks(image); block++)
        free(image->kept[block]);
    free(image->kept);
    cut_free(&image->cut);
    if (image->kept)
        close(image->fd);
    *image = (struct image){.fd = -1};
}

bool image_unchanged(const struct image *image, char *why, size_t why_bytes)
{
    const struct stat *then = &image->opened;
    struct stat now;

    if (!fstat(image->fd, &now) && now.st_size == then->st_size &&
        now.st_mtim.tv_sec == then->st_mtim.tv_sec && now.st_mtim.tv_nsec == then->st_mtim.tv_nsec)
        return true;
    snprintf(why, why_bytes, "the disk %s was changed while the machine used it", image->path);
    return false;
}

/* ---- sectors --------------------------------------------------------------------------------- */

/* Bytes of the file, as opened; false with trouble. */
static bool from_file(struct image *image, uint64_t at, uint8_t *to, size_t bytes)
{
    size_t done = 0;

    while (done < bytes && !image->trouble[0]) {
        ssize_t count = pread(image->fd, to + done, bytes - done, (off_t)(at + done));

        if (count > 0)
            done += (size_t)count;
        else if (count < 0 && errno != EINTR)
            snprintf(image->trouble, sizeof(image->trouble), "cannot read the disk %s: %s",
                     image->path, strerror(errno));
        else if (count == 0)
            snprintf(image->trouble, sizeof(image->trouble),
                     "the disk %s was truncated while the machine used it", image->path);
    }
    memset(to + done, 0, bytes - done);
    return done == bytes && image_unchanged(image, image->trouble, sizeof(image->trouble));
}

void image_read(struct image *image, uint64_t sector, uint8_t data[SECTOR_BYTES])
{
    const uint8_t *kept = image->kept[sector / BLOCK_SECTORS];

    if (kept)
        memcpy(data, kept + sector % BLOCK_SECTORS * SECTOR_BYTES, SECTOR_BYTES);
    else
        from_file(image, sector * SECTOR_BYTES, data, SECTOR_BYTES);
}

/* The block as it is, to be changed; NULL: there is no room for it. */
static uint8_t *keep(struct image *image, uint64_t block)
{
    uint64_t first = block * BLOCK_SECTORS, left = image->sectors - first;
    size_t bytes = (left < BLOCK_SECTORS ? left : BLOCK_SECTORS) * SECTOR_BYTES;
    uint8_t *made;

    if (image->kept_bytes + IMAGE_BLOCK_BYTES > IMAGE_KEPT_MAX)
        return NULL;
    made = malloc(IMAGE_BLOCK_BYTES);
    if (!made || !from_file(image, first * SECTOR_BYTES, made, bytes)) {
        free(made);
        return NULL;
    }
    image->kept_bytes += IMAGE_BLOCK_BYTES;
    image->kept[block] = made;
    return made;
}

bool image_write(struct image *image, uint64_t sector, const uint8_t data[SECTOR_BYTES])
{
    uint8_t *block = image->kept[sector / BLOCK_SECTORS];

    if (!block)
        block = keep(image, sector / BLOCK_SECTORS);
    if (!block)
        return false;
    block += sector % BLOCK_SECTORS * SECTOR_BYTES;
    if (image->cut.kept && !cut_note(&image->cut, sector, block))
        return false;
    memcpy(block, data, SECTOR_BYTES);
    return true;
}

/* ---- saving ---------------------------------------------------------------------------------- */

bool image_can_save(const struct image *image, char *why, size_t why_bytes)
{
    if (access(image->path, W_OK) == 0)
        return true;
    snprintf(why, why_bytes, "cannot write the disk %s: %s", image->path, strerror(errno));
    return false;
}

static bool all_zero(const uint8_t *data, size_t bytes)
{
    return data[0] == 0 && !memcmp(data, data + 1, bytes - 1);
}

static bool write_whole(int fd, uint64_t at, const uint8_t *data, size_t bytes)
{
    size_t done = 0;

    while (done < bytes) {
        ssize_t count = pwrite(fd, data + done, bytes - done, (off_t)(at + done));

        if (count > 0)
            done += (size_t)count;
        else if (count == 0 || errno != EINTR)
            return false;
    }
    return true;
}

/* Blocks of the file that hold data, and those that were kept; the others stay holes. */
static bool copy(struct image *image, int fd)
{
    uint64_t size = image->sectors * SECTOR_BYTES;
    off_t data = 0;

    if (ftruncate(fd, (off_t)size) < 0)
        return false;
    for (uint64_t block = 0; block < blocks(image); block++) {
        uint64_t at = block * IMAGE_BLOCK_BYTES;
        size_t bytes = size - at < IMAGE_BLOCK_BYTES ? size - at : IMAGE_BLOCK_BYTES;
        uint8_t buffer[IMAGE_BLOCK_BYTES];
        const uint8_t *from = image->kept[block];

        if (!from && data >= 0 && (uint64_t)data < at)
            data = lseek(image->fd, (off_t)at, SEEK_DATA); /* -1: nothing but a hole follows */
        if (!from && (data < 0 || (uint64_t)data >= at + bytes))
            continue;
        if (!from && !from_file(image, at, buffer, bytes))
            return false;
        from = from ? from : buffer;
        if (!all_zero(from, bytes) && !write_whole(fd, at, from, bytes))
            return false;
    }
    return fsync(fd) == 0;
}

bool image_save(struct image *image, char *why, size_t why_bytes)
{
    char real[PATH_MAX], beside[PATH_MAX + 8];
    bool good = false;
    int fd;

    if (!image->kept_bytes)
        return true;
    if (!image_unchanged(image, why, why_bytes))
        return false;
    if (!realpath(image->path, real)) {
        snprintf(why, why_bytes, "cannot write the disk %s: %s", image->path, strerror(errno));
        return false;
    }
    snprintf(beside, sizeof(beside), "%s.XXXXXX", real);
    errno = 0;
    fd = mkstemp(beside);
    if (fd >= 0)
        good = copy(image, fd) && fchmod(fd, image->opened.st_mode & 07777) == 0 &&
               image_unchanged(image, image->trouble, sizeof(image->trouble)) &&
               rename(beside, real) == 0;
    if (!good && image->trouble[0])
        snprintf(why, why_bytes, "%s", image->trouble);
    else if (!good)
        snprintf(why, why_bytes, "cannot write the disk %s: %s", image->path, strerror(errno));
    if (fd >= 0 && !good)
        unlink(beside);
    if (fd >= 0)
        close(fd);
    return good;
}
