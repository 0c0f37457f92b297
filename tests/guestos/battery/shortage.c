/* SPDX-License-Identifier: GPL-2.0-only */
/* shortage.c - memory and disks that are full: who has to go, and that nothing is lost */
#include "tests/guestos/battery/battery.h"

#include <sys/socket.h>
#include <sys/sysinfo.h>

static unsigned long free_kb(void)
{
    struct sysinfo info;

    sysinfo(&info);
    return info.freeram / 1024;
}

/* More than there is: three quarters of it at once, then page after page. */
static void touch_all(void)
{
    for (;;) {
        char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        for (int i = 0; p != MAP_FAILED && i < 1 << 20; i += PAGE)
            p[i] = 1;
    }
}

/* The kernel touches it: pages that a system call needs. */
static void read_all(void)
{
    int fd = open("/dev/zero", O_RDONLY);

    for (;;) {
        char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (p != MAP_FAILED && read(fd, p, 1 << 20) < 0)
            _exit(1); /* any error would be the program's to see */
    }
}

/* The pages become one's own only by writing to what was shared with the parent. */
static void fork_and_touch(void)
{
    size_t bytes = free_kb() * 1024 / 3 * 2;
    char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    for (size_t i = 0; i < bytes; i += PAGE)
        p[i] = 1;
    pid_t pid = fork();
    for (size_t i = 0; i < bytes; i += PAGE)
        p[i] = 2;
    for (size_t i = 0; i < bytes; i += PAGE)
        if (p[i] != 2)
            _exit(1);
    if (!pid)
        _exit(0);
    _exit(WIFSIGNALED(wait_for(pid)) ? 9 : 10);
}

const char *test_memory_full(void)
{
    static const struct {
        void (*body)(void);
        const char *failure;
    } hogs[] = {
        {touch_all, "a program that touches all memory"},
        {read_all, "a program that reads into all memory"},
    };
    /* A small one beside it, which must not notice. */
    int end[2];
    char c = 0;

    if (pipe(end))
        return "pipe";
    unsigned long before = free_kb();
    pid_t small = fork();
    if (!small) {
        close(end[1]);
        _exit(read(end[0], &c, 1) == 1 ? 7 : 8);
    }
    for (unsigned i = 0; i < sizeof(hogs) / sizeof(hogs[0]); i++) {
        int status = run_and_reap(hogs[i].body);

        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
            return hogs[i].failure;
        if (waitpid(small, NULL, WNOHANG) != 0)
            return "the wrong one is killed";
    }
    int status = run_and_reap(fork_and_touch);
    if (!WIFSIGNALED(status) && WEXITSTATUS(status) != 9)
        return "a page was lost between parent and child";
    if (write(end[1], &c, 1) != 1 || WEXITSTATUS(wait_for(small)) != 7)
        return "the small one does not go on";
    close(end[0]);
    close(end[1]);
    return free_kb() + 16 < before ? "memory is lost" : NULL;
}

/* A process that waits with so much memory until it is told to end, and then says 7. */
static pid_t start_bystander(size_t bytes, int *tell)
{
    int end[2], ready[2];
    char c = 0;

    if (pipe(end) || pipe(ready))
        return -1;
    pid_t pid = fork();
    if (!pid) {
        char *p = malloc(bytes);

        memset(p, 1, bytes);
        close(end[1]);
        _exit(write(ready[1], &c, 1) == 1 && read(end[0], &c, 1) == 1 ? 7 : 8);
    }
    close(end[0]);
    close(ready[1]);
    if (read(ready[0], &c, 1) != 1)
        pid = -1;
    close(ready[0]);
    *tell = end[1];
    return pid;
}

static bool goes_on(pid_t pid, int tell)
{
    char c = 0;
    bool told = write(tell, &c, 1) == 1;
    int status = wait_for(pid);

    close(tell);
    return told && WIFEXITED(status) && WEXITSTATUS(status) == 7;
}

/* What is counted in /proc/vmstat. */
static long counted(const char *name)
{
    static char text[PAGE];
    int fd = open("/proc/vmstat", O_RDONLY);
    ssize_t n = read(fd, text, sizeof(text) - 1);

    close(fd);
    text[n > 0 ? n : 0] = '\0';
    const char *found = strstr(text, name);
    return found ? atol(found + strlen(name) + 1) : -1;
}

/*
 * The kernel's memory behind descriptors: what waits in sockets, as much as a process may have, and
 * then another process.
 */
static void fill_sockets(void)
{
    static const char bytes[1500];
    int end[2];

    setpgid(0, 0);
    for (;;) {
        while (!socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, end))
            for (int i = 0; i < 2; i++)
                while (write(end[i], bytes, sizeof(bytes)) > 0)
                    ;
        pid_t pid = errno == EMFILE ? fork() : -1;
        if (pid < 0)
            _exit(1); /* refused, and whoever asks next would be too */
        if (pid) {
            wait(NULL);
            _exit(2);
        }
        close_range(3, ~0u, 0);
    }
}

/* Ends a group whose members may have been left to this process, which is init. */
static void end_group(pid_t group)
{
    while (!kill(-group, SIGKILL))
        waitpid(-group, NULL, 0);
}

const char *test_sockets_full(void)
{
    int tell;
    unsigned long before = free_kb();
    pid_t bystander = start_bystander(before * 1024 / 50, &tell);
    pid_t hog = fork();

    if (!hog)
        fill_sockets();
    int status = wait_for(hog);
    end_group(hog);
    if (!goes_on(bystander, tell))
        return "the wrong one is killed";
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        return "who fills memory with what waits in sockets is not killed";
    return free_kb() + 64 < before ? "memory is lost" : NULL;
}

/*
 * Everybody forks, and children grow, until some are killed: not who was there before them, though
 * he holds more than any of them.
 */
const char *test_fork_bomb(void)
{
    int tell;
    unsigned long before = free_kb();
    long kills = counted("memory_kills");
    pid_t bystander = start_bystander(before * 1024 / 24, &tell);
    pid_t bomb = fork();

    if (!bomb) {
        setpgid(0, 0);
        for (;; sleep_ms(1)) {
            char *p = fork() ? NULL : malloc(before * 1024 / 100);

            if (p)
                memset(p, 1, before * 1024 / 100);
        }
    }
    setpgid(bomb, bomb);
    bool full = false; /* so that some are killed, or no more are made */
    for (int i = 0; i < 40 && counted("memory_kills") < kills + 20; i++) {
        sleep_ms(50);
        full = full || counted("memory_kills") > kills || free_kb() < before / 4;
    }
    bool lives = !waitpid(bystander, NULL, WNOHANG);
    end_group(bomb);
    if (!lives || !goes_on(bystander, tell))
        return "who was there before is killed";
    if (!full)
        return "memory does not become full";
    return free_kb() + 64 < before ? "memory is lost" : NULL;
}

static int fill(const char *path)
{
    static char block[65536];
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600), total = 0;

    for (ssize_t n; (n = write(fd, block, sizeof(block))) > 0;)
        total += (int)(n / 1024);
    int error = errno;
    close(fd);
    return error == ENOSPC && total ? total : -1;
}

/*
 * Processes until there is room for no more (a file in memory has most of it): fork() says so, and
 * all of it comes back.
 */
const char *test_processes_full(void)
{
    unsigned long before = free_kb();
    int end[2], made;

    if (pipe(end) || fill("/tmp/full") < 0)
        return "cannot fill memory";
    pid_t parent = fork();
    if (!parent) {
        setpgid(0, 0); /* before it forks: its children are killed as a group */
        for (made = 0; made < 1000; made++) {
            pid_t pid = fork();

            if (pid < 0)
                break;
            if (!pid)
                for (;;)
                    pause();
        }
        char refused = made < 1000 && (errno == EAGAIN || errno == ENOMEM) ? 'r' : 'n';
        _exit(write(end[1], &refused, 1) != 1);
    }
    setpgid(parent, parent);
    char c = 0;
    close(end[1]);
    ssize_t told = read(end[0], &c, 1);
    close(end[0]);
    wait_for(parent);
    kill(-parent, SIGKILL); /* its children were left to this process, which is init */
    while (wait(NULL) > 0)
        ;
    unlink("/tmp/full");
    if (told == 1 && c != 'r')
        return "fork() is not refused";
    return free_kb() + 64 < before ? "memory is lost" : NULL;
}

/* Files in memory leave the programs room. */
const char *test_disk_full(void)
{
    unsigned long before = free_kb();
    int first = fill("/tmp/full");

    if (first < 0)
        return "a full disk is not ENOSPC";
    int status = run_and_reap(fork_and_touch);
    bool programs = WIFSIGNALED(status) || WEXITSTATUS(status) == 9 || WEXITSTATUS(status) == 10;
    unlink("/tmp/full");
    int second = fill("/tmp/full");
    unlink("/tmp/full");
    if (!programs)
        return "programs do not run beside it";
    if (second < first - 64)
        return "less fits the second time";
    return free_kb() + 64 < before ? "memory is lost" : NULL;
}
