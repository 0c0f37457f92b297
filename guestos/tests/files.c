/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * files.c - a ring-3 program that tries mappings and file systems, one verdict a line
 *
 * An ordinary static glibc program, run as init like battery.c, beside which it stands.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096

/* NULL: passed; otherwise what was wrong. */
typedef const char *(*test_function)(void);

static int wait_for(pid_t pid)
{
    int status = -1;
    return waitpid(pid, &status, 0) == pid ? status : -1;
}

static char *map(size_t pages, int protection, int flags, int fd)
{
    return mmap(NULL, pages * PAGE, protection, flags, fd, 0);
}

/* A file of pages whose first byte is their number. */
static int numbered_file(const char *path, int pages)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    char page[PAGE] = "";
    for (int i = 0; i < pages; i++) {
        page[0] = (char)i;
        if (write(fd, page, PAGE) != PAGE)
            return -1;
    }
    return fd;
}

/* ---- mappings ------------------------------------------------------------------------------- */

static const char *test_mremap(void)
{
    char *p = map(8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    for (int i = 0; i < 8; i++)
        p[i * PAGE] = (char)(i + 1);
    if (mremap(p, 8 * PAGE, 4 * PAGE, 0) != p)
        return "it does not shrink";
    if (mremap(p, 4 * PAGE, 6 * PAGE, 0) != p)
        return "it does not grow into free space";
    if (p[3 * PAGE] != 4 || p[4 * PAGE])
        return "grown pages are not zero";
    if (mmap(p + 6 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
        p + 6 * PAGE)
        return "cannot block the way";
    if (mremap(p, 6 * PAGE, 300 * PAGE, 0) != MAP_FAILED || errno != ENOMEM)
        return "it grows over another mapping";
    char *q = mremap(p, 6 * PAGE, 300 * PAGE, MREMAP_MAYMOVE);
    if (q == MAP_FAILED || q == p)
        return "it does not move";
    for (int i = 0; i < 4; i++)
        if (q[i * PAGE] != i + 1)
            return "contents are lost by moving";
    q[299 * PAGE] = 1;
    if (mremap(p, PAGE, 2 * PAGE, 0) != MAP_FAILED || errno != EFAULT)
        return "the old place is still there";
    char *fixed = mremap(q, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p);
    if (fixed != p || p[PAGE] != 2 || q[2 * PAGE] != 3)
        return "a move to a wanted place";
    munmap(q, 300 * PAGE);
    return munmap(p, 7 * PAGE) ? "munmap" : NULL;
}

static const char *test_map_parts(void)
{
    int fd = numbered_file("/tmp/parts", 10);
    char *p = map(10, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);
    close(fd);
    if (p == MAP_FAILED || p[9 * PAGE] != 9)
        return "contents";
    p[4 * PAGE] = 40;
    munmap(p + 2 * PAGE, 2 * PAGE);
    mprotect(p + 5 * PAGE, 2 * PAGE, PROT_READ);
    if (p[PAGE] != 1 || p[4 * PAGE] != 40 || p[5 * PAGE] != 5 || p[7 * PAGE] != 7)
        return "parts show other pages of the file";
    p[7 * PAGE] = 70;
    char *moved = mremap(p + 4 * PAGE, PAGE, 3 * PAGE, MREMAP_MAYMOVE);
    if (moved == MAP_FAILED || moved[0] != 40 || moved[PAGE] != 5)
        return "a moved part shows other pages of the file";
    unlink("/tmp/parts");
    munmap(moved, 3 * PAGE);
    return munmap(p, 10 * PAGE) ? "munmap" : NULL;
}

static const char *test_map_beyond_end(void)
{
    int fd = numbered_file("/tmp/short", 1);
    volatile char *p = map(2, PROT_READ, MAP_SHARED, fd);
    pid_t pid = fork();
    if (!pid)
        _exit(p[PAGE]);
    int status = wait_for(pid);
    unlink("/tmp/short");
    close(fd);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS ? NULL : "no SIGBUS beyond the end";
}

static const char *test_map_rights(void)
{
    int fd = open("/tmp/rights", O_RDONLY | O_CREAT, 0600);
    if (map(1, PROT_WRITE, MAP_SHARED, fd) != MAP_FAILED || errno != EACCES)
        return "a read-only file is mapped for shared writing";
    if (map(1, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd) == MAP_FAILED)
        return "a read-only file is not mapped privately";
    char *p = map(1, PROT_READ, MAP_SHARED, fd);
    if (!mprotect(p, PAGE, PROT_READ | PROT_WRITE) || errno != EACCES)
        return "mprotect makes a read-only file writable";
    close(fd);
    unlink("/tmp/rights");
    return NULL;
}

static const char *test_shared_between_processes(void)
{
    int fd = numbered_file("/tmp/shared", 3);
    pid_t pid = fork();
    if (!pid) {
        char *mine = map(3, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
        mine[2 * PAGE] = 77;
        _exit(0);
    }
    wait_for(pid);
    char *p = map(3, PROT_READ, MAP_SHARED, fd), c = 0;
    bool seen = p[2 * PAGE] == 77 && pread(fd, &c, 1, 2 * PAGE) == 1 && c == 77;
    c = 78;
    pwrite(fd, &c, 1, PAGE);
    seen = seen && p[PAGE] == 78;
    munmap(p, 3 * PAGE);
    close(fd);
    unlink("/tmp/shared");
    return seen ? NULL : "a write does not show everywhere";
}

/* ---- files ---------------------------------------------------------------------------------- */

static bool text_is(const char *path, const char *text)
{
    char buffer[256] = "";
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, buffer, sizeof buffer - 1);
    close(fd);
    return n == (ssize_t)strlen(text) && !strcmp(buffer, text);
}

static bool put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    bool done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    return !close(fd) && done;
}

static bool fails(int result, int error)
{
    return result == -1 && errno == error;
}

static const char *test_open_flags(void)
{
    int fd = open("x", O_RDWR | O_CREAT | O_EXCL, 0644);
    if (fd < 0 || !fails(open("x", O_RDWR | O_CREAT | O_EXCL, 0644), EEXIST))
        return "O_EXCL";
    write(fd, "abc", 3);
    int again = open("x", O_WRONLY | O_APPEND);
    lseek(again, 0, SEEK_SET);
    write(again, "def", 3);
    if (!text_is("x", "abcdef"))
        return "O_APPEND";
    close(again);
    struct stat st;
    again = open("x", O_WRONLY | O_TRUNC);
    if (close(again) || fstat(fd, &st) || st.st_size)
        return "O_TRUNC";
    put("x", "12345");
    char four[4] = "";
    if (ftruncate(fd, 2) || !text_is("x", "12") || truncate("x", 4) || pread(fd, four, 4, 0) != 4 ||
        memcmp(four, "12\0\0", 4))
        return "truncate";
    close(fd);
    return fails(open("x/y", O_RDONLY), ENOTDIR) || !unlink("x") ? NULL : "a file as directory";
}

static const char *test_links(void)
{
    struct stat s;
    char target[100] = "", deep[100];
    put("a", "one");
    if (link("a", "b") || stat("b", &s) || s.st_nlink != 2)
        return "link";
    memset(deep, 'd', 99);
    deep[99] = 0;
    if (symlink("b", "s") || !text_is("s", "one") || symlink(deep, "long") ||
        readlink("long", target, sizeof target) != 99 || memcmp(target, deep, 99))
        return "symlink";
    if (symlink("loop", "loop") || !fails(open("loop", O_RDONLY), ELOOP))
        return "a loop of links";
    if (unlink("a") || !text_is("b", "one") || stat("b", &s) || s.st_nlink != 1)
        return "unlink of one of two";
    int fd = open("b", O_RDONLY);
    char c = 0;
    if (unlink("b") || read(fd, &c, 1) != 1 || c != 'o' || fstat(fd, &s) || s.st_nlink)
        return "an unlinked file that is open";
    close(fd);
    return unlink("s") || unlink("long") || unlink("loop") ? "unlink" : NULL;
}

static const char *test_rename(void)
{
    mkdir("d1", 0755);
    mkdir("d2", 0755);
    put("d1/f", "first");
    put("d2/g", "second");
    if (rename("d1/f", "d2/g") || !text_is("d2/g", "first") || !access("d1/f", F_OK))
        return "over another file";
    if (!fails(rename("d1", "d2"), ENOTEMPTY) || !fails(rename("d2/g", "d1"), EISDIR) ||
        !fails(rename("d2", "d2/inside"), EINVAL))
        return "what must fail";
    if (rename("d2", "d1/d3") || !text_is("d1/d3/g", "first"))
        return "a directory";
    char path[100];
    struct stat up, d1;
    if (chdir("d1/d3") || !getcwd(path, sizeof path) || !strstr(path, "/d1/d3") ||
        stat("..", &up) || stat("../../d1", &d1) || up.st_ino != d1.st_ino || chdir("../.."))
        return "the parent of a moved directory";
    if (stat("d1", &d1) || d1.st_nlink != 3)
        return "the number of links of a directory";
    return unlink("d1/d3/g") || rmdir("d1/d3") || rmdir("d1") ? "rmdir" : NULL;
}

static const char *test_sparse(void)
{
    struct stat s;
    int fd = open("sparse", O_RDWR | O_CREAT, 0644);
    char c = 1;
    if (pwrite(fd, "end", 3, 50 << 20) != 3 || fstat(fd, &s) || s.st_size != (50 << 20) + 3 ||
        s.st_blocks > 64)
        return "a hole takes room";
    for (off_t at = 0; at < 50 << 20; at += 1 << 20)
        if (pread(fd, &c, 1, at) != 1 || c)
            return "a hole is not zero";
    if (fstat(fd, &s) || s.st_blocks > 64)
        return "reading fills a hole";
    close(fd);
    return unlink("sparse") ? "unlink" : NULL;
}

static const char *test_many_names(void)
{
    char name[32];
    int seen = 0;
    mkdir("many", 0755);
    for (int i = 0; i < 300; i++) {
        sprintf(name, "many/file-number-%d", i);
        if (!put(name, name))
            return "cannot make them";
    }
    for (int i = 0; i < 300; i += 3) {
        sprintf(name, "many/file-number-%d", i);
        unlink(name);
    }
    DIR *d = opendir("many");
    for (struct dirent *e; (e = readdir(d));)
        seen += e->d_name[0] == 'f';
    closedir(d);
    if (seen != 200 || !text_is("many/file-number-299", "many/file-number-299"))
        return "names are lost";
    for (int i = 0; i < 300; i++) {
        sprintf(name, "many/file-number-%d", i);
        unlink(name);
    }
    return rmdir("many") ? "rmdir" : NULL;
}

static const char *test_attributes(void)
{
    struct stat s;
    put("attr", "x");
    struct timespec t[2] = {{1000, 0}, {1234567890, 0}};
    if (chmod("attr", 06751) || chown("attr", 3, 4) || stat("attr", &s) ||
        (s.st_mode & 07777) != 0751)
        return "a new owner keeps the old one's set-user-ID bit";
    if (chmod("attr", 04751) || utimensat(AT_FDCWD, "attr", t, 0) || stat("attr", &s) ||
        (s.st_mode & 07777) != 04751 || s.st_uid != 3 || s.st_gid != 4 || s.st_mtime != 1234567890)
        return "they do not stay";
    int fd = open("attr", O_WRONLY);
    if (write(fd, "y", 1) != 1 || fstat(fd, &s) || (s.st_mode & 07777) != 04751)
        return "root's write takes the set-user-ID bit away";
    pid_t writer = fork();
    if (!writer)
        _exit(setgid(4) || setuid(3) || write(fd, "z", 1) != 1);
    int status;
    if (waitpid(writer, &status, 0) != writer || status || fstat(fd, &s) ||
        (s.st_mode & 07777) != 0751)
        return "another's write leaves it";
    close(fd);
    umask(027);
    close(open("masked", O_WRONLY | O_CREAT, 0666));
    umask(022);
    return stat("masked", &s) || (s.st_mode & 0777) != 0640 || unlink("masked") || unlink("attr")
               ? "umask"
               : NULL;
}

static const char *test_mapped_writes(void)
{
    int fd = numbered_file("mapped", 40);
    char *p = map(40, PROT_READ | PROT_WRITE, MAP_SHARED, fd), c = 0;
    for (int i = 0; i < 40; i++)
        p[i * PAGE + 1] = (char)(i + 50);
    if (fsync(fd) || msync(p, 40 * PAGE, MS_SYNC) || !fails(msync(p + 1, PAGE, MS_SYNC), EINVAL))
        return "fsync or msync";
    p[3 * PAGE + 2] = 7;
    if (pread(fd, &c, 1, 3 * PAGE + 2) != 1 || c != 7 || pread(fd, &c, 1, 39 * PAGE + 1) != 1 ||
        c != 39 + 50 || pread(fd, &c, 1, 39 * PAGE) != 1 || c != 39)
        return "contents";
    munmap(p, 40 * PAGE);
    close(fd);
    return unlink("mapped") ? "unlink" : NULL;
}

static const char *test_sendfile(void)
{
    int from = numbered_file("from", 5), to = open("to", O_RDWR | O_CREAT, 0644), end[2];
    off_t at = PAGE;
    char c[2] = "";
    if (sendfile(to, from, &at, 100 * PAGE) != 4 * PAGE || at != 5 * PAGE ||
        pread(to, c, 1, 2 * PAGE) != 1 || c[0] != 3)
        return "to a file";
    lseek(from, 4 * PAGE, SEEK_SET);
    if (pipe(end) || sendfile(end[1], from, NULL, 1) != 1 || read(end[0], c, 1) != 1 || c[0] != 4)
        return "to a pipe";
    close(from), close(to), close(end[0]), close(end[1]);
    return unlink("from") || unlink("to") ? "unlink" : NULL;
}

static const char *test_locks(void)
{
    int fd = open("locked", O_RDWR | O_CREAT, 0644);
    struct flock lock = {.l_type = F_WRLCK, .l_start = 10, .l_len = 10};
    if (fcntl(fd, F_SETLK, &lock))
        return "cannot lock";
    pid_t pid = fork();
    if (!pid) {
        int mine = open("locked", O_RDWR);
        struct flock same = lock, beside = {.l_type = F_WRLCK, .l_start = 20, .l_len = 5};
        if (!fails(fcntl(mine, F_SETLK, &same), EAGAIN) || fcntl(mine, F_SETLK, &beside))
            _exit(1);
        same.l_type = F_RDLCK;
        if (fcntl(mine, F_GETLK, &same) || same.l_pid != getppid() || same.l_start != 10)
            _exit(2);
        same = lock;
        _exit(fcntl(mine, F_SETLKW, &same) ? 3 : 0);
    }
    usleep(50000);
    lock.l_type = F_UNLCK;
    fcntl(fd, F_SETLK, &lock);
    int status = wait_for(pid);
    int other = open("locked", O_RDONLY);
    if (flock(fd, LOCK_EX) || !fails(flock(other, LOCK_SH | LOCK_NB), EAGAIN))
        return "flock";
    close(other);
    close(fd);
    unlink("locked");
    return status ? "another process" : NULL;
}

static const struct {
    const char *name;
    test_function function;
} file_tests[] = {
    {"flags of open", test_open_flags},
    {"links", test_links},
    {"rename", test_rename},
    {"sparse files", test_sparse},
    {"many names", test_many_names},
    {"attributes", test_attributes},
    {"mapped writes", test_mapped_writes},
    {"sendfile", test_sendfile},
    {"locks", test_locks},
};

/* ---- /proc and /dev ------------------------------------------------------------------------- */

static bool contains(const char *path, const char *text)
{
    char buffer[4096];
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? 0 : read(fd, buffer, sizeof buffer - 1);
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
static const char *test_proc_time(void)
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
    snprintf(format, sizeof format, "%s: %%ld kB", name);
    for (char line[128]; meminfo && kilobytes < 0 && fgets(line, sizeof line, meminfo);)
        sscanf(line, format, &kilobytes);
    if (meminfo)
        fclose(meminfo);
    return kilobytes;
}

static const char *test_proc_memory(void)
{
    static char block[4096];
    long shared = memory_line("Shmem"), cached = memory_line("Cached");
    int fd = open("/tmp/block", O_WRONLY | O_CREAT, 0600);
    for (int i = 0; i < 25; i++)
        if (write(fd, block, sizeof block) != sizeof block)
            return "write";
    close(fd);
    if (shared < 0 || memory_line("Shmem") != shared + 100 || memory_line("Cached") != cached + 100)
        return "25 pages of a file are not seen";
    unlink("/tmp/block");
    return memory_line("Shmem") != shared || memory_line("Cached") != cached
               ? "they are not gone with the file"
               : NULL;
}

static const char *test_proc(void)
{
    char path[64], target[64] = "";
    sprintf(path, "/proc/%d/stat", getpid());
    sprintf(target, "%d (init) R 0", getpid());
    if (!contains(path, target) || !contains("/proc/self/status", "PPid:\t0"))
        return "stat or status";
    int fd = open("/proc/self/cmdline", O_RDONLY);
    if (read(fd, path, sizeof path) != 11 || strcmp(path, "/sbin/init"))
        return "cmdline";
    close(fd);
    if (!contains("/proc/meminfo", "MemTotal: ") || !contains("/proc/uptime", ".") ||
        !contains("/proc/loadavg", "0.0") || !contains("/proc/mounts", " /proc proc rw") ||
        !contains("/proc/mounts", "rootfs / tmpfs"))
        return "meminfo, uptime, loadavg or mounts";
    if (readlink("/proc/self/exe", target, sizeof target) != 10 || memcmp(target, "/sbin/init", 10))
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
    if (!self || chdir("/proc/1/fd") || !getcwd(path, sizeof path) || strcmp(path, "/proc/1/fd"))
        return "directories";
    if (chdir("..") || chdir("..") || chdir("..") || !getcwd(path, sizeof path) ||
        strcmp(path, "/"))
        return "the way up";
    if (!fails(mkdir("/proc/x", 0755), EPERM) ||
        !fails(open("/proc/x", O_CREAT | O_RDWR, 0600), EPERM) ||
        !fails(unlink("/proc/uptime"), EPERM) || !fails(rmdir("/proc"), EBUSY))
        return "it can be changed";
    return NULL;
}

static const char *test_mount(void)
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

static const struct {
    const char *name;
    test_function function;
} tests[] = {
    {"mremap", test_mremap},
    {"parts of a mapped file", test_map_parts},
    {"a mapping beyond the end of its file", test_map_beyond_end},
    {"rights of mapped files", test_map_rights},
    {"shared files between processes", test_shared_between_processes},
    {"/proc", test_proc},
    {"time in /proc", test_proc_time},
    {"memory in /proc", test_proc_memory},
    {"mount", test_mount},
};

static int failed;

static void verdict(const char *where, const char *name, const char *why)
{
    if (why)
        printf("FAIL %s%s: %s (%s)\n", where, name, why, strerror(errno));
    else
        printf("PASS %s%s\n", where, name);
    fflush(stdout);
    failed += why != NULL;
}

/* The tests of files, in a directory of the file system that is tried. */
static void try_files(const char *where, const char *directory)
{
    if (chdir(directory)) {
        verdict(where, "", "cannot work there");
        return;
    }
    for (unsigned i = 0; i < sizeof file_tests / sizeof file_tests[0]; i++)
        verdict(where, file_tests[i].name, file_tests[i].function());
    chdir("/");
}

/* Copies an image of mke2fs to a RAM disk; what is zero there is zero here. */
static bool load_disk(const char *image, const char *disk)
{
    int from = open(image, O_RDONLY), to = open(disk, O_WRONLY);
    char page[PAGE], zero[PAGE] = "";
    ssize_t n;
    for (off_t at = 0; (n = pread(from, page, PAGE, at)) > 0; at += n)
        if (memcmp(page, zero, (size_t)n) && pwrite(to, page, (size_t)n, at) != n)
            return false;
    return !n && !close(from) && !close(to);
}

static const char *test_ext2_stays(void)
{
    struct stat s;
    struct statfs before, after;
    if (statfs("/tmp/e", &before) || before.f_type != 0xef53)
        return "statfs";
    int fd = numbered_file("/tmp/e/stays", 60);
    mkdir("/tmp/e/dir", 0700);
    symlink("dir", "/tmp/e/link");
    put("/tmp/e/link/inner", "inner");
    if (!fails(umount("/tmp/e"), EBUSY))
        return "an open file does not keep it busy";
    close(fd);
    if (umount("/tmp/e") || !access("/tmp/e/stays", F_OK) ||
        mount("/dev/ram1", "/tmp/e", "ext2", MS_RDONLY, NULL))
        return "umount and mount";
    if (!text_is("/tmp/e/dir/inner", "inner") || stat("/tmp/e/link", &s) || !S_ISDIR(s.st_mode) ||
        stat("/tmp/e/stays", &s) || s.st_size != 60 * PAGE || s.st_blocks < 480)
        return "contents are lost";
    char *p = map(60, PROT_READ, MAP_PRIVATE, fd = open("/tmp/e/stays", O_RDONLY));
    for (int i = 0; i < 60; i++)
        if (p == MAP_FAILED || p[i * PAGE] != i)
            return "mapped contents";
    munmap(p, 60 * PAGE);
    close(fd);
    if (!fails(unlink("/tmp/e/stays"), EROFS) || !fails(mkdir("/tmp/e/new", 0700), EROFS))
        return "a read-only mount is written to";
    if (umount("/tmp/e") || mount("/dev/ram1", "/tmp/e", "ext2", 0, NULL))
        return "the second umount and mount";
    if (unlink("/tmp/e/stays") || unlink("/tmp/e/dir/inner") || rmdir("/tmp/e/dir") ||
        unlink("/tmp/e/link") || statfs("/tmp/e", &after) || before.f_bfree != after.f_bfree ||
        before.f_ffree != after.f_ffree)
        return "not everything comes back";
    return NULL;
}

static const char *test_ext2_full(void)
{
    struct statfs before, after;
    char page[PAGE] = "x";
    statfs("/tmp/e", &before);
    for (int round = 0; round < 3; round++) {
        int fd = open("/tmp/e/full", O_WRONLY | O_CREAT, 0600), n = 0;
        while (write(fd, page, PAGE) == PAGE)
            n++;
        if (errno != ENOSPC || n < 100)
            return "it does not fill";
        close(fd);
        if (unlink("/tmp/e/full"))
            return "unlink";
    }
    return statfs("/tmp/e", &after) || before.f_bfree != after.f_bfree ? "blocks are lost" : NULL;
}

static void try_ext2(void)
{
    mkdir("/tmp/e", 0755);
    if (!load_disk("/disk.img", "/dev/ram1") || mount("/dev/ram1", "/tmp/e", "ext2", 0, NULL)) {
        verdict("ext2: ", "mount", "cannot mount");
        return;
    }
    try_files("ext2: ", "/tmp/e");
    verdict("ext2: ", "contents stay", test_ext2_stays());
    verdict("ext2: ", "a full disk", test_ext2_full());
    verdict("ext2: ", "umount", umount("/tmp/e") ? "busy" : NULL);
}

int main(void)
{
    for (unsigned i = 0; i < sizeof tests / sizeof tests[0]; i++)
        verdict("", tests[i].name, tests[i].function());
    try_files("tmpfs: ", "/tmp");
    if (!access("/disk.img", F_OK))
        try_ext2();
    printf("files: %s\n", failed ? "FAILED" : "all passed");
    fflush(stdout);
    return failed ? 1 : 0;
}
