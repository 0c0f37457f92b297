/* SPDX-License-Identifier: GPL-2.0-only */
/* users.c - users and what they may not, limits, priorities */
#include "tests/guestos/events/events.h"

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

/*
 * Ways around a file's rights: what sets times without asking, and one's own program's other name.
 */
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

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
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

const char *test_users(void)
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

static pid_t looked_at;

static bool opens(const char *name)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/%s", looked_at, name);
    int fd = open(path, O_RDONLY);
    return fd >= 0 && !close(fd);
}

/* What everybody may know of a process, and nothing else. */
static bool is_shut_out(void)
{
    static const char *const open_to_all[] = {"stat", "status", "statm",  "cmdline",
                                              "comm", "mounts", "limits", ""};
    static const char *const closed[] = {"exe", "cwd", "root", "root/etc", "fd", "fd/1", "maps"};
    char path[64], target[64];

    for (unsigned i = 0; i < sizeof(open_to_all) / sizeof(open_to_all[0]); i++)
        if (!opens(open_to_all[i]))
            return false;
    for (unsigned i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
        if (opens(closed[i]) || errno != EACCES)
            return false;
    for (unsigned i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "/proc/%d/%s", looked_at, closed[i]);
        if (readlink(path, target, sizeof(target)) != -1 || errno != EACCES ||
            (i && chdir(path) != -1))
            return false;
    }
    return true;
}

static bool is_let_in(void)
{
    return opens("exe") && opens("cwd") && opens("root/tmp") && opens("maps");
}

static bool has_itself(void)
{
    char text[32];

    looked_at = getpid();
    int maps = open("/proc/self/maps", O_RDONLY), fd = open("/proc/self/fd", O_RDONLY);
    return is_let_in() && opens("fd") && readlink("/proc/self/fd/1", text, sizeof(text)) > 0 &&
           fd >= 0 && read(maps, text, sizeof(text)) == sizeof(text) && !prctl(PR_GET_DUMPABLE);
}

/* A child that has become nobody and then waits, or executes this program that does. */
static pid_t start_nobody(bool executes, bool dumpable)
{
    int end[2];
    char c;

    if (pipe2(end, O_CLOEXEC))
        return -1;
    pid_t pid = fork();
    if (!pid) {
        if (setgid(NOBODY) || setuid(NOBODY) || (dumpable && prctl(PR_SET_DUMPABLE, 1)))
            _exit(1);
        if (executes)
            execl("/sbin/init", "init", "pause", NULL);
        close(end[1]);
        pause();
        _exit(1);
    }
    close(end[1]);
    ssize_t n = read(end[0], &c, 1); /* until it is as it will be */
    close(end[0]);
    return n ? -1 : pid;
}

static bool judge_nobody(bool executes, bool dumpable, bool (*wanted)(void))
{
    looked_at = start_nobody(executes, dumpable);
    bool right = looked_at > 0 && as_nobody(wanted);
    kill(looked_at, SIGKILL);
    wait_for(looked_at);
    return right;
}

/* ptrace(2), "Ptrace access mode checking", and proc(5). */
const char *test_looking(void)
{
    looked_at = 1;
    if (!is_let_in())
        return "root is shut out";
    if (!as_nobody(is_shut_out))
        return "a user looks into a process of root's, or cannot see what all may";
    if (!as_nobody(has_itself))
        return "a user cannot look into its own process";
    if (!judge_nobody(false, false, is_shut_out))
        return "a user looks into a process that was root's";
    if (!judge_nobody(false, true, is_let_in))
        return "a user cannot look into another process of its own";
    if (!judge_nobody(true, false, is_let_in))
        return "a process that was root's stays closed with a new program";
    chmod("/sbin/init", 0711);
    bool closed = judge_nobody(true, false, is_shut_out);
    chmod("/sbin/init", 04755);
    closed = closed && judge_nobody(true, false, is_shut_out);
    chmod("/sbin/init", 0755);
    return closed ? NULL : "a user looks into a program that it may not read, or that runs as root";
}

const char *test_limits(void)
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

/*
 * Five processes are nobody's limit, and do not limit root. How many nobody could fork, with
 * itself.
 */
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

const char *test_process_limit(void)
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

/*
 * Of MANY copies of a pipe's end: whether poll() and select() see its bytes through the last ones.
 */
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

const char *test_many_descriptors(void)
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

const char *test_priority(void)
{
    cpu_set_t all, first;

    if (setpriority(PRIO_PROCESS, 0, 5) || getpriority(PRIO_PROCESS, 0) != 5 ||
        setpriority(PRIO_PROCESS, 0, 0))
        return "nice";
    if (sched_getaffinity(0, sizeof(all), &all))
        return "which processors";
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    if (sched_setaffinity(0, sizeof(first), &first) || sched_getcpu() != 0 ||
        sched_setaffinity(0, sizeof(all), &all))
        return "it does not stay where it may be";
    CPU_ZERO(&first);
    return sched_setaffinity(0, sizeof(first), &first) != -1 || errno != EINVAL ? "nowhere" : NULL;
}
