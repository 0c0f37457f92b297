/* SPDX-License-Identifier: GPL-2.0-only */
/* messages.c - queues of messages, as init; prints a verdict for each */
#include "tests/guestos/verdict.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NAME "/queue"

static mqd_t open_queue(int flags, long slots, long bytes)
{
    struct mq_attr shape = {.mq_maxmsg = slots, .mq_msgsize = bytes};

    return mq_open(NAME, flags, 0600, &shape);
}

static bool fails(long result, int error)
{
    return result == -1 && errno == error;
}

static struct timespec soon(void)
{
    struct timespec at;

    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_nsec += 30000000;
    at.tv_sec += at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    return at;
}

static const char *test_names(void)
{
    char longest[NAME_MAX + 3] = "/";

    if (!fails(mq_open(NAME, O_RDWR), ENOENT) || !fails(mq_unlink(NAME), ENOENT))
        return "what does not exist is found";
    if (!fails(open_queue(O_RDWR | O_CREAT, 0, 10), EINVAL) ||
        !fails(open_queue(O_RDWR | O_CREAT, 70000, 10), EINVAL))
        return "any shape is taken";
    mqd_t first = open_queue(O_RDWR | O_CREAT | O_EXCL, 3, 10);
    if (first < 0 || !fails(open_queue(O_RDWR | O_CREAT | O_EXCL, 3, 10), EEXIST))
        return "a name is not made, or twice";
    mqd_t second = mq_open(NAME, O_RDONLY);
    struct mq_attr shape;
    if (second < 0 || mq_getattr(second, &shape) || shape.mq_maxmsg != 3 ||
        shape.mq_msgsize != 10 || shape.mq_curmsgs || shape.mq_flags)
        return "its attributes are not what was asked for";
    if (fcntl(second, F_GETFD) != FD_CLOEXEC)
        return "it would stay open in a new program";
    memset(longest + 1, 'x', NAME_MAX + 1);
    if (!fails(mq_open(longest, O_RDWR), ENAMETOOLONG) ||
        !fails(mq_open("/a/b", O_RDWR | O_CREAT, 0600, NULL), EACCES))
        return "impossible names";
    if (mq_unlink(NAME) || !fails(mq_open(NAME, O_RDWR), ENOENT))
        return "its name stays";
    if (mq_send(first, "still", 5, 0) || mq_getattr(second, &shape) || shape.mq_curmsgs != 1)
        return "without a name it is gone for who has it open";
    return mq_close(first) || mq_close(second) ? "close" : NULL;
}

static const char *test_order(void)
{
    static const struct {
        const char *text;
        unsigned priority;
    } sent[] = {{"low", 1}, {"high", 30}, {"middle", 7}, {"middle2", 7}, {"", 0}},
      wanted[] = {{"high", 30}, {"middle", 7}, {"middle2", 7}, {"low", 1}, {"", 0}};
    mqd_t queue = open_queue(O_RDWR | O_CREAT, 5, 10);
    char text[10];

    for (int i = 0; i < 5; i++)
        if (mq_send(queue, sent[i].text, strlen(sent[i].text), sent[i].priority))
            return "send";
    for (int i = 0; i < 5; i++) {
        unsigned priority;
        ssize_t bytes = mq_receive(queue, text, sizeof(text), &priority);

        if (bytes != (ssize_t)strlen(wanted[i].text) ||
            memcmp(text, wanted[i].text, (size_t)bytes) || priority != wanted[i].priority)
            return "not by priority, or not in order";
    }
    if (!fails(mq_send(queue, "more than ten", 13, 0), EMSGSIZE) ||
        !fails(mq_receive(queue, text, 9, NULL), EMSGSIZE) ||
        !fails(mq_send(queue, "x", 1, 32768), EINVAL) || !fails(mq_send(0, "x", 1, 0), EBADF))
        return "wrong arguments are taken";
    mq_close(queue);
    return mq_unlink(NAME) ? "unlink" : NULL;
}

static void nothing(int signal)
{
    (void)signal;
}

static const char *test_waiting(void)
{
    mqd_t queue = open_queue(O_RDWR | O_CREAT, 1, 10), other;
    struct mq_attr no_wait = {.mq_flags = O_NONBLOCK}, before;
    struct pollfd ready = {.fd = queue, .events = POLLIN | POLLOUT};
    struct timespec at = soon(), wrong = {0, 1000000000};
    char text[10];

    if (!fails(mq_timedreceive(queue, text, 10, NULL, &at), ETIMEDOUT) ||
        !fails(mq_timedreceive(queue, text, 10, NULL, &wrong), EINVAL))
        return "a wait for a message does not end";
    if (poll(&ready, 1, 0) != 1 || ready.revents != POLLOUT || mq_send(queue, "one", 3, 0) ||
        poll(&ready, 1, 0) != 1 || ready.revents != POLLIN)
        return "poll";
    at = soon();
    if (!fails(mq_timedsend(queue, "two", 3, 0, &at), ETIMEDOUT))
        return "a wait for room does not end";
    if (mq_setattr(queue, &no_wait, &before) || before.mq_flags ||
        !fails(mq_send(queue, "two", 3, 0), EAGAIN) || mq_receive(queue, text, 10, NULL) != 3 ||
        !fails(mq_receive(queue, text, 10, NULL), EAGAIN))
        return "it waits, though told not to";
    other = mq_open(NAME, O_RDWR);
    pid_t pid = fork();
    if (!pid) {
        usleep(20000);
        mq_send(other, "first", 5, 0);
        mq_send(other, "second", 6, 0); /* waits until the first is taken */
        _exit(0);
    }
    struct sigaction action = {.sa_handler = nothing};
    int status;
    if (mq_receive(other, text, 10, NULL) != 5 || mq_receive(other, text, 10, NULL) != 6 ||
        waitpid(pid, &status, 0) != pid || status)
        return "a message does not wake";
    sigaction(SIGALRM, &action, NULL);
    ualarm(20000, 0);
    if (!fails(mq_receive(other, text, 10, NULL), EINTR))
        return "a signal does not end a wait";
    mq_close(queue);
    mq_close(other);
    return mq_unlink(NAME) ? "unlink" : NULL;
}

/*
 * A message goes to who waits for it, and what a sender waits to send goes where room is made, at
 * once.
 */
static const char *test_completed(void)
{
    mqd_t queue = open_queue(O_RDWR | O_CREAT, 1, 10);
    struct mq_attr now;
    struct sigevent event = {.sigev_notify = SIGEV_NONE};
    mqd_t other = mq_open(NAME, O_RDWR | O_NONBLOCK);
    char text[10];
    int status;
    pid_t pid = fork();

    if (!pid)
        _exit(mq_receive(queue, text, 10, NULL) != 3 || memcmp(text, "one", 3));
    usleep(20000);
    if (mq_notify(queue, &event) || mq_send(other, "one", 3, 0) || mq_getattr(other, &now) ||
        now.mq_curmsgs || !fails(mq_receive(other, text, 10, NULL), EAGAIN))
        return "a message does not go to who waits for it";
    if (!fails(mq_notify(queue, &event), EBUSY) || waitpid(pid, &status, 0) != pid || status)
        return "somebody is told of it, or the wrong one has it";
    mq_notify(queue, NULL);
    mq_send(queue, "two", 3, 0);
    pid = fork();
    if (!pid)
        _exit(mq_send(queue, "three", 5, 9) != 0);
    usleep(20000);
    if (mq_receive(other, text, 10, NULL) != 3 || !fails(mq_send(other, "x", 1, 0), EAGAIN) ||
        mq_receive(other, text, 10, NULL) != 5 || waitpid(pid, &status, 0) != pid || status)
        return "who waits to send does not send when there is room";
    mq_close(queue);
    mq_close(other);
    return mq_unlink(NAME) ? "unlink" : NULL;
}

static volatile sig_atomic_t told, told_code, told_value, told_pid;

static void on_message(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    told++;
    told_code = info->si_code;
    told_value = info->si_value.sival_int;
    told_pid = info->si_pid;
}

static const char *test_told(void)
{
    struct sigaction action = {.sa_sigaction = on_message, .sa_flags = SA_SIGINFO | SA_RESTART};
    struct sigevent event = {
        .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 77};
    mqd_t queue = open_queue(O_RDWR | O_CREAT, 4, 10);
    char text[10];
    int status;

    sigaction(SIGUSR1, &action, NULL);
    if (mq_notify(queue, &event) || !fails(mq_notify(queue, &event), EBUSY))
        return "nobody, or two, can be told";
    pid_t pid = fork();
    if (!pid)
        _exit(mq_send(queue, "x", 1, 0) || mq_send(queue, "y", 1, 0));
    if (waitpid(pid, &status, 0) != pid || status || told != 1 || told_code != SI_MESGQ ||
        told_value != 77 || told_pid != pid)
        return "it is not told once, and by whom";
    if (mq_notify(queue, &event) || mq_send(queue, "z", 1, 0) || told != 1)
        return "it is told of a message that is not the first";
    mq_receive(queue, text, 10, NULL);
    if (mq_notify(queue, NULL) || mq_notify(queue, &event))
        return "it cannot be taken back";
    event.sigev_notify = 17;
    if (!fails(mq_notify(queue, &event), EINVAL))
        return "told in any way";
    mq_close(queue);
    return mq_unlink(NAME) ? "unlink" : NULL;
}

/* As nobody: what root made is closed to it, shapes and sums are limited. */
static const char *test_limits(void)
{
    mqd_t queue = open_queue(O_RDWR | O_CREAT, 1, 10);
    int status;
    pid_t pid = fork();

    if (!pid) {
        struct rlimit limit;
        char name[] = "/n0";
        struct mq_attr shape = {.mq_maxmsg = 10, .mq_msgsize = 8192}, large = shape;

        if (getrlimit(RLIMIT_MSGQUEUE, &limit) || limit.rlim_cur != 819200 || setuid(65534))
            _exit(1);
        if (!fails(mq_open(NAME, O_RDONLY), EACCES) || !fails(mq_unlink(NAME), EACCES))
            _exit(2);
        large.mq_maxmsg++;
        if (!fails(mq_open("/large", O_RDWR | O_CREAT, 0600, &large), EINVAL))
            _exit(3);
        for (; mq_open(name, O_RDWR | O_CREAT, 0600, &shape) >= 0; name[2]++)
            ;
        if (errno != EMFILE || name[2] != '9') /* 9 queues of 82400 bytes */
            _exit(4);
        while (name[2]-- > '0')
            if (mq_unlink(name))
                _exit(5);
        _exit(0);
    }
    if (waitpid(pid, &status, 0) != pid || status) {
        static char text[64];

        snprintf(text, sizeof(text), "nobody ended with %x", (unsigned)status);
        return text;
    }
    mq_close(queue);
    return mq_unlink(NAME) ? "unlink" : NULL;
}

static const struct test tests[] = {
    {"names", test_names},         {"order", test_order}, {"waiting", test_waiting},
    {"completed", test_completed}, {"told", test_told},   {"limits", test_limits},
};

int main(int argc, char **argv)
{
    int failed = run_tests(tests, sizeof(tests) / sizeof(tests[0]), argc > 1 ? argv[1] : NULL);

    return conclude("messages", failed);
}
