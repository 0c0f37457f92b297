/* SPDX-License-Identifier: GPL-2.0-only */
/* proc.c - /proc, /dev, and what is mounted */
#include "tests/guestos/files/files.h"

static bool contains(const char *path, const char *text)
{
    char buffer[4096];
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? 0 : read(fd, buffer, sizeof(buffer) - 1);

    close(fd);
    buffer[n > 0 ? n : 0] = '\0';
    return strstr(buffer, text);
}

struct machine_time { /* ticks of all processors */
    unsigned long user, kernel, idle, up;
};

static bool take_machine_time(struct machine_time *t)
{
    unsigned long seconds, hundredths;
    FILE *stat = fopen("/proc/stat", "r"), *uptime = fopen("/proc/uptime", "r");
    bool done = stat && uptime &&
                fscanf(stat, "cpu %lu 0 %lu %lu", &t->user, &t->kernel, &t->idle) == 3 &&
                fscanf(uptime, "%lu.%lu", &seconds, &hundredths) == 2;

    if (stat)
        fclose(stat);
    if (uptime)
        fclose(uptime);
    t->up = done ? seconds * 100 + hundredths : 0;
    return done;
}

/* What an ended child has computed is not lost, and every tick is somebody's. */
const char *test_proc_time(void)
{
    struct machine_time before, after;
    int status;

    if (!take_machine_time(&before))
        return "no times";
    pid_t pid = fork();
    if (!pid) {
        while (clock() < CLOCKS_PER_SEC / 5)
            ;
        _exit(0);
    }
    usleep(100000);
    if (waitpid(pid, &status, 0) != pid || status || !take_machine_time(&after))
        return "no child, or no times";
    unsigned long spent = after.user + after.kernel - before.user - before.kernel;
    if (spent < 19 || spent > 60)
        return "a child's 20 ticks are not counted";
    unsigned long sum =
        after.user + after.kernel + after.idle - before.user - before.kernel - before.idle;
    unsigned long processors = (unsigned long)sysconf(_SC_NPROCESSORS_ONLN);
    unsigned long all = (after.up - before.up) * processors;
    return sum + 2 * processors < all || sum > all + 2 * processors ? "ticks are lost, or too many"
                                                                    : NULL;
}

/* A line of /proc/meminfo, in kB; -1. */
static long memory_line(const char *name)
{
    char format[32];
    long kilobytes = -1;
    FILE *meminfo = fopen("/proc/meminfo", "r");

    snprintf(format, sizeof(format), "%s: %%ld kB", name);
    for (char line[128]; meminfo && kilobytes < 0 && fgets(line, sizeof(line), meminfo);)
        sscanf(line, format, &kilobytes);
    if (meminfo)
        fclose(meminfo);
    return kilobytes;
}

const char *test_proc_memory(void)
{
    static char block[4096];
    long shared = memory_line("Shmem"), cached = memory_line("Cached");
    int fd = open("/tmp/block", O_WRONLY | O_CREAT, 0600);

    for (int i = 0; i < 25; i++)
        if (write(fd, block, sizeof(block)) != sizeof(block))
            return "write";
    close(fd);
    if (shared < 0 || memory_line("Shmem") != shared + 100 || memory_line("Cached") != cached + 100)
        return "25 pages of a file are not seen";
    unlink("/tmp/block");
    return memory_line("Shmem") != shared || memory_line("Cached") != cached
               ? "they are not gone with the file"
               : NULL;
}

/* shm_open()'s files: of anybody, in memory, and not to be removed by others. */
const char *test_shared_names(void)
{
    struct stat s;
    int fd = shm_open("/ours", O_RDWR | O_CREAT, 0600);

    if (stat("/dev/shm", &s) || s.st_mode != (S_IFDIR | 01777) ||
        !contains("/proc/mounts", "tmpfs /dev/shm tmpfs rw"))
        return "no folder for them";
    if (fd < 0 || ftruncate(fd, PAGE) || stat("/dev/shm/ours", &s) || s.st_size != PAGE)
        return "shm_open";
    close(fd);
    return shm_unlink("/ours") || !fails(shm_open("/ours", O_RDWR, 0), ENOENT) ? "shm_unlink"
                                                                               : NULL;
}

const char *test_proc(void)
{
    char path[64], target[64] = "";

    sprintf(path, "/proc/%d/stat", getpid());
    sprintf(target, "%d (init) R 0", getpid());
    if (!contains(path, target) || !contains("/proc/self/status", "PPid:\t0"))
        return "stat or status";
    int fd = open("/proc/self/cmdline", O_RDONLY);
    if (read(fd, path, sizeof(path)) != 11 || strcmp(path, "/sbin/init"))
        return "cmdline";
    close(fd);
    if (!contains("/proc/meminfo", "MemTotal: ") || !contains("/proc/uptime", ".") ||
        !contains("/proc/loadavg", "0.0") || !contains("/proc/mounts", " /proc proc rw") ||
        !contains("/proc/mounts", "rootfs / tmpfs"))
        return "meminfo, uptime, loadavg or mounts";
    if (!contains("/proc/self/mountinfo", " / / rw - tmpfs rootfs rw") ||
        !contains("/proc/self/mountinfo", " / /proc rw - proc proc rw"))
        return "mountinfo";
    if (readlink("/proc/self/exe", target, sizeof(target)) != 10 ||
        memcmp(target, "/sbin/init", 10))
        return "exe";
    fd = open("/proc/uptime", O_RDWR | O_TRUNC);
    if (fd < 0 || write(fd, "x", 1) != -1 || ftruncate(fd, 0) != -1 ||
        truncate("/proc/uptime", 5) != -1 || !contains("/proc/uptime", "."))
        return "its texts can be cut";
    close(fd);
    int pair[2];
    if (!socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) {
        sprintf(path, "/proc/self/fd/%d", pair[0]);
        if (open(path, O_RDWR) != -1 || errno != ENXIO)
            return "a socket is opened once more";
        close(pair[0]);
        close(pair[1]);
    }
    fd = open("/proc/self/fd/1", O_WRONLY);
    if (fd < 0 || close(fd) || access("/dev/stdin", F_OK))
        return "fd";
    bool self = false;
    DIR *d = opendir("/proc");
    for (struct dirent *e; (e = readdir(d));)
        self |= atoi(e->d_name) == getpid();
    closedir(d);
    if (!self || chdir("/proc/1/fd") || !getcwd(path, sizeof(path)) || strcmp(path, "/proc/1/fd"))
        return "directories";
    if (chdir("..") || chdir("..") || chdir("..") || !getcwd(path, sizeof(path)) ||
        strcmp(path, "/"))
        return "the way up";
    if (!fails(mkdir("/proc/x", 0755), EPERM) ||
        !fails(open("/proc/x", O_CREAT | O_RDWR, 0600), EPERM) ||
        !fails(unlink("/proc/uptime"), EPERM) || !fails(rmdir("/proc"), EBUSY))
        return "it can be changed";
    return NULL;
}

const char *test_mount(void)
{
    struct statfs s;

    mkdir("/tmp/m", 0755);
    put("/tmp/m/below", "below");
    if (mount("none", "/tmp/m", "tmpfs", 0, NULL) || access("/tmp/m/below", F_OK) == 0)
        return "it does not cover";
    put("/tmp/m/above", "above");
    if (!fails(rename("/tmp/m/above", "/tmp/above"), EXDEV) ||
        !fails(link("/tmp/m/above", "/tmp/above"), EXDEV))
        return "names across file systems";
    if (statfs("/tmp/m", &s) || s.f_type != 0x01021994 || statfs("/proc", &s) || s.f_type != 0x9fa0)
        return "statfs";
    if (!fails(mount("none", "/tmp/m", "nosuchfs", 0, NULL), ENODEV))
        return "an unknown type";
    return NULL;
}
