/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * forks.c - the life of many processes, and what it costs: forks N
 *
 * N times a process is forked, executes a program of a few instructions, ends and is waited for.
 * Afterwards the kernel must have as many free pages and as many objects of each size as before.
 * Then single operations are measured by the kernel's own counters (/proc/vmstat): on Xen how many
 * hypercalls they take, and how page-table updates are batched; on the bare machine there are none.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096

static char before[4096], after[4096];
static int failed;

static void verdict(const char *name, bool passed)
{
    printf("%s %s\n", passed ? "PASS" : "FAIL", name);
    failed += !passed;
}

static void read_file(const char *path, char *to)
{
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? 0 : read(fd, to, PAGE - 1);

    to[n > 0 ? n : 0] = '\0';
    close(fd);
}

/* A counter in the text of /proc/vmstat. */
static long value(const char *text, const char *name)
{
    size_t length = strlen(name);

    for (const char *line = text; *line; line = strchr(line, '\n') + 1)
        if (!strncmp(line, name, length) && line[length] == ' ')
            return atol(line + length);
    return -1;
}

static long grown(const char *name)
{
    return value(after, name) - value(before, name);
}

/* A static program that ends at once: ELF header, program header, 9 bytes of code. */
static bool write_tiny(const char *path)
{
    static const unsigned char code[] = {0x31, 0xdb, 0xb8, 1, 0, 0, 0, 0xcd, 0x80}; /* exit(0) */
    static const struct {
        unsigned char ident[16];
        uint16_t type, machine;
        uint32_t version, entry, phoff, shoff, flags;
        uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
        uint32_t p_type, p_offset, p_vaddr, p_paddr, p_filesz, p_memsz, p_flags, p_align;
    } head = {.ident = "\177ELF\1\1\1",
              .type = 2,
              .machine = 3,
              .version = 1,
              .entry = 0x08048054,
              .phoff = 52,
              .ehsize = 52,
              .phentsize = 32,
              .phnum = 1,
              .p_type = 1,
              .p_vaddr = 0x08048000,
              .p_filesz = sizeof(head) + sizeof(code),
              .p_memsz = sizeof(head) + sizeof(code),
              .p_flags = 5,
              .p_align = PAGE};
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    bool done = write(fd, &head, sizeof(head)) == sizeof(head) &&
                write(fd, code, sizeof(code)) == sizeof(code);

    return !close(fd) && done;
}

static bool fork_exec_wait(const char *program)
{
    int status = -1;
    pid_t pid = fork();

    if (!pid) {
        execl(program, program, (char *)NULL);
        _exit(1);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void many(const char *program, long n)
{
    static char objects[4096], objects_after[4096];
    long done = 0;

    fork_exec_wait(program); /* what is made once is there */
    memset(after, 1, sizeof(after));
    memset(objects_after, 1, sizeof(objects_after));
    read_file("/proc/slabinfo", objects);
    read_file("/proc/vmstat", before);
    double start = now();
    while (done < n && fork_exec_wait(program))
        if (++done % 100000 == 0)
            printf("%ld\n", done);
    double took = now() - start;
    read_file("/proc/vmstat", after);
    read_file("/proc/slabinfo", objects_after);
    printf("%ld times fork, exec, exit, wait: %.2f us each\n", done, took / (double)n * 1e6);
    printf("each: %.1f hypercalls, %.1f page-table updates in %.1f batches, %.1f page faults\n",
           (double)grown("hypercalls") / (double)n, (double)grown("pt_updates") / (double)n,
           (double)grown("mmu_batches") / (double)n, (double)grown("page_faults") / (double)n);
    printf("free pages %ld before, %ld after\n", value(before, "nr_free_pages"),
           value(after, "nr_free_pages"));
    verdict("all of them ran", done == n && grown("forks") == n && grown("execs") == n);
    verdict("as many free pages as before", grown("nr_free_pages") == 0);
    verdict("as many objects as before", objects[0] && !strcmp(objects, objects_after));
    if (strcmp(objects, objects_after))
        printf("%s%s", objects, objects_after);
}

/* Fork of a process with 2 MB of its own memory, the child's end included. */
static void large_fork(void)
{
    enum { BYTES = 2 << 20 };
    char *p = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    memset(p, 1, BYTES);
    read_file("/proc/vmstat", before); /* brings in what reading takes */
    read_file("/proc/vmstat", before);
    pid_t pid = fork();
    if (!pid)
        _exit(0);
    waitpid(pid, NULL, 0);
    read_file("/proc/vmstat", after);
    long calls = grown("hypercalls"), updates = grown("pt_updates"), batches = grown("mmu_batches");
    printf("fork of a 2 MB process, with the child's end: %ld hypercalls, %ld page-table updates\n",
           calls, updates);
    verdict("at most 40 hypercalls for that", calls <= 40);
    if (calls)
        printf("%.1f updates a batch\n", (double)updates / (double)batches);
    verdict("its page-table updates are batched", updates >= BYTES / PAGE && batches <= 30);
    munmap(p, BYTES);
}

/* Two processes that hand a byte to and fro: two switches a round. */
static void switches(void)
{
    enum { ROUNDS = 2000 };
    int there[2], back[2];
    char c = 0;

    if (pipe(there) || pipe(back))
        return;
    pid_t pid = fork();
    if (!pid) {
        close(there[1]);
        for (;;)
            if (read(there[0], &c, 1) != 1 || write(back[1], &c, 1) != 1)
                _exit(0);
    }
    close(there[0]);
    close(back[1]);
    bool good = true;
    for (int i = -10; i < ROUNDS; i++) {
        if (i == 0)
            read_file("/proc/vmstat", before);
        good = good && write(there[1], &c, 1) == 1 && read(back[0], &c, 1) == 1;
    }
    read_file("/proc/vmstat", after);
    close(there[1]);
    waitpid(pid, NULL, 0);
    close(back[0]);
    long calls = grown("hypercalls"), made = grown("context_switches");
    printf("%ld context switches, %ld hypercalls, %ld system calls\n", made, calls,
           grown("syscalls"));
    verdict("two switches a round", good && made >= 2 * ROUNDS);
    /* Timer interrupts may come in between; nothing else may. */
    verdict("a context switch is one hypercall at most", calls <= made + made / 20 + 20);
}

int main(int argc, char **argv)
{
    const char *program = "/tmp/tiny";
    long n = argc > 1 ? atol(argv[1]) : 2000;

    if (!write_tiny(program)) {
        printf("FAIL cannot write %s\n", program);
        return 1;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("%ld processes\n", n); /* the buffer's page is there before pages are counted */
    many(program, n);
    large_fork();
    switches();
    unlink(program);
    printf("forks: %s\n", failed ? "FAILED" : "all passed");
    return failed != 0;
}
