/* SPDX-License-Identifier: GPL-2.0-only */
/* async.c - files that send signals, and the requests of ioctl() that every file knows */
#include "tests/guestos/events/events.h"

#include <sys/ioctl.h>

static volatile sig_atomic_t told, told_fd, told_code;

static void on_signal(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    told++;
    told_fd = info->si_fd;
    told_code = info->si_code;
}

static void catch (int signal)
{
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART};

    sigaction(signal, &action, NULL);
    told = 0;
}

static bool told_once(int fd, int code)
{
    bool right = told == 1 && told_code == code && (fd < 0 || told_fd == fd);

    told = 0;
    return right;
}

const char *test_async(void)
{
    int end[2], on = 1, off = 0;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, end))
        return "socketpair";
    catch (SIGIO);
    if (write(end[1], "x", 1) != 1 || told)
        return "a signal that nobody wanted";
    if (fcntl(end[0], F_SETOWN, 30000) != -1 || errno != ESRCH || fcntl(end[0], F_GETOWN) ||
        fcntl(end[0], F_SETOWN, getpid()) || fcntl(end[0], F_GETOWN) != getpid())
        return "its owner";
    if (ioctl(end[0], FIOASYNC, &on) || !(fcntl(end[0], F_GETFL) & O_ASYNC))
        return "it cannot be asked for";
    if (write(end[1], "y", 1) != 1 || !told_once(-1, SI_KERNEL))
        return "a byte comes, and no SIGIO";
    sigset_t polled;
    sigemptyset(&polled);
    sigaddset(&polled, SIGUSR2);
    int signals = signalfd(-1, &polled, 0); /* from now on a signal is itself a change */
    if (signals < 0 || write(end[1], "y", 1) != 1 || !told_once(-1, SI_KERNEL))
        return "not once where signals are polled";
    close(signals);
    catch (SIGRTMIN);
    if (fcntl(end[0], F_SETSIG, SIGRTMIN) || fcntl(end[0], F_GETSIG) != SIGRTMIN ||
        write(end[1], "z", 1) != 1 || !told_once(end[0], POLL_IN))
        return "another signal does not tell the descriptor";
    if (ioctl(end[0], FIOASYNC, &off) || write(end[1], "z", 1) != 1 || told)
        return "it does not end";
    struct f_owner_ex owner = {F_OWNER_PGRP, getpgrp()}, is;
    if (fcntl(end[0], F_SETOWN_EX, &owner) || fcntl(end[0], F_GETOWN_EX, &is) ||
        is.type != F_OWNER_PGRP || is.pid != getpgrp())
        return "a group as its owner";
    fcntl(end[0], F_SETFL, O_ASYNC);
    pid_t pid = fork();
    if (!pid)
        _exit(write(end[1], "z", 1) != 1 || told != 1); /* it is of the group, too */
    if (wait_for(pid) || told != 1)
        return "not all of a group are told";
    close(end[1]);
    close(end[0]);
    signal(SIGIO, SIG_DFL);
    signal(SIGRTMIN, SIG_DFL);
    return NULL;
}

/* What a user set cannot be sent to others: nobody's file does not disturb root. */
static bool signals_root(void)
{
    int end[2];

    return !socketpair(AF_UNIX, SOCK_STREAM, 0, end) && !fcntl(end[0], F_SETOWN, getppid()) &&
           !fcntl(end[0], F_SETFL, O_ASYNC) && write(end[1], "x", 1) == 1;
}

const char *test_async_rights(void)
{
    catch (SIGIO);
    bool done = as_nobody(signals_root);
    signal(SIGIO, SIG_DFL);
    return !done ? "it cannot be asked for" : told ? "root gets nobody's signal" : NULL;
}

const char *test_ioctl(void)
{
    int end[2], on = 1, off = 0, file = open("/sbin/init", O_RDONLY);
    char byte;

    if (pipe(end) || ioctl(end[0], FIONBIO, &on) || read(end[0], &byte, 1) != -1 ||
        errno != EAGAIN || !(fcntl(end[0], F_GETFL) & O_NONBLOCK) || ioctl(end[0], FIONBIO, &off) ||
        fcntl(end[0], F_GETFL) & O_NONBLOCK)
        return "FIONBIO of a pipe";
    if (ioctl(file, FIOCLEX) || fcntl(file, F_GETFD) != FD_CLOEXEC || ioctl(file, FIONCLEX) ||
        fcntl(file, F_GETFD))
        return "FIOCLEX, FIONCLEX";
    if (ioctl(file, FIOASYNC, &on) != -1 || errno != ENOTTY)
        return "FIOASYNC of an ordinary file";
    close(file);
    close(end[0]);
    return close(end[1]) ? "close" : NULL;
}
