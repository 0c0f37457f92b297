/* SPDX-License-Identifier: GPL-2.0-only */
/* mapping.c - files in memory: moved, cut, shared, protected */
#include "tests/guestos/files/files.h"

const char *test_mremap(void)
{
    char *p = map(8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

    for (int i = 0; i < 8; i++)
        p[i * PAGE] = (char)(i + 1);
    if (mremap(p, 8 * PAGE, 4 * PAGE, 0) != p)
        return "it does not shrink";
    if (mremap(p, 4 * PAGE, 6 * PAGE, 0) != p)
        return "it does not grow into free space";
    if (p[3 * PAGE] != 4 || p[4 * PAGE])
        return "grown pages are not zero";
    if (mmap(p + 6 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
        p + 6 * PAGE)
        return "cannot block the way";
    if (mremap(p, 6 * PAGE, 300 * PAGE, 0) != MAP_FAILED || errno != ENOMEM)
        return "it grows over another mapping";
    char *q = mremap(p, 6 * PAGE, 300 * PAGE, MREMAP_MAYMOVE);
    if (q == MAP_FAILED || q == p)
        return "it does not move";
    for (int i = 0; i < 4; i++)
        if (q[i * PAGE] != i + 1)
            return "contents are lost by moving";
    q[299 * PAGE] = 1;
    if (mremap(p, PAGE, 2 * PAGE, 0) != MAP_FAILED || errno != EFAULT)
        return "the old place is still there";
    char *fixed = mremap(q, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p);
    if (fixed != p || p[PAGE] != 2 || q[2 * PAGE] != 3)
        return "a move to a wanted place";
    munmap(q, 300 * PAGE);
    return munmap(p, 7 * PAGE) ? "munmap" : NULL;
}

const char *test_map_parts(void)
{
    int fd = numbered_file("/tmp/parts", 10);
    char *p = map(10, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);

    close(fd);
    if (p == MAP_FAILED || p[9 * PAGE] != 9)
        return "contents";
    p[4 * PAGE] = 40;
    munmap(p + 2 * PAGE, 2 * PAGE);
    mprotect(p + 5 * PAGE, 2 * PAGE, PROT_READ);
    if (p[PAGE] != 1 || p[4 * PAGE] != 40 || p[5 * PAGE] != 5 || p[7 * PAGE] != 7)
        return "parts show other pages of the file";
    p[7 * PAGE] = 70;
    char *moved = mremap(p + 4 * PAGE, PAGE, 3 * PAGE, MREMAP_MAYMOVE);
    if (moved == MAP_FAILED || moved[0] != 40 || moved[PAGE] != 5)
        return "a moved part shows other pages of the file";
    unlink("/tmp/parts");
    munmap(moved, 3 * PAGE);
    return munmap(p, 10 * PAGE) ? "munmap" : NULL;
}

const char *test_map_beyond_end(void)
{
    int fd = numbered_file("/tmp/short", 1);
    volatile char *p = map(2, PROT_READ, MAP_SHARED, fd);
    pid_t pid = fork();

    if (!pid)
        _exit(p[PAGE]);
    int status = wait_for(pid);
    unlink("/tmp/short");
    close(fd);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS ? NULL : "no SIGBUS beyond the end";
}

const char *test_map_rights(void)
{
    int fd = open("/tmp/rights", O_RDONLY | O_CREAT, 0600);

    if (map(1, PROT_WRITE, MAP_SHARED, fd) != MAP_FAILED || errno != EACCES)
        return "a read-only file is mapped for shared writing";
    if (map(1, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd) == MAP_FAILED)
        return "a read-only file is not mapped privately";
    char *p = map(1, PROT_READ, MAP_SHARED, fd);
    if (!mprotect(p, PAGE, PROT_READ | PROT_WRITE) || errno != EACCES)
        return "mprotect makes a read-only file writable";
    close(fd);
    unlink("/tmp/rights");
    return NULL;
}

const char *test_shared_between_processes(void)
{
    int fd = numbered_file("/tmp/shared", 3);
    pid_t pid = fork();

    if (!pid) {
        char *mine = map(3, PROT_READ | PROT_WRITE, MAP_SHARED, fd);

        mine[2 * PAGE] = 77;
        _exit(0);
    }
    wait_for(pid);
    char *p = map(3, PROT_READ, MAP_SHARED, fd), c = 0;
    bool seen = p[2 * PAGE] == 77 && pread(fd, &c, 1, 2 * PAGE) == 1 && c == 77;
    c = 78;
    pwrite(fd, &c, 1, PAGE);
    seen = seen && p[PAGE] == 78;
    munmap(p, 3 * PAGE);
    close(fd);
    unlink("/tmp/shared");
    return seen ? NULL : "a write does not show everywhere";
}
