/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pointer.c - bad addresses given to system calls
 *
 * Each call gets, for one of its arguments, addresses at which a program may not read (or not
 * write): EFAULT and nothing else, whatever the call, and the next good call works. A page without
 * rights and the kernel's own memory are such addresses although the kernel could reach them.
 */
#include "tests/guestos/battery/battery.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/uio.h>

enum access { READS, WRITES };

/* Where good arguments come from. */
static struct {
    int file, directory, socket, pipe[2];
    char *readable, *none;
} at;

static char path[] = "/tmp", good[512];

#define BAD 0x5a5a5a5aL /* in the table: the bad address comes here */

struct call {
    const char *name;
    long number;
    enum access access;
    long a[6];
};

static long call(const struct call *c, const void *bad)
{
    long a[6];

    for (int i = 0; i < 6; i++)
        a[i] = c->a[i] == BAD ? (long)bad : c->a[i];
    return syscall(c->number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static const char *try(const struct call *c)
{
    static char why[120];
    const struct {
        const char *name;
        const void *address;
        bool reads; /* also bad for calls that only read */
    } bad[] = {
        {"near 0", (void *)16, true},
        {"unmapped", (void *)0x70000000, true},
        {"without rights", at.none, true},
        {"read-only", at.readable, false},
        {"in the kernel", (void *)0xC0100000, true},
        {"across the kernel's start", (void *)0xBFFFFFFC, true},
        {"in the hypervisor", (void *)0xF5900000, true},
        {"at the end of memory", (void *)0xFFFFF000, true},
    };

    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (c->access == READS && !bad[i].reads)
            continue;
        if (c->number == SYS_wait4 && !fork())
            _exit(0); /* whom it waits for */
        long result = call(c, bad[i].address);
        if (result == -1 && errno == EFAULT)
            continue;
        snprintf(why, sizeof(why), "%s with an address %s gives %ld, error %d", c->name,
                 bad[i].name, result, result == -1 ? errno : 0);
        return why;
    }
    return NULL;
}

static const char *try_all(void)
{
    const long f = at.file, s = at.socket, d = at.directory, ok = (long)good;
    const struct call calls[] = {
        {"read", SYS_read, WRITES, {f, BAD, 8}},
        {"write", SYS_write, READS, {f, BAD, 8}},
        {"pread64", SYS_pread64, WRITES, {f, BAD, 8, 0, 0}},
        {"pwrite64", SYS_pwrite64, READS, {f, BAD, 8, 0, 0}},
        {"readv", SYS_readv, READS, {f, BAD, 1}},
        {"writev", SYS_writev, READS, {f, BAD, 1}},
        {"write to a pipe", SYS_write, READS, {at.pipe[1], BAD, 8}},
        {"open", SYS_open, READS, {BAD, O_RDONLY}},
        {"openat", SYS_openat, READS, {AT_FDCWD, BAD, O_RDONLY}},
        {"execve", SYS_execve, READS, {BAD, 0, 0}},
        {"execve's arguments", SYS_execve, READS, {(long)"/sbin/init", BAD, 0}},
        {"unlink", SYS_unlink, READS, {BAD}},
        {"chdir", SYS_chdir, READS, {BAD}},
        {"mkdir", SYS_mkdir, READS, {BAD, 0700}},
        {"rmdir", SYS_rmdir, READS, {BAD}},
        {"rename from", SYS_rename, READS, {BAD, (long)path}},
        {"rename to", SYS_rename, READS, {(long)path, BAD}},
        {"link", SYS_link, READS, {BAD, (long)path}},
        {"symlink", SYS_symlink, READS, {BAD, (long)"/tmp/x"}},
        {"readlink", SYS_readlink, WRITES, {(long)"/proc/self/exe", BAD, 20}},
        {"readlink's path", SYS_readlink, READS, {BAD, ok, 20}},
        {"access", SYS_access, READS, {BAD, 0}},
        {"chmod", SYS_chmod, READS, {BAD, 0700}},
        {"truncate", SYS_truncate, READS, {BAD, 0}},
        {"stat64", SYS_stat64, WRITES, {(long)path, BAD}},
        {"fstat64", SYS_fstat64, WRITES, {f, BAD}},
        {"statfs64", SYS_statfs64, WRITES, {(long)path, 84, BAD}},
        {"statx", SYS_statx, WRITES, {AT_FDCWD, (long)path, 0, 0xfff, BAD}},
        {"getdents64", SYS_getdents64, WRITES, {d, BAD, 200}},
        {"getcwd", SYS_getcwd, WRITES, {BAD, 100}},
        {"_llseek", SYS__llseek, WRITES, {f, 0, 0, BAD, SEEK_SET}},
        {"pipe", SYS_pipe, WRITES, {BAD}},
        {"poll", SYS_poll, WRITES, {BAD, 1, 0}},
        {"select", SYS__newselect, WRITES, {1, BAD, 0, 0, ok + 256}},
        {"wait4", SYS_wait4, WRITES, {-1, BAD, 0, 0}},
        {"uname", SYS_uname, WRITES, {BAD}},
        {"sysinfo", SYS_sysinfo, WRITES, {BAD}},
        {"times", SYS_times, WRITES, {BAD}},
        {"getrusage", SYS_getrusage, WRITES, {0, BAD}},
        {"getrlimit", SYS_ugetrlimit, WRITES, {RLIMIT_NOFILE, BAD}},
        {"setrlimit", SYS_setrlimit, READS, {RLIMIT_CORE, BAD}},
        {"gettimeofday", SYS_gettimeofday, WRITES, {BAD, 0}},
        {"clock_gettime", SYS_clock_gettime, WRITES, {CLOCK_MONOTONIC, BAD}},
        {"clock_gettime64", SYS_clock_gettime64, WRITES, {CLOCK_MONOTONIC, BAD}},
        {"nanosleep", SYS_nanosleep, READS, {BAD, 0}},
        {"getrandom", SYS_getrandom, WRITES, {BAD, 16, 0}},
        {"rt_sigaction", SYS_rt_sigaction, READS, {SIGUSR1, BAD, 0, 8}},
        {"rt_sigaction's old", SYS_rt_sigaction, WRITES, {SIGUSR1, 0, BAD, 8}},
        {"rt_sigprocmask", SYS_rt_sigprocmask, READS, {SIG_BLOCK, BAD, 0, 8}},
        {"rt_sigprocmask's old", SYS_rt_sigprocmask, WRITES, {SIG_BLOCK, 0, BAD, 8}},
        {"rt_sigpending", SYS_rt_sigpending, WRITES, {BAD, 8}},
        {"sigaltstack", SYS_sigaltstack, READS, {BAD, 0}},
        {"set_thread_area", SYS_set_thread_area, READS, {BAD}},
        {"fcntl's lock", SYS_fcntl64, READS, {f, F_SETLK64, BAD}},
        {"utimensat", SYS_utimensat, READS, {AT_FDCWD, (long)path, BAD, 0}},
        {"bind", SYS_bind, READS, {s, BAD, 16}},
        {"connect", SYS_connect, READS, {s, BAD, 16}},
        {"getsockname", SYS_getsockname, WRITES, {s, BAD, ok}},
        {"getsockopt", SYS_getsockopt, WRITES, {s, SOL_SOCKET, SO_TYPE, BAD, ok}},
        {"setsockopt", SYS_setsockopt, READS, {s, SOL_SOCKET, SO_REUSEADDR, BAD, 4}},
        {"sendto", SYS_sendto, READS, {s, ok, 4, 0, BAD, 16}},
        {"sendmsg", SYS_sendmsg, READS, {s, BAD, 0}},
        {"recvmsg", SYS_recvmsg, READS, {s, BAD, MSG_DONTWAIT}},
        {"socketpair", SYS_socketpair, WRITES, {AF_UNIX, SOCK_STREAM, 0, BAD}},
        {"futex", SYS_futex, READS, {BAD, 0, 0, 0}},
        {"ioctl", SYS_ioctl, WRITES, {at.pipe[0], 0x541b, BAD}}, /* FIONREAD */
    };

    for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        *(int *)(void *)good = sizeof(good); /* lengths that calls read */
        const char *why = try(&calls[i]);
        if (why)
            return why;
    }
    return NULL;
}

const char *test_bad_addresses(void)
{
    at.file = open("/tmp/pointer", O_RDWR | O_CREAT | O_TRUNC, 0600);
    at.directory = open("/tmp", O_RDONLY | O_DIRECTORY);
    at.socket = socket(AF_INET, SOCK_DGRAM, 0);
    at.none = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    at.readable = at.none + PAGE;
    memset(at.none, 1, 2 * PAGE); /* they are there */
    if (at.file < 0 || at.directory < 0 || at.socket < 0 || pipe(at.pipe) ||
        write(at.file, good, sizeof(good)) != sizeof(good) || lseek(at.file, 0, SEEK_SET) ||
        mprotect(at.none, PAGE, PROT_NONE) || mprotect(at.readable, PAGE, PROT_READ))
        return "cannot begin";
    const char *why = try_all();
    while (wait(NULL) > 0)
        ;
    unlink("/tmp/pointer");
    munmap(at.none, 2 * PAGE);
    close(at.file);
    close(at.directory);
    close(at.socket);
    close(at.pipe[0]);
    close(at.pipe[1]);
    return why;
}
