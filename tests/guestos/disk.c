/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * disk.c - a disk that has to be waited for, as init with the device's name as argument
 *
 * It mounts the ext2 or ext3 volume on the device, writes files whose contents the host knows, and
 * reads them again after the volume has been away. With a second argument it only reads the device,
 * for ever.
 */
#include "tests/guestos/verdict.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_SIZE_64 0x80041272u /* BLKGETSIZE64 on i386 */
#define LINES         150000      /* of /numbers: "1\n2\n3\n..." */
#define FILES         40

static char device[64];
static char buffer[65536];

static const char *raw(void)
{
    uint64_t bytes = 0;
    int fd = open(device, O_RDWR);
    ssize_t n;

    if (fd < 0)
        return "no device";
    if (ioctl(fd, BLOCK_SIZE_64, &bytes) || bytes < 1 << 20 || bytes % 512)
        return "no size";
    n = pread(fd, buffer, sizeof(buffer), 1000);
    if (n != sizeof(buffer) || buffer[1024 + 56 - 1000] != 0x53) /* ext2's magic */
        return "the beginning cannot be read";
    if (bytes < 1u << 31 && pread(fd, buffer, sizeof(buffer), (off_t)bytes - 700) != 700)
        return "the end cannot be read";
    close(fd);
    return NULL;
}

static const char *mounted(void)
{
    mkdir("/mnt", 0755);
    if (mount(device, "/mnt", "ext3", 0, NULL))
        return "cannot be mounted";
    int fd = open(device, O_RDWR);
    if (write(fd, buffer, 512) != -1 || errno != EBUSY)
        return "written below its file system";
    close(fd);
    return mount(device, "/tmp", "ext3", 0, NULL) == -1 && errno == EBUSY ? NULL : "mounted twice";
}

/* Line i of the file of numbers begins here in `text`, which has room; its length. */
static int line(char *text, unsigned i)
{
    return sprintf(text, "%u\n", i);
}

static const char *written(void)
{
    FILE *out = fopen("/mnt/numbers", "w");

    if (!out)
        return "no file";
    for (unsigned i = 1; i <= LINES; i++)
        fprintf(out, "%u\n", i);
    if (fclose(out))
        return "cannot be written";
    for (unsigned i = 0; i < FILES; i++) {
        char name[32];

        snprintf(name, sizeof(name), "/mnt/small-%u", i);
        int fd = open(name, O_CREAT | O_RDWR, 0644);
        memset(buffer, 'a' + (int)(i % 26), sizeof(buffer));
        if (fd < 0 || write(fd, buffer, 100 + i * 1000) != (ssize_t)(100 + i * 1000))
            return "a small file";
        if (i % 8 == 0 && fsync(fd))
            return "fsync";
        close(fd);
        if (i % 5 == 4 && unlink(name))
            return "unlink";
    }
    return NULL;
}

static const char *compare_numbers(void)
{
    FILE *in = fopen("/mnt/numbers", "r");
    char wanted[16], found[16];

    if (!in)
        return "no file";
    for (unsigned i = 1; i <= LINES; i++) {
        line(wanted, i);
        if (!fgets(found, sizeof(found), in) || strcmp(wanted, found) != 0)
            return "the numbers differ";
    }
    return fgetc(in) == EOF && !fclose(in) ? NULL : "the file is too long";
}

static const char *read_again(void)
{
    if (umount("/mnt"))
        return "cannot be unmounted";
    if (mount(device, "/mnt", "ext3", 0, NULL))
        return "cannot be mounted again";
    for (unsigned i = 0; i < FILES; i++) {
        char name[32];

        snprintf(name, sizeof(name), "/mnt/small-%u", i);
        int fd = open(name, O_RDONLY);
        if ((fd < 0) != (i % 5 == 4))
            return "a name";
        if (fd < 0)
            continue;
        if (read(fd, buffer, sizeof(buffer)) != (ssize_t)(100 + i * 1000) ||
            buffer[99 + i * 1000] != 'a' + (int)(i % 26))
            return "a small file differs";
        close(fd);
    }
    return compare_numbers();
}

/* Backwards and scattered, where reading ahead is of no use. */
static const char *scattered(void)
{
    int fd = open("/mnt/numbers", O_RDONLY);
    off_t size = lseek(fd, 0, SEEK_END);

    if (umount("/mnt") != -1 || errno != EBUSY)
        return "unmounted with an open file";
    for (off_t at = size - 4096; at > 0; at -= 50021)
        if (pread(fd, buffer, 64, at) != 64 || !memchr(buffer, '\n', 16))
            return "a place in the middle";
    close(fd);
    return umount("/mnt") ? "cannot be unmounted" : NULL;
}

/* Until somebody ends us. */
static void read_for_ever(void)
{
    int fd = open(device, O_RDONLY);

    while (fd >= 0)
        if (read(fd, buffer, sizeof(buffer)) <= 0)
            lseek(fd, 0, SEEK_SET);
}

int main(int count, char **word)
{
    static const struct test tests[] = {
        {"raw", raw},
        {"mounted", mounted},
        {"written", written},
        {"read again", read_again},
        {"scattered", scattered},
    };

    snprintf(device, sizeof(device), "/dev/%s", count > 1 ? word[1] : "hda");
    if (count > 2)
        read_for_ever();
    return conclude("disk", run_tests(tests, sizeof(tests) / sizeof(*tests), NULL));
}
