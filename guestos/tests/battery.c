/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * battery.c - a ring-3 program that tries the kernel's services, one verdict a line
 *
 * An ordinary static glibc program; runs as init, so that its end ends the machine.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <dirent.h>

#define PAGE 4096

/* NULL: passed; otherwise what was wrong. */
typedef const char *(*test_function)(void);

static int wait_for(pid_t pid)
{
    int status = -1;
    return waitpid(pid, &status, 0) == pid ? status : -1;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static const char *test_fork_wait(void)
{
    pid_t pid = fork();
    if (!pid)
        _exit(42);
    int status = wait_for(pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 42)
        return "the child's status is lost";
    return wait(NULL) == -1 && errno == ECHILD ? NULL : "there is still a child";
}

static const char *test_copy_on_write(void)
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

static const char *test_fork_many(void)
{
    for (int round = 0; round < 300; round++) {
        pid_t pid = fork();
        if (pid < 0)
            return "fork fails after a while";
        if (!pid)
            _exit(round & 127);
        if (WEXITSTATUS(wait_for(pid)) != (round & 127))
            return "a status is wrong";
    }
    return NULL;
}

static const char *test_vfork(void)
{
    volatile int seen = 0;
    pid_t pid = vfork();
    if (!pid) {
        seen = 1;
        _exit(0);
    }
    wait_for(pid);
    return seen ? NULL : "the parent went on before the child ended";
}

static const char *test_exec(void)
{
    pid_t pid = fork();
    if (!pid) {
        execl("/proc/self/exe", "battery", "--exec", "two words", (char *)NULL);
        _exit(1);
    }
    int status = wait_for(pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 33)
        return "the new program did not get its arguments";
    int fd = open("/tmp/script", O_WRONLY | O_CREAT | O_TRUNC, 0755);
    dprintf(fd, "#! /sbin/init --script\nanything\n");
    close(fd);
    pid = fork();
    if (!pid) {
        execl("/tmp/script", "/tmp/script", (char *)NULL);
        _exit(1);
    }
    status = wait_for(pid);
    unlink("/tmp/script");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 34)
        return "a script's interpreter did not run";
    errno = 0;
    execl("/does/not/exist", "x", (char *)NULL);
    return errno == ENOENT ? NULL : "a missing program is not ENOENT";
}

static const char *test_brk(void)
{
    char *start = sbrk(0);
    if (sbrk(3 * PAGE + 100) != start)
        return "it does not grow";
    memset(start, 7, 3 * PAGE + 100);
    sbrk(-(2 * PAGE));
    sbrk(2 * PAGE);
    return start[0] == 7 && start[3 * PAGE + 50] == 0 ? NULL : "given back memory is not cleared";
}

static const char *test_mmap(void)
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

static const char *test_mmap_file(void)
{
    int fd = open("/tmp/mapped", O_RDWR | O_CREAT | O_TRUNC, 0600);
    char page[PAGE];
    memset(page, 'a', sizeof page);
    for (int i = 0; i < 3; i++)
        if (write(fd, page, sizeof page) != sizeof page)
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

static const char *test_shared_anonymous(void)
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

static int run_and_reap(void (*body)(void))
{
    pid_t pid = fork();
    if (!pid) {
        body();
        _exit(0);
    }
    return wait_for(pid);
}

static void write_to_null(void)
{
    *(volatile int *)8 = 1;
}

static void write_to_text(void)
{
    *(volatile char *)(uintptr_t)&write_to_text = 0;
}

static void touch_kernel(void)
{
    *(volatile int *)0xC0100000 = 1;
}

static void divide_by_zero(void)
{
    __asm__ volatile("xorl %%ecx, %%ecx; movl $1, %%eax; cltd; idivl %%ecx"
                     :
                     :
                     : "eax", "ecx", "edx");
}

static void privileged(void)
{
    __asm__ volatile("cli; hlt");
}

static void invalid(void)
{
    __asm__ volatile("ud2");
}

static void bad_selector(void)
{
    __asm__ volatile("movw %w0, %%ds" : : "r"(0x1234));
}

static void no_access(void)
{
    char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    p[0] = 1;
    mprotect(p, PAGE, PROT_READ);
    if (p[0] != 1)
        _exit(1);
    p[0] = 2;
}

static const char *test_kill_by_fault(void)
{
    static const struct {
        void (*body)(void);
        int signal;
        const char *failure;
    } cases[] = {
        {write_to_null, SIGSEGV, "a write to address 8"},
        {write_to_text, SIGSEGV, "a write to program text"},
        {touch_kernel, SIGSEGV, "a write to the kernel"},
        {divide_by_zero, SIGFPE, "a division by zero"},
        {privileged, SIGSEGV, "cli in ring 3"},
        {invalid, SIGILL, "an invalid instruction"},
        {bad_selector, SIGSEGV, "a bad selector"},
        {no_access, SIGSEGV, "a write after mprotect"},
        {abort, SIGABRT, "abort"},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int status = run_and_reap(cases[i].body);
        if (!WIFSIGNALED(status) || WTERMSIG(status) != cases[i].signal)
            return cases[i].failure;
    }
    return NULL;
}

static const char *test_bad_pointers(void)
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

static void raise_kill(void)
{
    kill(getpid(), SIGKILL);
}

static const char *test_kill(void)
{
    int raised = run_and_reap(raise_kill);
    if (!WIFSIGNALED(raised) || WTERMSIG(raised) != SIGKILL)
        return "SIGKILL to oneself";
    pid_t pid = fork();
    if (!pid)
        for (;;)
            pause();
    struct timespec t = {0, 20000000};
    nanosleep(&t, NULL);
    kill(pid, SIGTERM);
    int status = wait_for(pid);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM ? NULL
                                                              : "SIGTERM does not end a sleeper";
}

static volatile sig_atomic_t caught, caught_address;

static void catch_plain(int signal)
{
    caught = signal;
}

static void catch_info(int signal, siginfo_t *info, void *context)
{
    (void)context;
    caught = signal;
    caught_address = (int)(intptr_t)info->si_addr;
    mprotect((void *)((intptr_t)info->si_addr & -PAGE), PAGE, PROT_READ | PROT_WRITE);
}

static const char *test_signals(void)
{
    struct sigaction action = {.sa_handler = catch_plain};
    volatile double x = 1.5;
    sigaction(SIGUSR1, &action, NULL);
    kill(getpid(), SIGUSR1);
    if (caught != SIGUSR1 || x * 2 != 3.0)
        return "a handler did not run, or broke the FPU";
    sigset_t set, old;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, &old);
    caught = 0;
    raise(SIGUSR1);
    if (caught)
        return "a blocked signal arrives";
    sigprocmask(SIG_SETMASK, &old, NULL);
    if (caught != SIGUSR1)
        return "an unblocked signal does not arrive";
    struct sigaction info = {.sa_sigaction = catch_info, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &info, NULL);
    volatile char *p = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    p[100] = 1;
    signal(SIGSEGV, SIG_DFL);
    if (caught != SIGSEGV || caught_address != (int)(intptr_t)&p[100])
        return "a fault's handler does not get its address";
    /* A sleeping read is restarted after the handler of an alarm, and interrupted without SA_RESTART. */
    int end[2];
    char c;
    if (pipe(end))
        return "pipe";
    action.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &action, NULL);
    pid_t pid = fork();
    if (!pid) {
        struct timespec t = {0, 1300000000 - 1000000000};
        sleep(1);
        nanosleep(&t, NULL);
        _exit(write(end[1], "x", 1) != 1);
    }
    alarm(1);
    if (read(end[0], &c, 1) != 1 || caught != SIGALRM)
        return "a read is not restarted";
    wait_for(pid);
    action.sa_flags = 0;
    sigaction(SIGALRM, &action, NULL);
    alarm(1);
    if (read(end[0], &c, 1) != -1 || errno != EINTR)
        return "a read is not interrupted";
    close(end[0]);
    close(end[1]);
    return NULL;
}

static const char *test_stop(void)
{
    pid_t pid = fork();
    if (!pid)
        for (;;)
            pause();
    int status;
    kill(pid, SIGSTOP);
    if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status) ||
        WSTOPSIG(status) != SIGSTOP)
        return "a stop is not reported";
    kill(pid, SIGTERM);
    struct timespec t = {0, 20000000};
    nanosleep(&t, NULL);
    if (waitpid(pid, &status, WNOHANG) != 0)
        return "a stopped process acts on a signal";
    kill(pid, SIGCONT);
    status = wait_for(pid);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM ? NULL : "it does not go on";
}

static const char *test_poll(void)
{
    int end[2];
    if (pipe(end))
        return "pipe";
    struct pollfd set[2] = {{.fd = end[0], .events = POLLIN}, {.fd = end[1], .events = POLLOUT}};
    if (poll(set, 1, 20) != 0)
        return "an empty pipe is ready";
    if (poll(set, 2, 20) != 1 || set[1].revents != POLLOUT)
        return "a writer is not ready";
    pid_t pid = fork();
    if (!pid) {
        struct timespec t = {0, 30000000};
        nanosleep(&t, NULL);
        _exit(write(end[1], "x", 1) != 1);
    }
    if (poll(set, 1, 5000) != 1 || set[0].revents != POLLIN)
        return "a write does not wake the poller";
    wait_for(pid);
    close(end[1]);
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(end[0], &readable);
    struct timeval t = {1, 0};
    if (select(end[0] + 1, &readable, NULL, NULL, &t) != 1)
        return "select";
    close(end[0]);
    return NULL;
}

static const char *test_nanosleep(void)
{
    double start = now();
    struct timespec t = {0, 50000000};
    nanosleep(&t, NULL);
    double took = now() - start;
    return took >= 0.05 && took < 0.5 ? NULL : "50 ms are not 50 ms";
}

static const char *test_preemption(void)
{
    enum { SPINNERS = 4 };
    volatile int *ran = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid[SPINNERS];
    for (int i = 0; i < SPINNERS; i++) {
        pid[i] = fork();
        if (!pid[i])
            for (;;)
                ran[i]++;
    }
    struct timespec t = {0, 700000000};
    nanosleep(&t, NULL);
    for (int i = 0; i < SPINNERS; i++) {
        kill(pid[i], SIGKILL);
        wait_for(pid[i]);
    }
    for (int i = 0; i < SPINNERS; i++)
        if (!ran[i])
            return "a spinning process never ran";
    return NULL;
}

static const char *test_fpu(void)
{
    /* Several processes compute in x87 and SSE at once; none may see another's registers. */
    pid_t pid[4];
    for (int i = 0; i < 4; i++) {
        pid[i] = fork();
        if (!pid[i]) {
            volatile double x = i + 1;
            double sum = 0;
            uint32_t vector[4] = {(uint32_t)i, 2, 3, 4}, out[4];
            __asm__ volatile("movdqu %0, %%xmm5" : : "m"(vector) : "memory");
            for (int n = 0; n < 3000000; n++)
                sum += x;
            sched_yield();
            __asm__ volatile("movdqu %%xmm5, %0" : "=m"(out) : : "memory");
            _exit(sum != 3000000.0 * (i + 1) || out[0] != (uint32_t)i);
        }
    }
    int bad = 0;
    for (int i = 0; i < 4; i++)
        bad |= wait_for(pid[i]);
    return bad ? "a register changed behind a program's back" : NULL;
}

static __thread int thread_local = 5;

static const char *test_tls(void)
{
    if (thread_local != 5)
        return "thread-local data is not initialised";
    pid_t pid = fork();
    if (!pid) {
        thread_local = 6;
        sched_yield();
        _exit(thread_local != 6);
    }
    sched_yield();
    int status = wait_for(pid);
    return status || thread_local != 5 ? "thread-local data is shared after fork" : NULL;
}

static const char *test_pipe(void)
{
    int end[2];
    static char block[100000], got[100000];
    if (pipe(end))
        return "cannot make one";
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = (char)(i * 7 + i / 251);
    pid_t pid = fork();
    if (!pid) {
        close(end[0]);
        _exit(write(end[1], block, sizeof block) != sizeof block);
    }
    close(end[1]);
    size_t n = 0;
    ssize_t part;
    while ((part = read(end[0], got + n, sizeof got - n)) > 0)
        n += (size_t)part;
    close(end[0]);
    if (wait_for(pid))
        return "the writer failed";
    return n == sizeof block && !memcmp(block, got, n) ? NULL : "bytes are lost";
}

static const char *test_files(void)
{
    struct stat s;
    char buffer[64] = "";
    if (mkdir("/tmp/d", 0755) || chdir("/tmp/d"))
        return "mkdir or chdir";
    FILE *f = fopen("file", "w+");
    if (!f)
        return "fopen";
    fprintf(f, "line %d\n", 1);
    fseek(f, 10000, SEEK_SET);
    fputs("end", f);
    fclose(f);
    if (stat("/tmp/d/file", &s) || s.st_size != 10003 || !S_ISREG(s.st_mode))
        return "stat";
    int fd = open("../d/./file", O_RDONLY);
    if (pread(fd, buffer, 10, 9995) != 8 || memcmp(buffer, "\0\0\0\0\0end", 8))
        return "a hole is not zero";
    close(fd);
    if (symlink("file", "link") || readlink("link", buffer, sizeof buffer) != 4 ||
        access("link", R_OK))
        return "symbolic link";
    if (rename("file", "other") || !access("file", F_OK) || access("other", F_OK))
        return "rename";
    if (!getcwd(buffer, sizeof buffer) || strcmp(buffer, "/tmp/d"))
        return "getcwd";
    DIR *d = opendir(".");
    int names = 0;
    while (d && readdir(d))
        names++;
    if (!d || names != 4)
        return "readdir";
    closedir(d);
    if (!rmdir("/tmp/d") || errno != ENOTEMPTY)
        return "rmdir of a full directory";
    unlink("other");
    unlink("link");
    chdir("/");
    return rmdir("/tmp/d") ? "rmdir" : NULL;
}

static const char *test_large_memory(void)
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

static const char *test_stack_growth(void)
{
    return recurse(2000) == 2000 ? NULL : "contents change";
}

static const char *test_identity(void)
{
    struct utsname name;
    return uname(&name) || strcmp(name.machine, "i686") || getuid() || getpid() < 1 ? "uname or ids"
                                                                                    : NULL;
}

static const struct {
    const char *name;
    test_function function;
} tests[] = {
    {"fork and wait", test_fork_wait},
    {"copy on write", test_copy_on_write},
    {"300 forks", test_fork_many},
    {"vfork", test_vfork},
    {"exec", test_exec},
    {"brk", test_brk},
    {"mmap", test_mmap},
    {"mmap of files", test_mmap_file},
    {"shared anonymous memory", test_shared_anonymous},
    {"killed by fault", test_kill_by_fault},
    {"bad pointers", test_bad_pointers},
    {"kill", test_kill},
    {"signals", test_signals},
    {"stop and continue", test_stop},
    {"poll and select", test_poll},
    {"nanosleep", test_nanosleep},
    {"preemption", test_preemption},
    {"floating point", test_fpu},
    {"thread-local storage", test_tls},
    {"pipe", test_pipe},
    {"files", test_files},
    {"large memory", test_large_memory},
    {"stack growth", test_stack_growth},
    {"identity", test_identity},
};

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "--exec"))
        return strcmp(argv[2], "two words") ? 1 : 33;
    if (argc == 3 && !strcmp(argv[1], "--script"))
        return strcmp(argv[2], "/tmp/script") ? 1 : 34;
    int failed = 0;
    for (unsigned i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        const char *only = argc > 1 ? argv[1] : NULL;
        if (only && !strstr(tests[i].name, only))
            continue;
        const char *why = tests[i].function();
        if (why)
            printf("FAIL %s: %s\n", tests[i].name, why);
        else
            printf("PASS %s\n", tests[i].name);
        fflush(stdout);
        failed += why != NULL;
    }
    printf("battery: %s\n", failed ? "FAILED" : "all passed");
    fflush(stdout);
    return failed ? 1 : 0;
}
