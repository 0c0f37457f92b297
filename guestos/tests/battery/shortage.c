/* SPDX-License-Identifier: GPL-2.0-only */
/* shortage.c - memory and disks that are full: who has to go, and that nothing is lost */
#include "guestos/tests/battery/battery.h"

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
    for (unsigned i = 0; i < sizeof hogs / sizeof hogs[0]; i++) {
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

static int fill(const char *path)
{
    static char block[65536];
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600), total = 0;
    for (ssize_t n; (n = write(fd, block, sizeof block)) > 0;)
        total += (int)(n / 1024);
    int error = errno;
    close(fd);
    return error == ENOSPC && total ? total : -1;
}

/* Processes until there is room for no more (a file in memory has most of it): fork() says so, and all
 * of it comes back. */
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
