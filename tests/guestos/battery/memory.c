/* SPDX-License-Identifier: GPL-2.0-only */
/* memory.c - address spaces */
#include "tests/guestos/battery/battery.h"

const char *test_copy_on_write(void)
{
    enum { PAGES = 600 };
    static volatile char data[PAGES * PAGE];

    for (int i = 0; i < PAGES; i++)
        data[i * PAGE] = 1;
    pid_t pid = fork();
    if (!pid) {
        for (int i = 0; i < PAGES; i++) {
            if (data[i * PAGE] != 1)
                _exit(1);
            data[i * PAGE] = 2;
        }
        for (int i = 0; i < PAGES; i++)
            if (data[i * PAGE] != 2)
                _exit(2);
        _exit(0);
    }
    for (int i = 0; i < PAGES; i += 2)
        data[i * PAGE] = 3;
    if (wait_for(pid))
        return "the child saw the parent's writes";
    for (int i = 0; i < PAGES; i++)
        if (data[i * PAGE] != (i % 2 ? 1 : 3))
            return "the parent saw the child's writes";
    return NULL;
}

const char *test_brk(void)
{
    char *start = sbrk(0);

    if (sbrk(3 * PAGE + 100) != start)
        return "it does not grow";
    memset(start, 7, 3 * PAGE + 100);
    sbrk(-(2 * PAGE));
    sbrk(2 * PAGE);
    return start[0] == 7 && start[3 * PAGE + 50] == 0 ? NULL : "given back memory is not cleared";
}

const char *test_mmap(void)
{
    char *p = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED)
        return "no memory";
    for (int i = 0; i < 64; i++) {
        if (p[i * PAGE])
            return "not zero";
        p[i * PAGE] = (char)i;
    }
    munmap(p + 8 * PAGE, 8 * PAGE);
    if (p[7 * PAGE] != 7 || p[16 * PAGE] != 16)
        return "unmapping the middle damages the ends";
    char *again =
        mmap(p + 8 * PAGE, 8 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (again != p + 8 * PAGE || again[0])
        return "a fixed mapping fails";
    return munmap(p, 64 * PAGE) ? "cannot unmap all" : NULL;
}

const char *test_mmap_file(void)
{
    int fd = open("/tmp/mapped", O_RDWR | O_CREAT | O_TRUNC, 0600);
    char page[PAGE];

    memset(page, 'a', sizeof(page));
    for (int i = 0; i < 3; i++)
        if (write(fd, page, sizeof(page)) != sizeof(page))
            return "cannot write";
    char *private = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    char *shared = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (private == MAP_FAILED || shared == MAP_FAILED)
        return "cannot map";
    private[PAGE] = 'p';
    shared[2 * PAGE] = 's';
    char c;
    if (pread(fd, &c, 1, PAGE) != 1 || c != 'a')
        return "a private write reaches the file";
    if (pread(fd, &c, 1, 2 * PAGE) != 1 || c != 's')
        return "a shared write does not reach the file";
    if (private[2 * PAGE + 1] != 'a' || private[PAGE] != 'p')
        return "private contents are wrong";
    munmap(private, 3 * PAGE);
    munmap(shared, 3 * PAGE);
    close(fd);
    unlink("/tmp/mapped");
    return NULL;
}

const char *test_shared_anonymous(void)
{
    volatile int *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid = fork();

    if (!pid) {
        *p = 99;
        _exit(0);
    }
    wait_for(pid);
    return *p == 99 ? NULL : "the child's write does not show";
}

const char *test_large_memory(void)
{
    /* Crosses page-table and directory boundaries. */
    char *p = mmap((void *)0x3ff00000, 0x200000, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

    if (p == MAP_FAILED)
        return "cannot map";
    for (unsigned i = 0; i < 0x200000; i += PAGE)
        p[i] = (char)(i >> 12);
    for (unsigned i = 0; i < 0x200000; i += PAGE)
        if (p[i] != (char)(i >> 12))
            return "contents change";
    return munmap(p, 0x200000) ? "munmap" : NULL;
}

static int recurse(int depth)
{
    volatile char frame[1000];

    frame[0] = (char)depth;
    return depth ? recurse(depth - 1) + (frame[0] == (char)depth) : 0;
}

const char *test_stack_growth(void)
{
    return recurse(2000) == 2000 ? NULL : "contents change";
}

const char *test_bad_pointers(void)
{
    char *volatile nowhere = (char *)0x10, *volatile kernel = (char *)0xC0100000;
    if (write(1, nowhere, 5) != -1 || errno != EFAULT)
        return "write from nowhere";
    if (write(1, kernel, 5) != -1 || errno != EFAULT)
        return "write from the kernel";
    int fd = open("/dev/zero", O_RDONLY);
    if (read(fd, (void *)0xBFFFFF00, 0x1000) != -1 || errno != EFAULT)
        return "read across the end of program memory";
    close(fd);
    if (open((char *)0xFFFFFFF0, O_RDONLY) != -1 || errno != EFAULT)
        return "path at the end of memory";
    return close(1000) == -1 && errno == EBADF ? NULL : "close of nothing";
}
