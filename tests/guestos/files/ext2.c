/* SPDX-License-Identifier: GPL-2.0-only */
/* ext2.c - a volume of mke2fs on a RAM disk */
#include "tests/guestos/files/files.h"

/* Copies an image of mke2fs to a RAM disk; what is zero there is zero here. */
bool load_disk(const char *image, const char *disk)
{
    int from = open(image, O_RDONLY), to = open(disk, O_WRONLY);
    char page[PAGE], zero[PAGE] = "";
    ssize_t n;

    for (off_t at = 0; (n = pread(from, page, PAGE, at)) > 0; at += n)
        if (memcmp(page, zero, (size_t)n) && pwrite(to, page, (size_t)n, at) != n)
            return false;
    return !n && !close(from) && !close(to);
}

const char *test_ext2_stays(void)
{
    struct stat s;
    struct statfs before, after;

    if (statfs("/tmp/e", &before) || before.f_type != 0xef53)
        return "statfs";
    int fd = numbered_file("/tmp/e/stays", 60);
    mkdir("/tmp/e/dir", 0700);
    symlink("dir", "/tmp/e/link");
    put("/tmp/e/link/inner", "inner");
    if (!fails(umount("/tmp/e"), EBUSY))
        return "an open file does not keep it busy";
    close(fd);
    if (umount("/tmp/e") || !access("/tmp/e/stays", F_OK) ||
        mount("/dev/ram1", "/tmp/e", "ext2", MS_RDONLY, NULL))
        return "umount and mount";
    if (!text_is("/tmp/e/dir/inner", "inner") || stat("/tmp/e/link", &s) || !S_ISDIR(s.st_mode) ||
        stat("/tmp/e/stays", &s) || s.st_size != 60 * PAGE || s.st_blocks < 480)
        return "contents are lost";
    char *p = map(60, PROT_READ, MAP_PRIVATE, fd = open("/tmp/e/stays", O_RDONLY));
    for (int i = 0; i < 60; i++)
        if (p == MAP_FAILED || p[i * PAGE] != i)
            return "mapped contents";
    munmap(p, 60 * PAGE);
    close(fd);
    if (!fails(unlink("/tmp/e/stays"), EROFS) || !fails(mkdir("/tmp/e/new", 0700), EROFS))
        return "a read-only mount is written to";
    if (umount("/tmp/e") || mount("/dev/ram1", "/tmp/e", "ext2", 0, NULL))
        return "the second umount and mount";
    if (unlink("/tmp/e/stays") || unlink("/tmp/e/dir/inner") || rmdir("/tmp/e/dir") ||
        unlink("/tmp/e/link") || statfs("/tmp/e", &after) || before.f_bfree != after.f_bfree ||
        before.f_ffree != after.f_ffree)
        return "not everything comes back";
    return NULL;
}

const char *test_ext2_full(void)
{
    struct statfs before, after;
    char page[PAGE] = "x";

    statfs("/tmp/e", &before);
    for (int round = 0; round < 3; round++) {
        int fd = open("/tmp/e/full", O_WRONLY | O_CREAT, 0600), n = 0;

        while (write(fd, page, PAGE) == PAGE)
            n++;
        if (errno != ENOSPC || n < 100)
            return "it does not fill";
        close(fd);
        if (unlink("/tmp/e/full"))
            return "unlink";
    }
    return statfs("/tmp/e", &after) || before.f_bfree != after.f_bfree ? "blocks are lost" : NULL;
}
