/* SPDX-License-Identifier: GPL-2.0-only */
/* waiting.c - what programs wait for: epoll, eventfd, timerfd */
#include "tests/guestos/events/events.h"

int ready(int set)
{
    struct epoll_event e[8];

    return epoll_wait(set, e, 8, 0);
}

bool watch(int set, int operation, int fd, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.fd = fd};

    return !epoll_ctl(set, operation, fd, &e);
}

const char *test_epoll(void)
{
    int set = epoll_create1(0), end[2];
    char c[8];
    struct epoll_event e;

    if (set < 0 || pipe(end) || !watch(set, EPOLL_CTL_ADD, end[0], EPOLLIN))
        return "cannot watch a pipe";
    if (watch(set, EPOLL_CTL_ADD, end[0], EPOLLIN) || errno != EEXIST)
        return "a file is watched twice";
    if (ready(set) != 0 || write(end[1], "ab", 2) != 2 || ready(set) != 1 || ready(set) != 1)
        return "a level is not reported, and again";
    if (epoll_wait(set, &e, 1, -1) != 1 || e.data.fd != end[0] || e.events != EPOLLIN)
        return "what is reported is wrong";
    watch(set, EPOLL_CTL_MOD, end[0], EPOLLIN | EPOLLET);
    if (ready(set) != 1 || ready(set) != 0)
        return "an edge is not reported once";
    if (write(end[1], "c", 1) != 1 || ready(set) != 1 || ready(set) != 0)
        return "another edge is not reported once";
    if (read(end[0], c, 8) != 3 || write(end[1], "d", 1) != 1 || ready(set) != 1)
        return "an edge after the pipe was emptied is lost";
    watch(set, EPOLL_CTL_MOD, end[0], EPOLLIN | EPOLLONESHOT);
    if (ready(set) != 1 || ready(set) != 0 || !watch(set, EPOLL_CTL_MOD, end[0], EPOLLIN) ||
        ready(set) != 1)
        return "one shot is not one, or does not come again";
    int copy = dup(end[0]);
    close(end[0]);
    if (ready(set) != 1)
        return "a file that is open by another number is not watched any more";
    close(copy);
    if (ready(set) != 0)
        return "a closed file is reported";
    close(end[1]);
    close(set);
    return NULL;
}

const char *test_epoll_nested(void)
{
    int set[8], end[2];

    if (pipe(end))
        return "pipe";
    for (int i = 0; i < 8; i++)
        set[i] = epoll_create1(0);
    if (!watch(set[1], EPOLL_CTL_ADD, end[0], EPOLLIN) ||
        !watch(set[0], EPOLL_CTL_ADD, set[1], EPOLLIN))
        return "a set cannot be watched";
    if (ready(set[0]) != 0 || write(end[1], "x", 1) != 1 || ready(set[0]) != 1)
        return "a set in a set does not report";
    if (watch(set[1], EPOLL_CTL_ADD, set[0], EPOLLIN) || errno != ELOOP)
        return "a ring of sets is made";
    if (watch(set[1], EPOLL_CTL_ADD, set[1], EPOLLIN) || errno != EINVAL)
        return "a set watches itself";
    int depth = 1;
    while (depth < 7 && watch(set[depth], EPOLL_CTL_ADD, set[depth + 1], EPOLLIN))
        depth++;
    if (depth == 7 || errno != ELOOP)
        return "sets lie in each other without end";
    for (int i = 0; i < 8; i++)
        close(set[i]);
    int file = open("/tmp/regular", O_RDWR | O_CREAT, 0600);
    set[0] = epoll_create1(0);
    if (watch(set[0], EPOLL_CTL_ADD, file, EPOLLIN) || errno != EPERM)
        return "a regular file can be watched";
    close(set[0]);
    close(file);
    close(end[0]);
    close(end[1]);
    return NULL;
}

const char *test_eventfd(void)
{
    int fd = eventfd(3, EFD_NONBLOCK), one = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
    uint64_t v = 4;

    if (write(fd, &v, 8) != 8 || read(fd, &v, 8) != 8 || v != 7)
        return "it does not add up";
    if (read(fd, &v, 8) != -1 || errno != EAGAIN)
        return "it is not empty";
    v = ~0ull - 1;
    if (write(fd, &v, 8) != 8 || (v = 1, write(fd, &v, 8)) != -1 || errno != EAGAIN)
        return "it flows over";
    if (read(one, &v, 8) != 8 || v != 1 || read(one, &v, 8) != 8 || v != 1 ||
        read(one, &v, 8) != -1)
        return "a semaphore does not count down";
    if (write(one, &v, 4) != -1 || errno != EINVAL)
        return "a short write is taken";
    close(fd);
    close(one);
    /* A reader that waits. */
    fd = eventfd(0, 0);
    pid_t pid = fork();
    if (!pid) {
        v = 5;
        pass_time(0.02);
        _exit(write(fd, &v, 8) != 8);
    }
    bool woken = read(fd, &v, 8) == 8 && v == 5;
    close(fd);
    return wait_for(pid) || !woken ? "a reader is not woken" : NULL;
}

const char *test_timerfd(void)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), set = epoll_create1(0);
    struct itimerspec t = {{0, 30000000}, {0, 50000000}}, left;
    struct epoll_event e;
    uint64_t n = 0;
    double start = now();

    if (timerfd_settime(fd, 0, &t, NULL) || !watch(set, EPOLL_CTL_ADD, fd, EPOLLIN))
        return "cannot set it";
    if (read(fd, &n, 8) != -1 || errno != EAGAIN)
        return "it has expired at once";
    if (timerfd_gettime(fd, &left) || left.it_value.tv_nsec > 50000000 || !left.it_value.tv_nsec)
        return "what is left is wrong";
    if (epoll_wait(set, &e, 1, 5000) != 1 || now() - start < 0.05 || read(fd, &n, 8) != 8 || !n)
        return "it does not expire";
    pass_time(0.1);
    if (read(fd, &n, 8) != 8 || n < 2)
        return "it does not go on";
    memset(&t, 0, sizeof(t));
    timerfd_settime(fd, 0, &t, NULL);
    pass_time(0.05);
    if (read(fd, &n, 8) != -1)
        return "it does not stop";
    close(fd);
    close(set);
    return NULL;
}
