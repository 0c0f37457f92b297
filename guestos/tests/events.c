/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * events.c - a ring-3 program that tries what programs wait for and who they are, one verdict a line
 *
 * Sets of files, counters and timers behind descriptors, signals and what is told with them, locks of files,
 * users and their rights, limits. An ordinary static glibc program, run as init like battery.c; it also passes
 * on Linux, as root.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include <utime.h>

#define NOBODY 65534

static int wait_for(pid_t pid)
{
    int status = -1;
    pid_t ended;
    do
        ended = waitpid(pid, &status, 0);
    while (ended == -1 && errno == EINTR);
    return ended == pid ? status : -1;
}

/* In a child as another user: the verdict's exit status, 0 if all is well. */
static bool as_nobody(bool (*body)(void))
{
    pid_t pid = fork();
    if (!pid)
        _exit(setgid(NOBODY) || setuid(NOBODY) || !body());
    return wait_for(pid) == 0;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void pass_time(double seconds)
{
    struct timespec t = {0, (long)(seconds * 1e9)};
    nanosleep(&t, NULL);
}

/* ---- epoll --------------------------------------------------------------------------------------- */

static int ready(int set)
{
    struct epoll_event e[8];
    return epoll_wait(set, e, 8, 0);
}

static bool watch(int set, int operation, int fd, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.fd = fd};
    return !epoll_ctl(set, operation, fd, &e);
}

static const char *test_epoll(void)
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

static const char *test_epoll_nested(void)
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

static const char *test_eventfd(void)
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

static const char *test_timerfd(void)
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
    memset(&t, 0, sizeof t);
    timerfd_settime(fd, 0, &t, NULL);
    pass_time(0.05);
    if (read(fd, &n, 8) != -1)
        return "it does not stop";
    close(fd);
    close(set);
    return NULL;
}

/* ---- signals ------------------------------------------------------------------------------------- */

static volatile int taken;
static siginfo_t told[8];

static void take(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    if (taken < 8)
        told[taken] = *info;
    taken++;
}

static void handle(int signal, int flags)
{
    struct sigaction action = {.sa_sigaction = take, .sa_flags = SA_SIGINFO | flags};
    sigaction(signal, &action, NULL);
    taken = 0;
    memset(told, 0, sizeof told);
}

static const char *test_sender(void)
{
    handle(SIGUSR1, 0);
    kill(getpid(), SIGUSR1);
    if (taken != 1 || told[0].si_code != SI_USER || told[0].si_pid != getpid())
        return "kill() does not say who";
    raise(SIGUSR1);
    if (taken != 2 || told[1].si_code != SI_TKILL)
        return "raise() is not by tgkill()";
    pid_t pid = fork();
    if (!pid)
        _exit(kill(getppid(), SIGUSR1));
    wait_for(pid);
    return taken != 3 || told[2].si_pid != pid ? "a child's signal is not its own" : NULL;
}

static const char *test_queued(void)
{
    sigset_t set, old;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 1);
    sigaddset(&set, SIGUSR2);
    handle(SIGRTMIN + 1, 0);
    sigprocmask(SIG_BLOCK, &set, &old);
    for (int i = 0; i < 3; i++) {
        sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 40 + i});
        sigqueue(getpid(), SIGUSR2, (union sigval){.sival_int = 50 + i});
    }
    siginfo_t info;
    struct timespec none = {0, 0};
    sigset_t user;
    sigemptyset(&user);
    sigaddset(&user, SIGUSR2);
    if (sigtimedwait(&user, &info, &none) != SIGUSR2 || info.si_int != 50 ||
        info.si_code != SI_QUEUE || sigtimedwait(&user, &info, &none) != -1 || errno != EAGAIN)
        return "a signal below 32 does not wait once, with its first value";
    sigprocmask(SIG_SETMASK, &old, NULL);
    if (taken != 3)
        return "those from 32 on do not all come";
    for (int i = 0; i < 3; i++)
        if (told[i].si_int != 40 + i || told[i].si_pid != getpid())
            return "they come out of order";
    return NULL;
}

static const char *test_child_told(void)
{
    handle(SIGCHLD, SA_RESTART);
    pid_t pid = fork();
    if (!pid)
        _exit(23);
    int status = wait_for(pid);
    if (WEXITSTATUS(status) != 23 || taken != 1 || told[0].si_code != CLD_EXITED ||
        told[0].si_pid != pid || told[0].si_status != 23)
        return "an exit is not told";
    taken = 0;
    pid = fork();
    if (!pid)
        for (;;)
            pause();
    kill(pid, SIGSTOP);
    waitpid(pid, &status, WUNTRACED);
    if (!WIFSTOPPED(status) || told[0].si_code != CLD_STOPPED || told[0].si_status != SIGSTOP)
        return "a stop is not told";
    siginfo_t info;
    kill(pid, SIGCONT);
    if (waitid(P_PID, (id_t)pid, &info, WCONTINUED) || info.si_code != CLD_CONTINUED)
        return "waitid() does not tell of going on";
    kill(pid, SIGKILL);
    if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) || info.si_code != CLD_KILLED ||
        info.si_status != SIGKILL || waitid(P_ALL, 0, &info, WEXITED) || info.si_pid != pid)
        return "waitid() does not look and then take";
    signal(SIGCHLD, SIG_DFL);
    return waitid(P_ALL, 0, &info, WEXITED) != -1 || errno != ECHILD ? "a child is left" : NULL;
}

static void skip_fault(int signal, siginfo_t *info, void *context)
{
    static const int load_bytes = 2; /* movl (%eax), %eax */
    take(signal, info, context);
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_EIP] += load_bytes;
}

static void load(void *address)
{
    __asm__ volatile("movl (%%eax), %%eax" : "+a"(address) : : "memory");
}

static const char *test_fault_told(void)
{
    struct sigaction action = {.sa_sigaction = skip_fault, .sa_flags = SA_SIGINFO};
    void *closed = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    taken = 0;
    sigaction(SIGSEGV, &action, NULL);
    load((void *)16);
    load((char *)closed + 8);
    signal(SIGSEGV, SIG_DFL);
    munmap(closed, 4096);
    if (taken != 2 || told[0].si_code != SEGV_MAPERR || told[0].si_addr != (void *)16)
        return "nothing there";
    return told[1].si_code != SEGV_ACCERR || told[1].si_addr != (char *)closed + 8 ? "no right"
                                                                                   : NULL;
}

static const char *test_signalfd(void)
{
    sigset_t set, old;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, &old);
    int fd = signalfd(-1, &set, SFD_NONBLOCK), poll = epoll_create1(0);
    struct signalfd_siginfo info;
    if (fd < 0 || !watch(poll, EPOLL_CTL_ADD, fd, EPOLLIN) || ready(poll) != 0)
        return "it is ready at once";
    if (read(fd, &info, sizeof info) != -1 || errno != EAGAIN)
        return "something is read at once";
    pid_t pid = fork();
    if (!pid)
        _exit(kill(getppid(), SIGUSR1));
    struct epoll_event e;
    if (epoll_wait(poll, &e, 1, 5000) != 1 || read(fd, &info, sizeof info) != sizeof info ||
        info.ssi_signo != SIGUSR1 || info.ssi_pid != (uint32_t)pid)
        return "the signal is not read";
    wait_for(pid);
    close(fd);
    close(poll);
    sigprocmask(SIG_SETMASK, &old, NULL);
    return NULL;
}

static const char *test_timer(void)
{
    struct sigevent event = {
        .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 77};
    struct itimerspec t = {{0, 20000000}, {0, 20000000}}, none = {{0, 0}, {0, 0}};
    timer_t timer;
    sigset_t set, old;
    handle(SIGRTMIN, 0);
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) || timer_settime(timer, 0, &t, NULL))
        return "cannot set it";
    while (taken < 3)
        pause();
    if (told[0].si_code != SI_TIMER || told[0].si_int != 77)
        return "it does not say what it is";
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &set, &old);
    double end = now() + 0.2;
    while (now() < end)
        pass_time(0.01);
    taken = 0;
    timer_settime(timer, 0, &none, NULL);
    sigprocmask(SIG_SETMASK, &old, NULL);
    if (taken > 1)
        return "its signal waits more than once";
    return timer_delete(timer) || timer_delete(timer) != -1 || errno != EINVAL ? "it does not go"
                                                                               : NULL;
}

/* A stop in the middle does not make a sleep longer. */
static const char *test_sleep_goes_on(void)
{
    double start = now();
    pid_t pid = fork();
    if (!pid) {
        pass_time(0.4);
        _exit(0);
    }
    pass_time(0.1);
    kill(pid, SIGSTOP);
    waitpid(pid, NULL, WUNTRACED);
    pass_time(0.1);
    kill(pid, SIGCONT);
    wait_for(pid);
    return now() - start < 0.4 ? "it is shorter" : now() - start > 0.48 ? "it begins anew" : NULL;
}

static const char *test_cpu_timers(void)
{
    struct itimerval t = {{0, 0}, {0, 50000}};
    clock_t used = clock();
    for (double end = now() + 0.1; now() < end;)
        ;
    used = clock() - used;
    if (used < CLOCKS_PER_SEC / 20 || used > CLOCKS_PER_SEC / 5)
        return "what a process has used is wrong";
    handle(SIGVTALRM, 0);
    setitimer(ITIMER_VIRTUAL, &t, NULL);
    pass_time(0.2);
    if (taken)
        return "it runs while the process sleeps";
    double end = now() + 20;
    while (!taken && now() < end)
        ;
    return taken != 1 ? "it does not end" : NULL;
}

/* ---- files --------------------------------------------------------------------------------------- */

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
        _exit(write(end[1], &l, sizeof l) != sizeof l);
    }
    if (read(end[0], &l, sizeof l) != sizeof l)
        l.l_type = -1;
    wait_for(pid);
    close(end[0]);
    close(end[1]);
    return l;
}

static const char *test_locks(void)
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

static const char *test_deadlock(void)
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

static const char *test_vectors(void)
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

/* ---- users and limits ----------------------------------------------------------------------------- */

static bool is_denied(void)
{
    return open("/tmp/d/private", O_RDONLY) == -1 && errno == EACCES &&
           open("/tmp/d/new", O_WRONLY | O_CREAT, 0600) == -1 && errno == EACCES &&
           open("/tmp/closed/file", O_RDONLY) == -1 && errno == EACCES &&
           open("/tmp/d/public", O_RDONLY) >= 0 && open("/tmp/d/public", O_RDWR) == -1 &&
           chmod("/tmp/d/public", 0666) == -1 && errno == EPERM && unlink("/tmp/d/public") == -1 &&
           errno == EACCES && unlink("/tmp/s/theirs") == -1 && errno == EPERM &&
           kill(1, SIGUSR1) == -1 && errno == EPERM && setuid(0) == -1 && errno == EPERM &&
           mount("none", "/tmp/d", "tmpfs", 0, NULL) == -1 && errno == EPERM &&
           access("/tmp/d/private", R_OK) == -1 && access("/tmp/d/public", R_OK) == 0;
}

/* Ways around a file's rights: what sets times without asking, and one's own program's other name. */
static bool is_denied_by_other_ways(void)
{
    struct utimbuf old = {1, 1};
    return utime("/tmp/d/public", &old) == -1 && errno == EPERM &&
           utime("/tmp/d/public", NULL) == -1 && errno == EACCES &&
           open("/proc/self/exe", O_RDWR) == -1 && errno == EACCES &&
           open("/proc/self/exe", O_RDONLY) >= 0;
}

static bool has_own_descriptors(void)
{
    struct stat s;
    char path[32];
    int fd = memfd_create("own", 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return fd >= 0 && open(path, O_RDWR) >= 0 && !stat("/proc/self", &s) && s.st_uid == NOBODY &&
           s.st_gid == NOBODY && open("/proc/1/fd/1", O_WRONLY) == -1 && errno == EACCES;
}

static bool owns_what_it_makes(void)
{
    struct stat s;
    int fd = open("/tmp/s/mine", O_RDWR | O_CREAT | O_EXCL, 0400);
    return fd >= 0 && write(fd, "x", 1) == 1 && !fstat(fd, &s) && s.st_uid == NOBODY &&
           s.st_gid == NOBODY && !chmod("/tmp/s/mine", 0600) && !unlink("/tmp/s/mine");
}

static void put(const char *path, int mode)
{
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    fchmod(fd, (mode_t)mode);
    close(fd);
}

static const char *test_users(void)
{
    uid_t r, e, s;
    mkdir("/tmp/d", 0755);
    mkdir("/tmp/s", 0755);
    mkdir("/tmp/closed", 0700);
    chmod("/tmp/s", 01777);
    put("/tmp/d/private", 0600);
    put("/tmp/d/public", 0644);
    put("/tmp/closed/file", 0644);
    put("/tmp/s/theirs", 0666);
    if (!as_nobody(is_denied))
        return "not everything is denied, or too much is";
    if (!as_nobody(is_denied_by_other_ways))
        return "rights are not asked for everywhere";
    if (!as_nobody(has_own_descriptors))
        return "its own descriptors are not its own in /proc";
    if (!as_nobody(owns_what_it_makes))
        return "what it makes is not its own";
    if (setresuid(1, 2, 0) || getresuid(&r, &e, &s) || r != 1 || e != 2 || s != 0 ||
        seteuid(3) != -1 || seteuid(0) || setresuid(0, 0, 0))
        return "users do not change as they should";
    return NULL;
}

static const char *test_limits(void)
{
    struct rlimit old, few = {5, 5};
    getrlimit(RLIMIT_NOFILE, &old);
    pid_t pid = fork();
    if (!pid) {
        int fd = -1, last = -1;
        while ((fd = dup(0)) >= 0)
            last = fd;
        (void)last;
        for (int i = 3; i < (int)old.rlim_cur; i++)
            close(i);
        if (setrlimit(RLIMIT_NOFILE, &few))
            _exit(1);
        int opened = 0;
        while (dup(0) >= 0)
            opened++;
        if (opened != 2 || errno != EMFILE)
            _exit(2);
        close(3);
        struct rlimit small = {100, 100};
        static char block[200];
        signal(SIGXFSZ, SIG_IGN);
        int file = open("/tmp/small", O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (setrlimit(RLIMIT_FSIZE, &small) || write(file, block, 200) != 100 ||
            write(file, block, 1) != -1 || errno != EFBIG)
            _exit(3);
        struct rlimit second = {1, 1};
        setrlimit(RLIMIT_CPU, &second);
        for (;;)
            ;
    }
    int status = wait_for(pid);
    return WIFEXITED(status) ? "descriptors or sizes of files are not limited"
           : WTERMSIG(status) != SIGKILL && WTERMSIG(status) != SIGXCPU
               ? "the processor's time is not limited"
               : NULL;
}

/* Five processes are nobody's limit, and do not limit root. How many nobody could fork, with itself. */
static int processes_of_nobody(void)
{
    const struct rlimit five = {5, 5};
    pid_t pid[10];
    int made = 0, error;
    if (setrlimit(RLIMIT_NPROC, &five) || setuid(65534))
        return 100;
    while (made < 10 && (pid[made] = fork()) > 0)
        made++;
    error = errno;
    if (made < 10 && !pid[made])
        pause();
    for (int i = 0; i < made; i++)
        kill(pid[i], SIGKILL);
    return error == EAGAIN ? made + 1 : 101;
}

static const char *test_process_limit(void)
{
    const struct rlimit one = {1, RLIM_INFINITY}, none = {RLIM_INFINITY, RLIM_INFINITY};
    if (setrlimit(RLIMIT_NPROC, &one))
        return "it cannot be set";
    pid_t pid = fork();
    if (!pid)
        _exit(processes_of_nobody());
    int status = pid < 0 ? 0 : wait_for(pid);
    setrlimit(RLIMIT_NPROC, &none);
    return pid < 0 ? "root is limited" : WEXITSTATUS(status) != 5 ? "nobody is not" : NULL;
}

#define MANY 1500

/* Of MANY copies of a pipe's end: whether poll() and select() see its bytes through the last ones. */
static bool is_seen_by_all(int first)
{
    static struct pollfd all[MANY];
    struct timeval now = {0, 0};
    fd_set set;
    for (int i = 0; i < MANY; i++)
        all[i] = (struct pollfd){.fd = first + i, .events = POLLIN};
    FD_ZERO(&set);
    for (int i = first; i < FD_SETSIZE; i++)
        FD_SET(i, &set);
    return poll(all, MANY, 0) == MANY && all[MANY - 1].revents == POLLIN &&
           select(FD_SETSIZE, &set, NULL, NULL, &now) == FD_SETSIZE - first &&
           FD_ISSET(FD_SETSIZE - 1, &set);
}

static const char *test_many_descriptors(void)
{
    struct rlimit usual, many;
    int end[2];
    if (getrlimit(RLIMIT_NOFILE, &usual) || usual.rlim_cur != 1024 || usual.rlim_max != 4096)
        return "the limits are not Linux's";
    many = (struct rlimit){MANY + 100, usual.rlim_max};
    if (pipe(end) || write(end[1], "x", 1) != 1 || setrlimit(RLIMIT_NOFILE, &many))
        return "no pipe, or no more descriptors";
    for (int i = 0; i < MANY; i++)
        if (dup(end[0]) != end[1] + 1 + i)
            return "copies are not numbered in order";
    fcntl(end[1] + MANY, F_SETFD, FD_CLOEXEC);
    if (!is_seen_by_all(end[1] + 1))
        return "what they wait for is not seen";
    pid_t pid = fork();
    if (!pid)
        _exit(!is_seen_by_all(end[1] + 1) || fcntl(end[1] + MANY, F_GETFD) != FD_CLOEXEC ||
              fcntl(end[1] + MANY - 1, F_GETFD) != 0);
    if (wait_for(pid))
        return "a child has not all of them";
    if (dup2(end[0], MANY + 99) != MANY + 99 || dup2(end[0], MANY + 100) != -1 || errno != EBADF ||
        fcntl(0, F_DUPFD, MANY + 100) != -1 || errno != EINVAL)
        return "the limit does not hold";
    for (int i = end[0]; i < MANY + 100; i++)
        close(i);
    return setrlimit(RLIMIT_NOFILE, &usual) ? "the limit cannot be lowered" : NULL;
}

static const char *test_priority(void)
{
    cpu_set_t all, first;
    if (setpriority(PRIO_PROCESS, 0, 5) || getpriority(PRIO_PROCESS, 0) != 5 ||
        setpriority(PRIO_PROCESS, 0, 0))
        return "nice";
    if (sched_getaffinity(0, sizeof all, &all))
        return "which processors";
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    if (sched_setaffinity(0, sizeof first, &first) || sched_getcpu() != 0 ||
        sched_setaffinity(0, sizeof all, &all))
        return "it does not stay where it may be";
    CPU_ZERO(&first);
    return sched_setaffinity(0, sizeof first, &first) != -1 || errno != EINVAL ? "nowhere" : NULL;
}

static const struct {
    const char *name;
    const char *(*function)(void);
} tests[] = {
    {"epoll", test_epoll},
    {"epoll in epoll", test_epoll_nested},
    {"eventfd", test_eventfd},
    {"timerfd", test_timerfd},
    {"who sent a signal", test_sender},
    {"queued signals", test_queued},
    {"what a child did", test_child_told},
    {"what a fault was", test_fault_told},
    {"signalfd", test_signalfd},
    {"timers", test_timer},
    {"a sleep with a stop", test_sleep_goes_on},
    {"timers of the processor", test_cpu_timers},
    {"locks", test_locks},
    {"deadlock", test_deadlock},
    {"vectors and descriptors", test_vectors},
    {"users", test_users},
    {"limits", test_limits},
    {"many processes", test_process_limit},
    {"many descriptors", test_many_descriptors},
    {"priorities", test_priority},
};

int main(void)
{
    int failed = 0;
    for (unsigned i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        const char *wrong = tests[i].function();
        printf(wrong ? "FAIL %s: %s\n" : "PASS %s\n", tests[i].name, wrong);
        fflush(stdout);
        failed += wrong != NULL;
    }
    printf("events: %s\n", failed ? "FAILED" : "all passed");
    fflush(stdout);
    return failed != 0;
}
