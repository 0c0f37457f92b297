/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * absent.c - a ring-3 program for the kernel without ipc, event and the journal: what was left out
 * is refused, as by any Unix that has not got it, and what is left works
 *
 * An ordinary static glibc program, run as init. It does not pass on the whole kernel, which has
 * all this.
 */
#include "tests/guestos/verdict.h"

#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

static bool absent(long result)
{
    return result == -1 && errno == ENOSYS;
}

static const char *test_event(void)
{
    sigset_t none;

    sigemptyset(&none);
    if (!absent(epoll_create1(0)) || !absent(inotify_init1(0)))
        return "epoll or inotify";
    if (!absent(eventfd(0, 0)) || !absent(signalfd(-1, &none, 0)))
        return "eventfd or signalfd";
    return absent(timerfd_create(CLOCK_MONOTONIC, 0)) ? NULL : "timerfd";
}

static const char *test_ipc(void)
{
    if (!absent(shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600)))
        return "shared memory";
    if (!absent(semget(IPC_PRIVATE, 1, IPC_CREAT | 0600)) ||
        !absent(msgget(IPC_PRIVATE, IPC_CREAT | 0600)))
        return "semaphores or messages";
    return absent(mq_open("/q", O_CREAT | O_RDWR, 0600, NULL)) ? NULL : "message queues";
}

/* What the hooks stand in: the ends of files and processes, renames, readiness. */
static const char *test_hooks(void)
{
    int pipes[2], status = 0, file = open("/tmp/a", O_CREAT | O_RDWR, 0600);
    struct pollfd entry = {.events = POLLIN};

    if (file < 0 || write(file, "text", 4) != 4 || rename("/tmp/a", "/tmp/b") || unlink("/tmp/b") ||
        close(file))
        return "a file";
    if (pipe(pipes))
        return "a pipe";
    pid_t child = fork();
    if (!child) {
        execl("/proc/self/exe", "absent", "write", pipes[1] == 4 ? "4" : "?", NULL);
        _exit(1);
    }
    entry.fd = pipes[0];
    if (child < 0 || poll(&entry, 1, 10000) != 1 || waitpid(child, &status, 0) != child || status)
        return "a child that writes";
    void *shared = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return shared == MAP_FAILED || munmap(shared, 8192) ? "shared memory without a name" : NULL;
}

static bool load(const char *image, const char *device)
{
    static char block[65536];
    int from = open(image, O_RDONLY), to = open(device, O_WRONLY);
    ssize_t n = 0;

    while (from >= 0 && to >= 0 && (n = read(from, block, sizeof(block))) > 0)
        if (write(to, block, (size_t)n) != n)
            return false;
    return from >= 0 && to >= 0 && !close(from) && !close(to) && !n;
}

/*
 * A volume with a journal that is empty is ext2; one with something in the journal must be
 * recovered.
 */
static const char *test_volumes(void)
{
    mkdir("/tmp/e", 0755);
    if (!load("/journal.img", "/dev/ram1") || mount("/dev/ram1", "/tmp/e", "ext2", 0, NULL))
        return "a clean volume with a journal is refused";
    int file = open("/tmp/e/made", O_CREAT | O_RDWR, 0600);
    if (file < 0 || write(file, "text", 4) != 4 || close(file) || umount("/tmp/e"))
        return "writing to it";
    int device = open("/dev/ram1", O_RDWR);
    unsigned bits = 0; /* the superblock's incompatible features */
    if (device < 0 || pread(device, &bits, 4, 1024 + 96) != 4)
        return "its superblock";
    bits |= 4; /* EXT3_FEATURE_INCOMPAT_RECOVER */
    if (pwrite(device, &bits, 4, 1024 + 96) != 4 || close(device))
        return "its superblock";
    return mount("/dev/ram1", "/tmp/e", "ext2", 0, NULL) == 0 ? "an unclean journal is passed over"
                                                              : NULL;
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"event is absent", test_event},
        {"ipc is absent", test_ipc},
        {"what has hooks works without", test_hooks},
        {"volumes with a journal", test_volumes},
    };

    if (argc > 2)
        return write(atoi(argv[2]), "x", 1) != 1;
    return conclude("absent", run_tests(tests, sizeof(tests) / sizeof(*tests), NULL));
}
