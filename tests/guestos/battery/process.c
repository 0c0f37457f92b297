/* SPDX-License-Identifier: GPL-2.0-only */
/* process.c - processes: birth, programs, end, time */
#include "tests/guestos/battery/battery.h"

const char *test_fork_wait(void)
{
    pid_t pid = fork();

    if (!pid)
        _exit(42);
    int status = wait_for(pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 42)
        return "the child's status is lost";
    return wait(NULL) == -1 && errno == ECHILD ? NULL : "there is still a child";
}

const char *test_fork_many(void)
{
    for (int round = 0; round < 300; round++) {
        pid_t pid = fork();

        if (pid < 0)
            return "fork fails after a while";
        if (!pid)
            _exit(round & 127);
        if (WEXITSTATUS(wait_for(pid)) != (round & 127))
            return "a status is wrong";
    }
    return NULL;
}

const char *test_vfork(void)
{
    volatile int seen = 0;
    pid_t pid = vfork();

    if (!pid) {
        seen = 1;
        _exit(0);
    }
    wait_for(pid);
    return seen ? NULL : "the parent went on before the child ended";
}

bool was_started_from(const char *path)
{
    char file[64] = "";

    return readlink("/proc/self/exe", file, sizeof(file) - 1) > 0 && !strcmp(file, path);
}

/*
 * A program is told its own path, absolute and without links, however it was named. C libraries
 * insist on it.
 */
const char *test_exec_relative(void)
{
    static const struct {
        const char *folder, *path;
    } ways[] = {{"/sbin", "./init"},        {"/", "sbin/init"},        {"/tmp", "../sbin/init"},
                {"/", "sbin/../sbin/init"}, {"/tmp", "link-absolute"}, {"/tmp", "./link-relative"},
                {"/tmp", "link-twice"},     {"/", "tmp/folder/init"},  {"/", "/sbin/init"}};
    const char *result = NULL;

    symlink("/sbin/init", "/tmp/link-absolute");
    symlink("../sbin/init", "/tmp/link-relative");
    symlink("link-relative", "/tmp/link-twice");
    symlink("../sbin", "/tmp/folder");
    for (unsigned i = 0; !result && i < sizeof(ways) / sizeof(ways[0]); i++) {
        pid_t pid = fork();

        if (!pid) {
            if (!chdir(ways[i].folder))
                execl(ways[i].path, "battery", "--path", "/sbin/init", (char *)NULL);
            _exit(1);
        }
        int status = wait_for(pid);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 35)
            result = ways[i].path;
    }
    unlink("/tmp/link-absolute");
    unlink("/tmp/link-relative");
    unlink("/tmp/link-twice");
    unlink("/tmp/folder");
    return result;
}

const char *test_exec(void)
{
    pid_t pid = fork();

    if (!pid) {
        execl("/proc/self/exe", "battery", "--exec", "two words", (char *)NULL);
        _exit(1);
    }
    int status = wait_for(pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 33)
        return "the new program did not get its arguments";
    int fd = open("/tmp/script", O_WRONLY | O_CREAT | O_TRUNC, 0755);
    dprintf(fd, "#! /sbin/init --script\nanything\n");
    close(fd);
    pid = fork();
    if (!pid) {
        execl("/tmp/script", "/tmp/script", (char *)NULL);
        _exit(1);
    }
    status = wait_for(pid);
    unlink("/tmp/script");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 34)
        return "a script's interpreter did not run";
    errno = 0;
    execl("/does/not/exist", "x", (char *)NULL);
    return errno == ENOENT ? NULL : "a missing program is not ENOENT";
}

const char *test_preemption(void)
{
    enum { SPINNERS = 4 };
    volatile int *ran = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid[SPINNERS];

    for (int i = 0; i < SPINNERS; i++) {
        pid[i] = fork();
        if (!pid[i])
            for (;;)
                ran[i]++;
    }
    struct timespec t = {0, 700000000};
    nanosleep(&t, NULL);
    for (int i = 0; i < SPINNERS; i++) {
        kill(pid[i], SIGKILL);
        wait_for(pid[i]);
    }
    for (int i = 0; i < SPINNERS; i++)
        if (!ran[i])
            return "a spinning process never ran";
    return NULL;
}

const char *test_nanosleep(void)
{
    double start = now();
    struct timespec t = {0, 50000000};

    nanosleep(&t, NULL);
    double took = now() - start;
    return took >= 0.05 && took < 0.5 ? NULL : "50 ms are not 50 ms";
}

const char *test_identity(void)
{
    struct utsname name;

    return uname(&name) || strcmp(name.machine, "i686") || getuid() || getpid() < 1 ? "uname or ids"
                                                                                    : NULL;
}

/* Who ignores SIGCHLD gets no zombies, and wait() ends when the last child has. */
const char *test_no_zombies(void)
{
    signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < 3; i++)
        if (!fork()) {
            sleep_ms(10);
            _exit(1);
        }
    int result = wait(NULL), error = errno;
    signal(SIGCHLD, SIG_DFL);
    return result == -1 && error == ECHILD ? NULL : "wait() returns a child";
}
