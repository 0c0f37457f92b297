/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * terminals.c - a ring-3 program that tries pseudo-terminals, one verdict a line
 *
 * An ordinary static glibc program; runs as init, so that its end ends the machine. On Linux it
 * passes too, which is how we know what is right.
 */
#include "tests/guestos/verdict.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define BULK 200000u

static volatile sig_atomic_t caught;

static void note(int signal)
{
    caught = signal;
}

/* Reads from a master until the text has come or the terminal is closed. */
static bool comes(int master, const char *text)
{
    char seen[2000];
    size_t used = 0;

    while (used < sizeof(seen) - 1) {
        ssize_t n = read(master, seen + used, 1);

        if (n <= 0)
            return false;
        used += (size_t)n;
        seen[used] = '\0';
        if (strstr(seen, text))
            return true;
    }
    return false;
}

static int ended_with(pid_t pid)
{
    int status = -1;

    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

/* ---- tests ----------------------------------------------------------------------------------- */

static const char *test_pair(void)
{
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY), locked = -1;
    unsigned number = 1000;
    char path[32], buffer[32];
    struct stat status;

    if (master < 0)
        return "/dev/ptmx";
    if (ioctl(master, TIOCGPTN, &number) || ioctl(master, TIOCGPTLCK, &locked) || !locked)
        return "its number, and that it is locked";
    snprintf(path, sizeof(path), "/dev/pts/%u", number);
    if (open(path, O_RDWR | O_NOCTTY) != -1 || errno != EIO)
        return "a locked terminal can be opened";
    if (grantpt(master) || unlockpt(master) || strcmp(ptsname(master), path))
        return "grantpt, unlockpt, ptsname";
    int slave = open(path, O_RDWR | O_NOCTTY);
    if (slave < 0 || !isatty(slave) || fstat(slave, &status) || major(status.st_rdev) != 136)
        return "open";
    if (!ttyname(slave) || strcmp(ttyname(slave), path))
        return "ttyname";
    if (write(slave, "hello\n", 6) != 6 || read(master, buffer, sizeof(buffer)) != 7 ||
        memcmp(buffer, "hello\r\n", 7))
        return "output";
    if (write(master, "ab\177c\r", 5) != 5 || read(slave, buffer, sizeof(buffer)) != 3 ||
        memcmp(buffer, "ac\n", 3))
        return "input is edited";
    if (read(master, buffer, sizeof(buffer)) != 8 || memcmp(buffer, "ab\b \bc\r\n", 8))
        return "echo";
    close(slave);
    if (read(master, buffer, sizeof(buffer)) != -1 || errno != EIO)
        return "the master does not see the end";
    slave = open(path, O_RDWR | O_NOCTTY);
    if (slave < 0 || write(slave, "x", 1) != 1 || read(master, buffer, sizeof(buffer)) != 1)
        return "opened again";
    close(master);
    if (read(slave, buffer, sizeof(buffer)) != 0 || write(slave, "x", 1) != -1 || errno != EIO)
        return "the terminal is not hung up";
    close(slave);
    return stat(path, &status) == -1 ? NULL : "the name stays";
}

static const char *test_numbers(void)
{
    int master[10], slave[10];
    char name[64], other[64];

    for (int i = 0; i < 10; i++)
        if (openpty(&master[i], &slave[i], name, NULL, NULL))
            return "openpty";
    for (int i = 0; i < 10; i++) {
        char c = 0;

        if (write(slave[i], "0123456789" + i, 1) != 1 || read(master[i], &c, 1) != 1 ||
            c != '0' + i)
            return "pairs are mixed up";
    }
    for (int i = 0; i < 10; i++) {
        close(master[i]);
        close(slave[i]);
    }
    if (openpty(&master[0], &slave[0], other, NULL, NULL))
        return "openpty again";
    close(master[0]);
    close(slave[0]);
    return NULL;
}

static const char *test_bulk(void)
{
    static unsigned char buffer[4096];
    struct termios raw;
    int master, slave;
    unsigned got = 0;

    cfmakeraw(memset(&raw, 0, sizeof(raw)));
    raw.c_cc[VMIN] = 1;
    if (openpty(&master, &slave, NULL, NULL, NULL) || tcgetattr(slave, &raw))
        return "openpty";
    cfmakeraw(&raw);
    if (tcsetattr(slave, TCSANOW, &raw))
        return "tcsetattr";
    pid_t pid = fork();
    if (!pid) { /* types a lot, and reads what comes back */
        close(slave);
        for (unsigned i = 0; i < BULK;) {
            for (unsigned j = 0; j < sizeof(buffer); j++)
                buffer[j] = (unsigned char)((i + j) * 11);
            ssize_t n =
                write(master, buffer, i + sizeof(buffer) > BULK ? BULK - i : sizeof(buffer));
            if (n <= 0)
                _exit(1);
            i += (unsigned)n;
        }
        _exit(comes(master, "all of it") ? 0 : 2);
    }
    close(master);
    while (got < BULK) {
        ssize_t n = read(slave, buffer, sizeof(buffer));

        if (n <= 0)
            break;
        for (ssize_t i = 0; i < n; i++, got++)
            if (buffer[i] != (unsigned char)(got * 11))
                return "a byte is wrong";
    }
    if (got != BULK)
        return "bytes are missing";
    if (write(slave, "all of it", 9) != 9 || ended_with(pid))
        return "the way back";
    close(slave);
    return NULL;
}

static const char *test_window(void)
{
    struct winsize size = {.ws_row = 30, .ws_col = 100}, seen = {0};
    int master;
    pid_t pid = forkpty(&master, NULL, NULL, &size);

    if (!pid) {
        signal(SIGWINCH, note);
        if (ioctl(0, TIOCGWINSZ, &seen) || seen.ws_row != 30 || seen.ws_col != 100)
            _exit(1);
        write(1, "ready\n", 6);
        while (!caught)
            usleep(1000);
        if (caught != SIGWINCH || ioctl(0, TIOCGWINSZ, &seen) || seen.ws_row != 50)
            _exit(2);
        _exit(0);
    }
    if (!comes(master, "ready"))
        return "forkpty";
    size.ws_row = 50;
    if (ioctl(master, TIOCSWINSZ, &size) || ioctl(master, TIOCGWINSZ, &seen) || seen.ws_row != 50)
        return "TIOCSWINSZ";
    int end = ended_with(pid);
    close(master);
    return end == 1 ? "the size at start" : end ? "SIGWINCH, and the size after it" : NULL;
}

/* A session on the terminal: a child in the foreground gets Ctrl-C, its parent does not. */
static _Noreturn void session_with_job(void)
{
    int status;

    signal(SIGTTOU, SIG_IGN);
    pid_t job = fork();
    if (!job) {
        setpgid(0, 0);
        tcsetpgrp(0, getpid());
        write(1, "running\n", 8);
        for (;;)
            pause();
    }
    setpgid(job, job);
    if (waitpid(job, &status, WUNTRACED) != job || !WIFSTOPPED(status) ||
        WSTOPSIG(status) != SIGTSTP)
        _exit(1);
    write(1, "stopped\n", 8);
    kill(-job, SIGCONT);
    if (waitpid(job, &status, 0) != job || !WIFSIGNALED(status) || WTERMSIG(status) != SIGINT)
        _exit(2);
    tcsetpgrp(0, getpid());
    write(1, "interrupted\n", 12);
    int own = open("/dev/tty", O_RDWR);
    if (own < 0 || write(own, "own\n", 4) != 4 || tcgetsid(own) != getpid())
        _exit(3);
    _exit(0);
}

static const char *test_jobs(void)
{
    int master;
    pid_t pid = forkpty(&master, NULL, NULL, NULL);

    if (!pid)
        session_with_job();
    if (!comes(master, "running"))
        return "no job";
    if (tcgetpgrp(master) == pid)
        return "the foreground, as the master sees it";
    write(master, "\032", 1);
    if (!comes(master, "stopped"))
        return "Ctrl-Z";
    write(master, "\003", 1);
    if (!comes(master, "interrupted"))
        return "Ctrl-C";
    if (!comes(master, "own"))
        return "/dev/tty";
    int end = ended_with(pid);
    close(master);
    return end ? "the session" : NULL;
}

static const char *test_hang_up(void)
{
    int master;
    pid_t pid = forkpty(&master, NULL, NULL, NULL);

    if (!pid) {
        signal(SIGHUP, note);
        write(1, "ready\n", 6);
        while (!caught)
            usleep(1000);
        char c;
        if (read(0, &c, 1) != 0)
            _exit(2);
        if (open("/dev/tty", O_RDWR) != -1)
            _exit(3);
        _exit(caught == SIGHUP ? 0 : 4);
    }
    if (!comes(master, "ready"))
        return "forkpty";
    close(master);
    switch (ended_with(pid)) {
    case 0:
        return NULL;
    case 2:
        return "no end of file";
    case 3:
        return "the terminal is still the session's";
    default:
        return "SIGHUP";
    }
}

static const char *test_poll(void)
{
    int master, slave, n = -1;

    if (openpty(&master, &slave, NULL, NULL, NULL))
        return "openpty";
    struct pollfd p = {.fd = master, .events = POLLIN | POLLOUT};
    if (poll(&p, 1, 0) != 1 || p.revents != POLLOUT)
        return "an idle master";
    write(slave, "out", 3);
    if (poll(&p, 1, 0) != 1 || p.revents != (POLLIN | POLLOUT))
        return "a master with output";
    if (fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK) || read(master, &n, 3) != 3 ||
        read(master, &n, 1) != -1 || errno != EAGAIN)
        return "O_NONBLOCK";
    write(master, "line\n", 5);
    p = (struct pollfd){.fd = slave, .events = POLLIN};
    if (poll(&p, 1, 0) != 1 || p.revents != POLLIN || ioctl(slave, FIONREAD, &n) || n != 5)
        return "a terminal with a line";
    close(slave);
    p = (struct pollfd){.fd = master, .events = POLLIN};
    if (poll(&p, 1, 0) != 1 || !(p.revents & POLLHUP))
        return "POLLHUP";
    close(master);
    return NULL;
}

/* tcflow(): both directions, of which the one is a character for the other end. */
static const char *test_flow(void)
{
    int master, slave;
    char c[2] = "";

    if (openpty(&master, &slave, NULL, NULL, NULL))
        return "openpty";
    if (tcflow(slave, TCIOFF) || read(master, c, 1) != 1 || c[0] != 19)
        return "TCIOFF sends no STOP";
    if (tcflow(slave, TCION) || read(master, c, 1) != 1 || c[0] != 17)
        return "TCION sends no START";
    fcntl(slave, F_SETFL, O_NONBLOCK);
    if (tcflow(slave, TCOOFF) || write(slave, "x", 1) != -1 || errno != EAGAIN)
        return "TCOOFF does not stop";
    if (tcflow(slave, TCOON) || write(slave, "x", 1) != 1 || read(master, c, 1) != 1)
        return "TCOON does not go on";
    if (ioctl(slave, TCXONC, 4) != -1 || errno != EINVAL)
        return "an action that there is not";
    close(slave), close(master);
    return NULL;
}

static const struct test tests[] = {
    {"a pair", test_pair},     {"several pairs", test_numbers},
    {"much input", test_bulk}, {"window size", test_window},
    {"jobs", test_jobs},       {"hanging up", test_hang_up},
    {"poll", test_poll},       {"flow control", test_flow},
};

int main(int argc, char **argv)
{
    int failed = run_tests(tests, sizeof(tests) / sizeof(tests[0]), argc > 1 ? argv[1] : NULL);

    return conclude("terminals", failed);
}
