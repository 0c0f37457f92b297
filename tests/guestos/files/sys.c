/* SPDX-License-Identifier: GPL-2.0-only */
/* sys.c - /sys, what the kernel has said, seeking on devices, limits of files, ioprio */
#include "tests/guestos/files/files.h"
#include <sched.h>
#include <sys/klog.h>
#include <sys/resource.h>

#define CPU "/sys/devices/system/cpu/"

const char *test_sys(void)
{
    struct statfs s;
    char online[32];
    long n = sysconf(_SC_NPROCESSORS_ONLN);

    if (statfs("/sys", &s) || s.f_type != 0x62656572)
        return "statfs";
    snprintf(online, sizeof(online), n == 1 ? "0\n" : "0-%ld\n", n - 1);
    if (!text_is(CPU "online", online) || !text_is(CPU "possible", online) ||
        !text_is("/sys/devices/system/node/node0/cpulist", online))
        return "which processors there are";
    if (!text_is(CPU "cpu0/topology/core_id", "0\n") ||
        !text_is(CPU "cpu0/topology/thread_siblings", "1\n") ||
        !fails(open(CPU "cpu99/online", O_RDONLY), ENOENT))
        return "one processor";
    if (!access(CPU "cpu0/cache/index0", F_OK) &&
        !text_is(CPU "cpu0/cache/index0/coherency_line_size", "64\n"))
        return "its caches";
    DIR *d = opendir(CPU);
    int found = 0;
    for (struct dirent *e; d && (e = readdir(d));)
        found += !strncmp(e->d_name, "cpu", 3) && e->d_type == DT_DIR;
    if (d)
        closedir(d);
    if (found != n)
        return "a name for each";
    return fails(open("/sys/new", O_WRONLY | O_CREAT, 0600), EPERM) ? NULL : "a name of one's own";
}

const char *test_log(void)
{
    static char text[8192];
    int size = klogctl(10, NULL, 0), n = klogctl(3, text, sizeof(text) - 1);

    if (size < 1024 || n <= 0 || n > size || !strstr(text, "guestos"))
        return "what the kernel has said";
    if (klogctl(3, text, 10) != 10 || !fails(klogctl(3, NULL, 10), EINVAL) ||
        !fails(klogctl(11, text, 10), EINVAL) || !fails(klogctl(3, (char *)16, 10), EFAULT))
        return "errors";
    pid_t pid = fork();
    if (!pid)
        _exit(setuid(1) || klogctl(3, text, 10) != 10 || !fails(klogctl(5, NULL, 0), EPERM));
    if (wait_for(pid))
        return "who is not root may read, not clear";
    return klogctl(5, NULL, 0) || klogctl(3, text, 10) ? "clear" : NULL;
}

static volatile sig_atomic_t too_long;

static void note(int signal)
{
    too_long += signal == SIGXFSZ;
}

const char *test_file_limit(void)
{
    struct rlimit old, small = {1000, RLIM_INFINITY};
    int fd = open("/tmp/limited", O_RDWR | O_CREAT | O_TRUNC, 0600);

    signal(SIGXFSZ, note);
    if (getrlimit(RLIMIT_FSIZE, &old) || setrlimit(RLIMIT_FSIZE, &small))
        return "setrlimit";
    bool refused = fails(fallocate(fd, 0, 0, 1001), EFBIG) && fails(ftruncate(fd, 1001), EFBIG) &&
                   fails(truncate("/tmp/limited", 1001), EFBIG) && too_long == 3;
    bool allowed = !ftruncate(fd, 1000) && !fallocate(fd, 0, 0, 1000) && too_long == 3;
    setrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, SIG_DFL);
    close(fd);
    unlink("/tmp/limited");
    return !refused ? "longer than the limit" : allowed ? NULL : "up to the limit";
}

const char *test_seek_devices(void)
{
    static const char *const names[] = {"/dev/null", "/dev/zero", "/dev/full"};

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        int fd = open(names[i], O_RDWR);

        if (lseek64(fd, 0x4052000000000001, SEEK_SET) || lseek(fd, -5, SEEK_CUR) ||
            !fails((int)lseek(fd, 0, 9), EINVAL))
            return names[i];
        close(fd);
    }
    return NULL;
}

enum { WHO_PROCESS = 1, WHO_GROUP, WHO_USER };
#define PRIORITY(class, level) ((class) << 13 | (level))

static int set(int which, int who, int priority)
{
    return (int)syscall(SYS_ioprio_set, which, who, priority);
}

const char *test_io_priority(void)
{
    if (set(WHO_PROCESS, 0, PRIORITY(2, 3)) ||
        syscall(SYS_ioprio_get, WHO_PROCESS, getpid()) != PRIORITY(2, 3))
        return "set and get";
    pid_t pid = fork();
    if (!pid) {
        bool kept = syscall(SYS_ioprio_get, WHO_PROCESS, 0) == PRIORITY(2, 3);

        _exit(!kept || setuid(1) || !fails(set(WHO_PROCESS, 0, PRIORITY(1, 0)), EPERM) ||
              !fails(set(WHO_PROCESS, getppid(), PRIORITY(3, 0)), EPERM));
    }
    if (wait_for(pid))
        return "a child's, and what is for root";
    if (!fails(set(WHO_PROCESS, 0, PRIORITY(2, 8)), EINVAL) || !fails(set(9, 0, 0), EINVAL) ||
        !fails(set(WHO_PROCESS, 30000, PRIORITY(2, 0)), ESRCH) ||
        !fails(set(WHO_PROCESS, 0, PRIORITY(0, 1)), EINVAL))
        return "errors";
    return set(WHO_GROUP, 0, PRIORITY(2, 4)) || set(WHO_USER, 0, 0) ? "a group and a user" : NULL;
}

const char *test_seals(void)
{
    int fd = memfd_create("x", MFD_ALLOW_SEALING), closed = memfd_create("y", 0);
    char *mapped = MAP_FAILED;

    if (ftruncate(fd, PAGE) || fcntl(fd, F_GET_SEALS) ||
        fcntl(closed, F_GET_SEALS) != F_SEAL_SEAL ||
        !fails(fcntl(closed, F_ADD_SEALS, F_SEAL_GROW), EPERM) ||
        !fails(fcntl(fd, F_ADD_SEALS, 0x100), EINVAL) || !fails(fcntl(0x7fff, F_GET_SEALS), EBADF))
        return "what there is at first";
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) ||
        !fails(ftruncate(fd, PAGE + 1), EPERM) || !fails(ftruncate(fd, 1), EPERM) ||
        ftruncate(fd, PAGE) || pwrite(fd, "xyz", 3, PAGE - 1) != 1 ||
        !fails((int)pwrite(fd, "a", 1, PAGE), EPERM) || pwrite(fd, "ab", 2, 0) != 2)
        return "its size";
    mapped = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped == MAP_FAILED || !fails(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY))
        return "mapped for writing";
    munmap(mapped, PAGE);
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SEAL) ||
        !fails((int)pwrite(fd, "a", 1, 0), EPERM) ||
        mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED || errno != EPERM)
        return "writing";
    mapped = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    if (mapped == MAP_FAILED || mapped[1] != 'b' ||
        !fails(mprotect(mapped, PAGE, PROT_READ | PROT_WRITE), EACCES))
        return "reading, and no more than that";
    munmap(mapped, PAGE);
    return fails(fcntl(fd, F_ADD_SEALS, 0), EPERM) && !close(fd) && !close(closed) ? NULL
                                                                                   : "the last";
}

/* Who is not root may have a pseudo-terminal too, and it is his. */
const char *test_terminal_of_user(void)
{
    pid_t pid = fork();

    if (!pid) {
        struct stat s;
        int fd = setuid(1) ? -1 : open("/dev/ptmx", O_RDWR | O_NOCTTY);
        int slave =
            fd < 0 || grantpt(fd) || unlockpt(fd) ? -1 : open(ptsname(fd), O_RDWR | O_NOCTTY);

        _exit(slave < 0 || fstat(slave, &s) || s.st_uid != 1);
    }
    return wait_for(pid) ? "open" : NULL;
}
