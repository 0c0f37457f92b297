/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * names.c - a ring-3 program that tries what is told of files' names and where they lead, one
 * verdict a line
 *
 * inotify, chroot, O_PATH, programs that are written, room. An ordinary static glibc program, run
 * as init like tests/guestos/battery; it also passes on Linux, as root.
 */
#include "tests/guestos/verdict.h"

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

static bool fails(int result, int error)
{
    return result == -1 && errno == error;
}

static int wait_for(pid_t pid)
{
    int status = -1;

    return waitpid(pid, &status, 0) == pid ? status : -1;
}

static bool put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    bool done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    return !close(fd) && done;
}

/* ---- inotify --------------------------------------------------------------------------------- */

static int watcher;

/*
 * All that waits to be read, as text: "1:create+dir name," and so on; cookies are checked to pair.
 */
static const char *told(void)
{
    static const char *const names[32] = {
        "access",         "modify",   "attrib",  "close_write", "close",       "open",
        "from",           "to",       "create",  "delete",      "delete_self", "move_self",
        [13] = "unmount", "overflow", "ignored", [30] = "dir"};
    static char text[8000];
    char buffer[4096] __attribute__((aligned(4)));
    unsigned cookie = 0;
    char *at = text;

    *at = '\0';
    ssize_t n = read(watcher, buffer, sizeof(buffer));
    for (ssize_t i = 0; i < n;) {
        const struct inotify_event *e = (const struct inotify_event *)(buffer + i);

        at += sprintf(at, "%d:", e->wd);
        for (int bit = 0, first = 1; bit < 32; bit++)
            if (e->mask & 1u << bit)
                at += sprintf(at, "%s%s", first ? "" : "+", names[bit] ? names[bit] : "?"),
                    first = 0;
        if (e->len)
            at += sprintf(at, " %s", e->name);
        if ((e->mask & IN_MOVED_FROM && !e->cookie) ||
            (e->mask & IN_MOVED_TO && e->cookie != cookie))
            at += sprintf(at, " (wrong cookie)");
        cookie = e->cookie;
        *at++ = ',';
        *at = '\0';
        i += (ssize_t)sizeof(*e) + (ssize_t)e->len;
    }
    return text;
}

static char wrong[8100];

/* NULL if that is what is told. */
static const char *expect(const char *expected)
{
    const char *text = told();

    if (!strcmp(text, expected))
        return NULL;
    sprintf(wrong, "told: %s", text);
    return wrong;
}

#define TRY(what)                                                                                  \
    do {                                                                                           \
        const char *failure_ = (what);                                                             \
        if (failure_)                                                                              \
            return failure_;                                                                       \
    } while (0)

static const char *test_directory(void)
{
    char c;

    mkdir("/tmp/w", 0755);
    if (inotify_add_watch(watcher, "/tmp/w", IN_ALL_EVENTS) != 1)
        return "cannot watch";
    put("/tmp/w/a", "x");
    TRY(expect("1:create a,1:open a,1:modify a,1:close_write a,"));
    put("/tmp/w/a", "y");
    TRY(expect("1:open a,1:modify a,1:close_write a,"));
    int fd = open("/tmp/w/a", O_RDWR);
    if (read(fd, &c, 1) != 1 || read(fd, &c, 1) != 0 || pread(fd, &c, 1, 0) != 1 ||
        ftruncate(fd, 5))
        return "cannot use the file";
    close(fd);
    TRY(expect("1:open a,1:access a,1:modify a,1:close_write a,"));
    chmod("/tmp/w/a", 0600);
    chown("/tmp/w/a", 1, 1);
    utimensat(AT_FDCWD, "/tmp/w/a", NULL, 0);
    TRY(expect("1:attrib a,")); /* what is the same as the last is not told again */
    mkdir("/tmp/w/dir", 0755);
    symlink("a", "/tmp/w/sym");
    link("/tmp/w/a", "/tmp/w/hard");
    TRY(expect("1:create+dir dir,1:create sym,1:create hard,"));
    rename("/tmp/w/hard", "/tmp/w/harder");
    rename("/tmp/w/dir", "/tmp/w/dirs");
    TRY(expect("1:from hard,1:to harder,1:from+dir dir,1:to+dir dirs,"));
    unlink("/tmp/w/harder");
    unlink("/tmp/w/sym");
    rmdir("/tmp/w/dirs");
    TRY(expect("1:delete harder,1:delete sym,1:delete+dir dirs,"));
    unlink("/tmp/w/a");
    rmdir("/tmp/w");
    TRY(expect("1:delete a,1:delete_self,1:ignored,"));
    return fails(inotify_rm_watch(watcher, 1), EINVAL) ? NULL
                                                       : "a watch is not gone with its directory";
}

static const char *test_file(void)
{
    put("/tmp/f", "");
    int number = inotify_add_watch(watcher, "/tmp/f", IN_ALL_EVENTS & ~IN_OPEN);
    if (number != 2)
        return "a number is used again";
    int fd = open("/tmp/f", O_RDONLY);
    rename("/tmp/f", "/tmp/g");
    link("/tmp/g", "/tmp/h");
    unlink("/tmp/h");
    TRY(expect("2:move_self,2:attrib,"));
    unlink("/tmp/g"); /* still open */
    TRY(expect("2:attrib,"));
    close(fd);
    TRY(expect("2:close,2:delete_self,2:ignored,"));
    return NULL;
}

static const char *test_masks(void)
{
    int pending = -1;

    put("/tmp/m", "");
    int number = inotify_add_watch(watcher, "/tmp/m", IN_MODIFY);
    if (inotify_add_watch(watcher, "/tmp/m", IN_ATTRIB | IN_MASK_ADD) != number ||
        !fails(inotify_add_watch(watcher, "/tmp/m", IN_OPEN | IN_MASK_CREATE), EEXIST))
        return "a second watch is not the first";
    chmod("/tmp/m", 0600);
    put("/tmp/m", "x");
    struct pollfd p = {.fd = watcher, .events = POLLIN};
    if (poll(&p, 1, 0) != 1 || ioctl(watcher, FIONREAD, &pending) || pending != 32)
        return "what waits is not seen";
    char small[8];
    if (!fails((int)read(watcher, small, sizeof(small)), EINVAL))
        return "an event is read into too little room";
    TRY(expect("3:attrib,3:modify,"));
    if (poll(&p, 1, 0) || !fails((int)read(watcher, small, 8), EAGAIN))
        return "what has been read waits still";
    inotify_rm_watch(watcher, number);
    TRY(expect("3:ignored,"));
    inotify_add_watch(watcher, "/tmp/m", IN_CLOSE | IN_ONESHOT);
    put("/tmp/m", "x");
    put("/tmp/m", "x");
    TRY(expect("4:close_write,4:ignored,"));
    if (!fails(inotify_add_watch(watcher, "/tmp/m", 0), EINVAL) ||
        !fails(inotify_add_watch(watcher, "/tmp/m", IN_OPEN | IN_ONLYDIR), ENOTDIR) ||
        !fails(inotify_add_watch(watcher, "/tmp/none", IN_OPEN), ENOENT) ||
        !fails(inotify_add_watch(0x7fff, "/tmp/m", IN_OPEN), EBADF) ||
        !fails(inotify_init1(1), EINVAL))
        return "what is wrong is not refused";
    unlink("/tmp/m");
    return NULL;
}

/* More than is kept; and a child whom the end of the instance, and not an event, releases. */
static const char *test_overflow(void)
{
    int many = inotify_init1(IN_NONBLOCK), before = watcher;

    put("/tmp/o", "");
    inotify_add_watch(many, "/tmp/o", IN_ATTRIB | IN_CLOSE_NOWRITE);
    int pending = 0;
    for (int i = 0; i < 17000; i++) {
        int fd = open("/tmp/o", O_RDONLY);

        fchmod(fd, 0600);
        close(fd);
    }
    ioctl(many, FIONREAD, &pending);
    watcher = many;
    static char last[8000];
    for (const char *text; *(text = told());)
        strcpy(last, text);
    size_t length = strlen(last);
    watcher = before;
    close(many);
    unlink("/tmp/o");
    if (pending != 16384 * 16 + 16 && pending != 16384 * 16)
        return "not as many are kept as should be";
    return length < 12 || strcmp(last + length - 12, "-1:overflow,")
               ? "it is not said that some were lost"
               : NULL;
}

/* ---- chroot ---------------------------------------------------------------------------------- */

static bool readable(const char *path, const char *text)
{
    char buffer[64] = "";
    int fd = open(path, O_RDONLY);
    bool good = read(fd, buffer, sizeof(buffer) - 1) >= 0 && !strcmp(buffer, text);

    close(fd);
    return fd >= 0 && good;
}

static const char *inside(int outside)
{
    char path[256];

    if (chroot("/tmp/jail"))
        return "chroot()";
    if (!readable("/etc/who", "inside") || !readable("/../../etc/who", "inside"))
        return "a path does not begin at the new root";
    if (!readable("/absolute", "inside"))
        return "a link does not lead from the new root";
    if (syscall(SYS_getcwd, path, sizeof(path)) < 0 || strcmp(path, "(unreachable)/"))
        return "a directory outside has a name";
    if (!readable("tmp/who", "outside"))
        return "who is outside does not stay there";
    if (chdir("/etc") || !getcwd(path, sizeof(path)) || strcmp(path, "/etc"))
        return "a directory inside has a wrong name";
    if (chdir("..") || chdir("..") || !getcwd(path, sizeof(path)) || strcmp(path, "/") ||
        !readable("etc/who", "inside"))
        return "the new root has something above it";
    if (fchdir(outside) || !readable("who", "outside"))
        return "a descriptor from outside does not lead there";
    pid_t pid = fork();
    if (!pid)
        _exit(!readable("/etc/who", "inside"));
    return wait_for(pid) ? "a child is not inside" : NULL;
}

static const char *test_chroot(void)
{
    static char message[64];
    int end[2], outside = open("/tmp", O_RDONLY | O_DIRECTORY);

    mkdir("/tmp/jail", 0755);
    mkdir("/tmp/jail/etc", 0755);
    put("/tmp/jail/etc/who", "inside");
    put("/tmp/who", "outside");
    symlink("/etc/who", "/tmp/jail/absolute");
    if (chdir("/") || pipe(end))
        return "cannot begin";
    pid_t pid = fork();
    if (!pid) {
        const char *failure = inside(outside);

        _exit(failure && write(end[1], failure, strlen(failure)) > 0);
    }
    close(end[1]);
    int status = wait_for(pid);
    ssize_t n = read(end[0], message, sizeof(message) - 1);
    close(end[0]);
    if (status)
        return n > 0 ? message : "a child fails";
    pid = fork();
    if (!pid)
        _exit(setuid(NOBODY) || !fails(chroot("/tmp/jail"), EPERM));
    if (wait_for(pid))
        return "anybody may";
    if (!fails(chroot("/tmp/who"), ENOTDIR) || !fails(chroot("/tmp/none"), ENOENT))
        return "what is wrong is not refused";
    unlink("/tmp/jail/etc/who");
    unlink("/tmp/jail/absolute");
    rmdir("/tmp/jail/etc");
    rmdir("/tmp/jail");
    unlink("/tmp/who");
    close(outside);
    return NULL;
}

/* ---- descriptors that stand for places ------------------------------------------------------- */

static const char *test_place(void)
{
    struct stat s;
    struct pollfd p = {.events = POLLIN};

    put("/tmp/place", "text");
    symlink("place", "/tmp/leads");
    int fd = open("/tmp/place", O_PATH | O_TRUNC | O_CLOEXEC), directory = open("/tmp", O_PATH);
    p.fd = fd;
    char c;
    if (fd < 0 || fstat(fd, &s) || s.st_size != 4 || !(fcntl(fd, F_GETFD) & FD_CLOEXEC))
        return "it does not stand for the file, or cuts it";
    if (!fails((int)read(fd, &c, 1), EBADF) || !fails((int)write(fd, &c, 1), EBADF) ||
        !fails(fchmod(fd, 0600), EBADF) || !fails(ioctl(fd, FIONREAD, &c), EBADF) ||
        !fails(fcntl(fd, F_SETFL, 0), EBADF) || poll(&p, 1, 0) != 1 || p.revents != POLLNVAL)
        return "it can be used";
    int copy = dup(fd), inside = openat(directory, "place", O_RDONLY);
    if (copy < 0 || inside < 0 || read(inside, &c, 1) != 1 || fchdir(directory) || fchdir(fd) != -1)
        return "what should be possible is not";
    int link = open("/tmp/leads", O_PATH | O_NOFOLLOW);
    if (fstat(link, &s) || !S_ISLNK(s.st_mode) || !fails(open("/tmp/leads", O_NOFOLLOW), ELOOP))
        return "it does not stand for a link";
    pid_t pid = fork();
    if (!pid) { /* no right on the file is needed */
        chmod("/tmp/place", 0);
        _exit(setuid(NOBODY) || open("/tmp/place", O_PATH) < 0 ||
              !fails(open("/tmp/place", O_RDONLY), EACCES));
    }
    int status = wait_for(pid), used[] = {fd, directory, copy, inside, link};
    for (size_t i = 0; i < sizeof(used) / sizeof(used[0]); i++)
        close(used[i]);
    unlink("/tmp/place");
    unlink("/tmp/leads");
    return status ? "it asks for rights, or gives some" : NULL;
}

/* What is no directory has no names in it, whoever asks. */
static const char *test_no_directory(void)
{
    put("/tmp/file", "x");
    symlink("a", "/tmp/link");
    int fds[] = {open("/tmp/file", O_RDWR), open("/tmp/link", O_PATH | O_NOFOLLOW), eventfd(0, 0),
                 socket(AF_UNIX, SOCK_STREAM, 0)};
    struct stat s;
    bool good = true;
    for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
        int fd = fds[i];

        good = good && fails(unlinkat(fd, "a", 0), ENOTDIR) &&
               fails(mkdirat(fd, "a", 0700), ENOTDIR) &&
               fails(linkat(AT_FDCWD, "/tmp/file", fd, "a", 0), ENOTDIR) &&
               fails(renameat(fd, "a", AT_FDCWD, "/tmp/b"), ENOTDIR) &&
               fails(renameat(AT_FDCWD, "/tmp/file", fd, "a"), ENOTDIR) &&
               fails(symlinkat("x", fd, "a"), ENOTDIR) && fails(fstatat(fd, "a", &s, 0), ENOTDIR) &&
               fails(openat(fd, "a", O_CREAT | O_RDWR, 0600), ENOTDIR);
        close(fd);
    }
    unlink("/tmp/file");
    unlink("/tmp/link");
    return good ? NULL : "not ENOTDIR";
}

/* ---- programs and room ----------------------------------------------------------------------- */

static bool copy_program(const char *to)
{
    int from = open("/proc/self/exe", O_RDONLY), fd = open(to, O_WRONLY | O_CREAT, 0755);
    struct stat s;
    bool done = !fstat(from, &s) && sendfile(fd, from, NULL, (size_t)s.st_size) == s.st_size;

    close(from);
    return !close(fd) && done;
}

static const char *test_busy_program(void)
{
    int end[2], ready[2];
    char c;

    if (!copy_program("/tmp/program") || pipe(end) || pipe(ready))
        return "cannot copy this program";
    int writer = open("/tmp/program", O_WRONLY);
    if (!fails(execl("/tmp/program", "program", (char *)NULL), ETXTBSY))
        return "a program that is being written runs";
    close(writer);
    pid_t pid = fork();
    if (!pid) { /* runs again, says so, and waits for the end of its input */
        dup2(end[0], 0);
        dup2(ready[1], 1);
        close_range(3, ~0u, 0);
        execl("/tmp/program", "program", "wait", (char *)NULL);
        _exit(1);
    }
    close(end[0]);
    close(ready[1]);
    bool runs = read(ready[0], &c, 1) == 1;
    bool busy =
        fails(open("/tmp/program", O_RDWR), ETXTBSY) && fails(truncate("/tmp/program", 0), ETXTBSY);
    int reader = open("/tmp/program", O_RDONLY);
    close(reader);
    close(end[1]);
    close(ready[0]);
    int status = wait_for(pid), again = open("/tmp/program", O_RDWR);
    close(again);
    unlink("/tmp/program");
    if (!runs || status || reader < 0)
        return "it does not run, or cannot be read";
    return !busy ? "a program that runs is written" : again < 0 ? "it stays busy" : NULL;
}

static const char *test_room(void)
{
    int fd = open("/tmp/room", O_RDWR | O_CREAT | O_TRUNC, 0600), end[2],
        null = open("/dev/null", O_RDWR);
    struct stat s;

    if (pipe(end) || fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 8192) || fstat(fd, &s) || s.st_size ||
        fallocate(fd, 0, 4096, 8192) || fstat(fd, &s) || s.st_size != 12288 || s.st_blocks < 16)
        return "room is not made, or a size is not kept";
    if (!fails(fallocate(fd, 0, -1, 1), EINVAL) || !fails(fallocate(fd, 0, 0, 0), EINVAL) ||
        !fails(fallocate(end[1], 0, 0, 1), ESPIPE) || !fails(fallocate(null, 0, 0, 1), ENODEV) ||
        !fails(fallocate(fd, 0x4000, 0, 1), EOPNOTSUPP) ||
        !fails(fallocate(0x7fff, 0, 0, 1), EBADF))
        return "fallocate() does not refuse what it should";
    if (posix_fadvise(fd, 0, 0, POSIX_FADV_NOREUSE) || posix_fadvise(fd, 0, 0, 6) != EINVAL ||
        posix_fadvise(end[0], 0, 0, 0) != ESPIPE || posix_fadvise(0x7fff, 0, 0, 0) != EBADF)
        return "posix_fadvise()";
    if (fsync(fd) || !fails(fsync(end[0]), EINVAL) || !fails(fsync(null), EINVAL))
        return "fsync()";
    close(fd);
    close(null);
    close(end[0]);
    close(end[1]);
    unlink("/tmp/room");
    return NULL;
}

static const struct test tests[] = {
    {"watching a directory", test_directory},
    {"watching a file", test_file},
    {"masks of watches", test_masks},
    {"too many events", test_overflow},
    {"chroot", test_chroot},
    {"descriptors for places", test_place},
    {"what is no directory", test_no_directory},
    {"programs that run", test_busy_program},
    {"room and advice", test_room},
};

int main(int argc, char **argv)
{
    char c;

    if (argc > 1 && !strcmp(argv[1], "wait"))
        return write(1, "r", 1) != 1 || read(0, &c, 1) != 0;
    watcher = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    return conclude("names", run_tests(tests, sizeof(tests) / sizeof(tests[0]), NULL));
}
