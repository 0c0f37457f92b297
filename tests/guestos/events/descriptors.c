/* SPDX-License-Identifier: GPL-2.0-only */
/* descriptors.c - locks on files, deadlocks, vectors, ranges of descriptors */
#include "tests/guestos/events/events.h"

static bool lock(int fd, int type, int from, int length)
{
    struct flock l = {.l_type = (short)type, .l_start = from, .l_len = length};

    return !fcntl(fd, F_SETLK, &l);
}

/* What another process would meet first in the whole file. */
static struct flock meet(int fd)
{
    int end[2];
    struct flock l = {.l_type = F_WRLCK};

    if (pipe(end))
        return l;
    pid_t pid = fork();
    if (!pid) {
        fcntl(fd, F_GETLK, &l);
        _exit(write(end[1], &l, sizeof(l)) != sizeof(l));
    }
    if (read(end[0], &l, sizeof(l)) != sizeof(l))
        l.l_type = -1;
    wait_for(pid);
    close(end[0]);
    close(end[1]);
    return l;
}

const char *test_locks(void)
{
    int fd = open("/tmp/locked", O_RDWR | O_CREAT, 0600), other;

    lock(fd, F_WRLCK, 20, 10);
    lock(fd, F_WRLCK, 0, 10);
    lock(fd, F_WRLCK, 10, 10);
    struct flock l = meet(fd);
    if (l.l_start != 0 || l.l_len != 30)
        return "locks side by side are not one";
    lock(fd, F_RDLCK, 10, 5);
    l = meet(fd);
    if (l.l_start != 0 || l.l_len != 10 || l.l_type != F_WRLCK)
        return "the first of three is not met first";
    lock(fd, F_UNLCK, 0, 10);
    l = meet(fd);
    if (l.l_start != 10 || l.l_len != 5 || l.l_type != F_RDLCK || l.l_pid != getpid())
        return "the one in the middle is not left";
    lock(fd, F_UNLCK, 0, 0);
    struct flock whole = {.l_type = F_WRLCK};
    other = open("/tmp/locked", O_RDWR);
    if (fcntl(fd, F_OFD_SETLK, &whole) || fcntl(other, F_OFD_SETLK, &whole) != -1 ||
        errno != EAGAIN)
        return "open files do not lock each other out";
    close(fd);
    bool free = !fcntl(other, F_OFD_SETLK, &whole);
    close(other);
    return free ? NULL : "a closed file's lock stays";
}

const char *test_deadlock(void)
{
    int fd = open("/tmp/locked", O_RDWR | O_CREAT, 0600), end[2];
    struct flock l = {.l_type = F_WRLCK, .l_start = 1, .l_len = 1};
    char c;

    if (pipe(end) || !lock(fd, F_WRLCK, 0, 1))
        return "cannot lock";
    pid_t pid = fork();
    if (!pid) {
        lock(fd, F_WRLCK, 1, 1);
        l.l_start = 0;
        _exit(write(end[1], "x", 1) != 1 || fcntl(fd, F_SETLKW, &l));
    }
    bool told_so = read(end[0], &c, 1) == 1;
    pass_time(0.05); /* the child waits by now */
    told_so = told_so && fcntl(fd, F_SETLKW, &l) == -1 && errno == EDEADLK;
    lock(fd, F_UNLCK, 0, 0);
    bool went_on = wait_for(pid) == 0;
    close(fd);
    close(end[0]);
    close(end[1]);
    return !told_so ? "both would wait for ever" : !went_on ? "the other does not go on" : NULL;
}

const char *test_vectors(void)
{
    int fd = open("/tmp/vectors", O_RDWR | O_CREAT | O_TRUNC, 0600);
    char a[4] = "", b[8] = "";
    struct iovec out[2] = {{"abc", 3}, {"defgh", 5}}, in[2] = {{a, 3}, {b, 5}};

    if (pwritev(fd, out, 2, 100) != 8 || lseek(fd, 0, SEEK_CUR) != 0 ||
        preadv(fd, in, 2, 100) != 8 || strcmp(a, "abc") || strcmp(b, "defgh"))
        return "what was written is not read";
    if (preadv(fd, in, 2, -1) != -1 || errno != EINVAL)
        return "a negative position is taken";
    close(fd);
    fd = memfd_create("piece", MFD_CLOEXEC);
    if (ftruncate(fd, 4096) || write(fd, "x", 1) != 1 || fcntl(fd, F_GETFD) != FD_CLOEXEC)
        return "a file without a name";
    int copy = dup(fd);
    if (close_range((unsigned)fd, ~0u, 0) || fcntl(copy, F_GETFD) != -1)
        return "a range of descriptors is not closed";
    return NULL;
}
