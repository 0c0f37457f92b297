/* SPDX-License-Identifier: GPL-2.0-only */
/* mapping.c - mappings of files and of shared memory: who sees what, and what is no longer there */
#include "tests/guestos/battery/battery.h"

#include <setjmp.h>
#include <sys/resource.h>

#define FILE_NAME "/tmp/mapping"

static sigjmp_buf touched;

static void on_signal(int signal)
{
    siglongjmp(touched, signal);
}

/* The signal that reading (or writing back what is read) raises; 0: none. */
static int touch(volatile char *p, bool write)
{
    struct sigaction action = {.sa_handler = on_signal}, segv, bus;

    sigaction(SIGSEGV, &action, &segv);
    sigaction(SIGBUS, &action, &bus);
    int signal = sigsetjmp(touched, 1);
    if (!signal) {
        char c = *p;

        if (write)
            *p = c;
    }
    sigaction(SIGSEGV, &segv, NULL);
    sigaction(SIGBUS, &bus, NULL);
    return signal;
}

static char *map(int fd, int flags, size_t pages)
{
    return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags, fd, 0);
}

static char *anonymous(size_t pages)
{
    return map(-1, MAP_PRIVATE | MAP_ANONYMOUS, pages);
}

/* A file of some pages, each full of its number. */
static int make_file(int pages)
{
    char page[PAGE];
    int fd = open(FILE_NAME, O_RDWR | O_CREAT | O_TRUNC, 0600);

    unlink(FILE_NAME);
    for (int i = 0; i < pages; i++) {
        memset(page, '0' + i, sizeof(page));
        if (write(fd, page, sizeof(page)) != sizeof(page))
            return -1;
    }
    return fd;
}

/* What another process finds at p after its parent has cut the file. */
static int touch_after(volatile char *p, int fd, off_t size)
{
    int there[2], back[2];
    char c = *p;

    if (pipe(there) || pipe(back))
        return -1;
    pid_t pid = fork();
    if (!pid) {
        c = *p; /* it is mapped here too */
        if (write(back[1], &c, 1) != 1 || read(there[0], &c, 1) != 1)
            _exit(100);
        _exit(touch(p, false));
    }
    if (read(back[0], &c, 1) != 1 || ftruncate(fd, size) || write(there[1], &c, 1) != 1)
        return -1;
    for (int i = 0; i < 2; i++) {
        close(there[i]);
        close(back[i]);
    }
    return WEXITSTATUS(wait_for(pid));
}

const char *test_truncate_mapped(void)
{
    int fd = make_file(4);
    char *shared = map(fd, MAP_SHARED, 4), *private = map(fd, MAP_PRIVATE, 4);

    for (int i = 0; i < 4; i++)
    private[i * PAGE] = shared[i * PAGE] = 'x';
    if (touch_after(shared + 3 * PAGE, fd, 3 * PAGE) != SIGBUS)
        return "another process still has a page that is cut off";
    if (ftruncate(fd, PAGE + 100))
        return "ftruncate";
    if (touch(shared + 2 * PAGE, false) != SIGBUS || touch(shared + 2 * PAGE, true) != SIGBUS)
        return "the page behind the file's end is still there";
    if (touch(private + 2 * PAGE, false) != SIGBUS)
        return "a copy of it is still there";
    if (shared[PAGE] != 'x' || shared[PAGE + 99] != '1' || shared[PAGE + 100] ||
        private[PAGE] != 'x')
        return "the last page is wrong";
    if (ftruncate(fd, 4 * PAGE))
        return "ftruncate to more";
    shared[3 * PAGE] = 'y';
    char c;
    if (shared[2 * PAGE] || private[2 * PAGE] || pread(fd, &c, 1, 3 * PAGE) != 1 || c != 'y')
        return "what grows again is not zero, or not shared";
    munmap(shared, 4 * PAGE);
    munmap(private, 4 * PAGE);
    close(fd);
    return NULL;
}

const char *test_mapped_tail(void)
{
    int fd = make_file(0);
    char text[20] = "", *p;

    if (write(fd, "short", 5) != 5)
        return "write";
    p = map(fd, MAP_SHARED, 1);
    memcpy(p + 5, "behind", 6); /* not the file's */
    if (ftruncate(fd, 11) || pread(fd, text, 20, 0) != 11 || memcmp(text, "short\0\0\0\0\0\0", 11))
        return "bytes behind the end come into the file by ftruncate()";
    memcpy(p + 11, "behind", 6);
    if (pwrite(fd, "z", 1, 19) != 1 || pread(fd, text, 8, 11) != 8 ||
        memcmp(text, "\0\0\0\0\0\0\0", 8))
        return "bytes behind the end come into the file by write()";
    munmap(p, PAGE);
    close(fd);
    return NULL;
}

const char *test_shared_coherent(void)
{
    int fd = make_file(2), there[2], back[2];
    volatile char *p = map(fd, MAP_SHARED, 2), *q = map(fd, MAP_SHARED, 2);
    char c;

    if (pipe(there) || pipe(back))
        return "pipe";
    pid_t pid = fork();
    if (!pid) {
        close(there[1]);
        while (read(there[0], &c, 1) == 1) { /* each byte that comes is put into page 1 */
            p[PAGE + 5] = c;
            c = p[7];
            if (write(back[1], &c, 1) != 1)
                break;
        }
        _exit(0);
    }
    for (char i = 'a'; i < 'f'; i++) {
        if (pwrite(fd, &i, 1, 7) != 1 || write(there[1], &i, 1) != 1 || read(back[0], &c, 1) != 1)
            return "no exchange";
        if (c != i)
            return "another process does not see what write() wrote";
        if (pread(fd, &c, 1, PAGE + 5) != 1 || c != i || q[PAGE + 5] != i)
            return "read() does not see what another process stored";
    }
    close(there[1]);
    wait_for(pid);
    close(there[0]);
    close(back[0]);
    close(back[1]);
    munmap((char *)p, 2 * PAGE);
    munmap((char *)q, 2 * PAGE);
    close(fd);
    return NULL;
}

const char *test_protect_none(void)
{
    char *p = anonymous(3);
    int end[2];

    if (pipe(end))
        return "pipe";
    memset(p, 'a', 3 * PAGE);
    if (mprotect(p + PAGE, PAGE, PROT_NONE))
        return "mprotect";
    if (touch(p + PAGE, false) != SIGSEGV || touch(p + PAGE - 1, true) || touch(p + 2 * PAGE, true))
        return "the wrong pages are there";
    if (write(end[1], p + PAGE + 8, 4) != -1 || errno != EFAULT)
        return "the kernel reads what the program may not";
    if (write(end[1], "abcd", 4) != 4 || read(end[0], p + PAGE, 4) != -1 || errno != EFAULT)
        return "the kernel writes what the program may not";
    pid_t pid = fork();
    if (!pid) {
        if (touch(p + PAGE, false) != SIGSEGV || mprotect(p + PAGE, PAGE, PROT_READ | PROT_WRITE) ||
            p[PAGE] != 'a')
            _exit(1);
        memset(p + PAGE, 'b', PAGE);
        _exit(p[PAGE] != 'b');
    }
    if (wait_for(pid))
        return "a child does not have the hidden page";
    char *moved = mremap(p + PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
    if (moved == MAP_FAILED || touch(moved, false) != SIGSEGV)
        return "it does not stay hidden when it moves";
    if (mprotect(moved, 2 * PAGE, PROT_READ) || moved[0] != 'a' || moved[PAGE - 1] != 'a' ||
        moved[PAGE] || touch(moved, true) != SIGSEGV)
        return "it does not come back readable";
    if (mprotect(moved, 2 * PAGE, PROT_READ | PROT_WRITE) || touch(moved, true))
        return "it does not come back writable";
    close(end[0]);
    close(end[1]);
    munmap(moved, 2 * PAGE);
    munmap(p, 3 * PAGE);
    return NULL;
}

const char *test_protect_split(void)
{
    enum { PAGES = 9 };
    char *p = anonymous(PAGES + 2);
    int zero = open("/dev/zero", O_RDONLY), fd = make_file(1);

    memset(p, 'a', PAGES * PAGE);
    for (int i = 1; i < PAGES; i += 2)
        if (mprotect(p + i * PAGE, PAGE, PROT_READ))
            return "mprotect of single pages";
    for (int i = 0; i < PAGES; i++) {
        if (touch(p + i * PAGE, true) != (i % 2 ? SIGSEGV : 0))
            return "a page has its neighbour's rights";
        if (read(zero, p + i * PAGE, 1) != (i % 2 ? -1 : 1))
            return "the kernel does not mind the rights";
    }
    if (mprotect(p, PAGES * PAGE, PROT_READ | PROT_WRITE) || touch(p + PAGE, true))
        return "mprotect over many areas";
    for (int i = 0; i < PAGES; i++)
        if (p[i * PAGE] != (i % 2 ? 'a' : 0) || p[i * PAGE + 1] != 'a')
            return "contents change";
    munmap(p + PAGE, PAGE);
    if (mprotect(p, 3 * PAGE, PROT_READ) != -1 || errno != ENOMEM)
        return "mprotect over a hole";
    char name[40];
    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    int reader = open(name, O_RDONLY);
    char *shared = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, reader, 0);
    if (shared == MAP_FAILED || mprotect(shared, PAGE, PROT_READ | PROT_WRITE) != -1 ||
        errno != EACCES)
        return "a file that was opened for reading becomes writable";
    munmap(shared, PAGE);
    munmap(p, (PAGES + 2) * PAGE);
    close(zero);
    close(reader);
    close(fd);
    return NULL;
}

const char *test_remap(void)
{
    int fd = make_file(3);
    char *p = anonymous(8), *file = map(fd, MAP_PRIVATE, 3), *moved;
    volatile char *shared = map(-1, MAP_SHARED | MAP_ANONYMOUS, 2);

    for (int i = 0; i < 8; i++)
        p[i * PAGE] = (char)('a' + i);
    munmap(p + 4 * PAGE, 4 * PAGE);
    if (mremap(p, 4 * PAGE, 6 * PAGE, 0) != p || p[3 * PAGE] != 'd' || p[4 * PAGE])
        return "growing in place";
    if (mremap(p, 6 * PAGE, 2 * PAGE, 0) != p || touch(p + 2 * PAGE, false) != SIGSEGV)
        return "becoming smaller";
    char *wall =
        mmap(p + 2 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (mremap(p, 2 * PAGE, 3 * PAGE, 0) != MAP_FAILED || errno != ENOMEM)
        return "growing into another mapping";
    moved = mremap(p, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE);
    if (moved == MAP_FAILED || moved[PAGE] != 'b' || moved[2 * PAGE] || touch(p, false) != SIGSEGV)
        return "moving";
    if (mremap(moved, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, wall) != wall || wall[0] != 'a' ||
        touch(wall, true) || moved[PAGE] != 'b')
        return "moving over another mapping";
    file[PAGE] = 'X'; /* one page is a copy, the others the file's */
    char *far = mremap(file, 3 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)0x50000000);
    if (far == MAP_FAILED || far[0] != '0' || far[PAGE] != 'X' || far[PAGE + 1] != '1' ||
        far[2 * PAGE] != '2' || pwrite(fd, "n", 1, 2 * PAGE) != 1 || far[2 * PAGE] != 'n')
        return "moving a file's pages";
    volatile char *other = mremap((char *)shared, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
                                  (void *)0x51000000);
    pid_t pid = fork();
    if (!pid) {
        other[PAGE] = 's';
        _exit(0);
    }
    wait_for(pid);
    if (other[PAGE] != 's')
        return "shared memory is not shared when it has moved";
    if (mremap(far, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, far) != MAP_FAILED ||
        errno != EINVAL || mremap(p, PAGE, 2 * PAGE, MREMAP_MAYMOVE) != MAP_FAILED ||
        errno != EFAULT)
        return "what cannot be moved";
    munmap(wall, PAGE);
    munmap(moved, 3 * PAGE);
    munmap(far, 3 * PAGE);
    munmap((char *)other, 2 * PAGE);
    close(fd);
    return NULL;
}

const char *test_discard(void)
{
    int fd = make_file(1);
    char *p = anonymous(3), *private = map(fd, MAP_PRIVATE, 1), *shared = map(fd, MAP_SHARED, 1);

    memset(p, 'a', 3 * PAGE);
    private[1] = 'p';
    shared[2] = 's';
    if (madvise(p + PAGE, PAGE, MADV_DONTNEED) || madvise(private, PAGE, MADV_DONTNEED) ||
        madvise(shared, PAGE, MADV_DONTNEED))
        return "madvise";
    if (p[PAGE - 1] != 'a' || p[PAGE] || p[2 * PAGE - 1] || p[2 * PAGE] != 'a')
        return "private memory";
    if (private[1] != '0' || private[2] != 's')
        return "a private copy of a file";
    if (shared[2] != 's')
        return "a file's own page";
    munmap(p, 3 * PAGE);
    munmap(private, PAGE);
    munmap(shared, PAGE);
    close(fd);
    return NULL;
}

const char *test_map_fixed(void)
{
    enum { PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS };
    int fd = make_file(2);
    char *p = anonymous(6);

    memset(p, 'a', 6 * PAGE);
    char *over =
        mmap(p + 2 * PAGE, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
    if (over != p + 2 * PAGE || p[2 * PAGE] != '0' || p[3 * PAGE] != '1' ||
        p[2 * PAGE - 1] != 'a' || p[4 * PAGE] != 'a')
        return "a file over the middle of memory";
    if (mmap(p + PAGE, 4 * PAGE, PROT_READ, PRIVATE | MAP_FIXED, -1, 0) != p + PAGE ||
        p[2 * PAGE] || p[4 * PAGE] || p[5 * PAGE] != 'a')
        return "memory over parts of three areas";
    if (mmap(p + 5 * PAGE, 2 * PAGE, PROT_READ, PRIVATE | MAP_FIXED_NOREPLACE, -1, 0) !=
            MAP_FAILED ||
        errno != EEXIST || p[5 * PAGE] != 'a')
        return "what must not be replaced";
    if (mmap(p + 1, PAGE, PROT_READ, PRIVATE | MAP_FIXED, -1, 0) != MAP_FAILED || errno != EINVAL)
        return "a crooked address";
    munmap(p, 6 * PAGE);
    if (mmap(p, PAGE, PROT_READ, PRIVATE, -1, 0) != p)
        return "a wish that can be had";
    munmap(p, PAGE);
    close(fd);
    return NULL;
}

/* Promises without limit; frames only for what is touched. */
const char *test_overcommit(void)
{
    enum { PAGES = 256 * 1024 };
    volatile char *p = mmap(NULL, (size_t)PAGES * PAGE, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (p == MAP_FAILED)
        return "a gigabyte is refused";
    for (int i = 0; i < PAGES; i += PAGES / 8)
        p[i * PAGE] = (char)(i / 1024 + 1);
    for (int i = 0; i < PAGES; i += PAGES / 8)
        if (p[i * PAGE] != (char)(i / 1024 + 1) || p[i * PAGE + 1])
            return "contents";
    return munmap((char *)p, (size_t)PAGES * PAGE) ? "munmap" : NULL;
}

static void touch_below(size_t bytes)
{
    volatile char here;
    struct rlimit limit = {8 << 20, 8 << 20};

    setrlimit(RLIMIT_STACK, &limit);
    *(&here - bytes) = 1;
}

static void within_stack(void)
{
    touch_below(4 << 20);
}

static void beyond_stack(void)
{
    touch_below(9 << 20);
}

const char *test_stack_limit(void)
{
    if (run_and_reap(within_stack))
        return "it does not grow by 4 MB";
    int status = run_and_reap(beyond_stack);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV ? NULL : "it grows by 9 MB";
}

const char *test_brk_limits(void)
{
    char *end = sbrk(0);
    char *page = (char *)(((uintptr_t)end + 4 * PAGE) & ~(uintptr_t)(PAGE - 1));

    if (mmap(page, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != page)
        return "mmap";
    if (brk(page + 2 * PAGE) != -1 || sbrk(0) != end)
        return "it grows over a mapping";
    munmap(page, PAGE);
    brk((char *)0x1000); /* the C library takes "as before" for done */
    if (sbrk(0) != end)
        return "it goes below its start";
    if (brk(page + 2 * PAGE))
        return "it does not grow where nothing is";
    return brk(end) ? "it does not go back" : NULL;
}

/* In a process of its own: the status says which expectation fails. */
static void within_addresses(void)
{
    struct rlimit limit = {64 << 20, RLIM_INFINITY};

    if (setrlimit(RLIMIT_AS, &limit))
        _exit(1);
    char *room = anonymous(32 << 8), *end = sbrk(0); /* 32 MB, not touched */
    if (room == MAP_FAILED)
        _exit(2);
    if (anonymous(32 << 8) != MAP_FAILED || errno != ENOMEM)
        _exit(3);
    if (brk(end + (40 << 20)) != -1 ||
        mremap(room, 32 << 20, 64 << 20, MREMAP_MAYMOVE) != MAP_FAILED)
        _exit(4);
    if (mmap(room, 32 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != room)
        _exit(5);
    munmap(room, 32 << 20);
    _exit(anonymous(32 << 8) == MAP_FAILED ? 6 : 0);
}

const char *test_address_limit(void)
{
    static const char *const wrong[] = {NULL,
                                        "setrlimit",
                                        "less than the limit is refused",
                                        "mmap beyond it is not",
                                        "brk or mremap beyond it is not",
                                        "what takes another mapping's place counts twice",
                                        "what was given back still counts"};
    int status = run_and_reap(within_addresses);

    return WIFEXITED(status) && WEXITSTATUS(status) < 7 ? wrong[WEXITSTATUS(status)] : "it crashes";
}

static void within_data(void)
{
    const struct rlimit limit = {4 << 20, 4 << 20};
    char *first = sbrk(0);

    if (setrlimit(RLIMIT_DATA, &limit))
        _exit(1);
    if (sbrk(1 << 20) != first)
        _exit(2);
    if (sbrk(4 << 20) != (void *)-1 || sbrk(0) != first + (1 << 20))
        _exit(3);
    if (mmap(NULL, 4 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
        MAP_FAILED)
        _exit(4);
    if (mmap(NULL, 4 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ||
        mmap(NULL, 4 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) ==
            MAP_FAILED)
        _exit(5);
    _exit(0);
}

const char *test_data_limit(void)
{
    static const char *const wrong[] = {NULL,
                                        "setrlimit",
                                        "less than the limit is refused",
                                        "brk beyond it is not",
                                        "mmap beyond it is not",
                                        "what is not a program's own to write to counts"};
    int status = run_and_reap(within_data);

    return WIFEXITED(status) && WEXITSTATUS(status) < 6 ? wrong[WEXITSTATUS(status)] : "it crashes";
}
