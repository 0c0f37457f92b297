/* SPDX-License-Identifier: GPL-2.0-only */
/* pipe.c - named pipes: who waits for whom (fifo(7)) */
#include "tests/guestos/battery/battery.h"

#define NAME "/tmp/fifo"

const char *test_fifo(void)
{
    char text[8] = "";

    unlink(NAME);
    struct stat s;
    if (mkfifo(NAME, 0600) || stat(NAME, &s) || !S_ISFIFO(s.st_mode))
        return "mkfifo";
    if (mkfifo(NAME, 0600) != -1 || errno != EEXIST)
        return "mkfifo of a name that is there";
    double start = now();
    pid_t pid = fork();
    if (!pid) {
        sleep_ms(50);
        int fd = open(NAME, O_WRONLY);
        _exit(write(fd, "hello", 5) != 5);
    }
    int fd = open(NAME, O_RDONLY);
    if (fd < 0 || now() - start < 0.045)
        return "a reader does not wait for a writer";
    size_t n = 0;
    ssize_t part;
    while ((part = read(fd, text + n, sizeof(text) - n)) > 0)
        n += (size_t)part;
    close(fd);
    if (wait_for(pid) || part || n != 5 || memcmp(text, "hello", 5))
        return "what was written, and then the end, does not arrive";
    pid = fork();
    if (!pid) {
        sleep_ms(50);
        fd = open(NAME, O_RDONLY); /* and is gone at once */
        _exit(fd < 0);
    }
    start = now();
    fd = open(NAME, O_WRONLY);
    if (fd < 0 || now() - start < 0.045)
        return "a writer does not wait for a reader";
    wait_for(pid);
    signal(SIGPIPE, SIG_IGN);
    bool refused = write(fd, "x", 1) == -1 && errno == EPIPE;
    signal(SIGPIPE, SIG_DFL);
    close(fd);
    unlink(NAME);
    return refused ? NULL : "a write without readers";
}

const char *test_fifo_nonblock(void)
{
    char c;

    if (mkfifo(NAME, 0600))
        return "mkfifo";
    if (open(NAME, O_WRONLY | O_NONBLOCK) != -1 || errno != ENXIO)
        return "a writer without reader is not ENXIO";
    int reader = open(NAME, O_RDONLY | O_NONBLOCK);
    struct pollfd set = {.fd = reader, .events = POLLIN};
    if (reader < 0 || read(reader, &c, 1) != 0)
        return "a reader without writer";
    if (poll(&set, 1, 0) != 0)
        return "nobody has come yet, and poll says hung up";
    int writer = open(NAME, O_WRONLY | O_NONBLOCK);
    if (writer < 0 || read(reader, &c, 1) != -1 || errno != EAGAIN)
        return "an empty pipe with a writer";
    if (write(writer, "ab", 2) != 2 || read(reader, &c, 1) != 1 || c != 'a')
        return "bytes";
    close(writer);
    if (poll(&set, 1, 0) != 1 || set.revents != (POLLIN | POLLHUP))
        return "the last byte and the end";
    if (read(reader, &c, 1) != 1 || c != 'b' || read(reader, &c, 1) != 0)
        return "the last byte";
    close(reader);
    int both = open(NAME, O_RDWR);
    if (both < 0 || write(both, "c", 1) != 1 || read(both, &c, 1) != 1 || c != 'c')
        return "open for both";
    close(both);
    return unlink(NAME) ? "unlink" : NULL;
}
