/* SPDX-License-Identifier: GPL-2.0-only */
/* thread_end.c - threads, signals, and how processes of several threads end */
#include "tests/guestos/battery/battery.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>

static volatile pid_t handled_by;

static void note_thread(int signal)
{
    (void)signal;
    handled_by = gettid();
}

static volatile pid_t sleeper;

static void *sleep_until_signalled(void *unused)
{
    (void)unused;
    sleeper = gettid();
    while (!handled_by)
        sleep_ms(1000);
    return NULL;
}

const char *test_thread_signal(void)
{
    struct sigaction action = {.sa_handler = note_thread};
    sigset_t set, old;
    pthread_t thread;

    sigaction(SIGUSR2, &action, NULL);
    sleeper = handled_by = 0;
    if (pthread_create(&thread, NULL, sleep_until_signalled, NULL))
        return "pthread_create";
    while (!sleeper)
        sched_yield();
    pthread_kill(thread, SIGUSR2);
    pthread_join(thread, NULL);
    if (handled_by != sleeper)
        return "a signal to a thread is handled by another";
    sleeper = handled_by = 0;
    if (pthread_create(&thread, NULL, sleep_until_signalled, NULL))
        return "pthread_create";
    while (!sleeper)
        sched_yield();
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set, &old);
    kill(getpid(), SIGUSR2); /* this thread blocks it, so the other one takes it */
    pthread_join(thread, NULL);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return handled_by == sleeper ? NULL : "a thread takes a signal that it blocks";
}

static void *count_for_ever(void *counter)
{
    for (;;)
        ++*(volatile int *)counter;
    return NULL;
}

const char *test_thread_stop(void)
{
    volatile int *counter =
        mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    const char *wrong = NULL;
    int status;
    pid_t pid = fork();

    if (!pid) {
        pthread_t thread;

        pthread_create(&thread, NULL, count_for_ever, (void *)&counter[0]);
        pthread_create(&thread, NULL, count_for_ever, (void *)&counter[1]);
        for (;;)
            pause();
    }
    while (!counter[0] || !counter[1])
        sleep_ms(5);
    kill(pid, SIGSTOP);
    if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
        wrong = "a stop is not reported";
    sleep_ms(30);
    int before = counter[0], other = counter[1];
    sleep_ms(50);
    if (counter[0] != before || counter[1] != other)
        wrong = "a thread of a stopped process runs";
    kill(pid, SIGCONT);
    for (int i = 0; i < 200 && (counter[0] == before || counter[1] == other); i++)
        sleep_ms(10);
    if (counter[0] == before || counter[1] == other)
        wrong = "a thread does not go on";
    kill(pid, SIGKILL);
    status = wait_for(pid);
    munmap((void *)counter, PAGE);
    return !WIFSIGNALED(status) ? "SIGKILL" : wrong;
}

static void *end_process(void *unused)
{
    (void)unused;
    sleep_ms(10);
    exit(21);
}

static void *pause_for_ever(void *unused)
{
    for (;;)
        pause();
    return unused;
}

const char *test_thread_group_exit(void)
{
    pid_t pid = fork();

    if (!pid) {
        pthread_t thread;
        int counter;

        for (int i = 0; i < 4; i++)
            pthread_create(&thread, NULL, pause_for_ever, NULL);
        pthread_create(&thread, NULL, end_process, NULL);
        count_for_ever(&counter);
    }
    int status = wait_for(pid);
    return WIFEXITED(status) && WEXITSTATUS(status) == 21 ? NULL : "the status is wrong";
}

static void *end_later(void *counter)
{
    sleep_ms(30);
    *(volatile int *)counter = 1;
    return NULL;
}

const char *test_thread_leader_exit(void)
{
    volatile int *counter =
        mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid = fork();

    if (!pid) {
        pthread_t thread;

        pthread_create(&thread, NULL, end_later, (void *)counter);
        pthread_exit(NULL);
    }
    int status = wait_for(pid);
    bool lived = *counter;
    munmap((void *)counter, PAGE);
    return !lived ? "the process ended with its first thread" : status ? "the status" : NULL;
}

static void *fork_here(void *unused)
{
    (void)unused;
    pid_t pid = fork();
    if (!pid)
        _exit(getpid() == gettid() ? 12 : 13);
    return (void *)(intptr_t)wait_for(pid);
}

const char *test_thread_fork(void)
{
    pthread_t thread;
    void *status;

    pthread_create(&thread, NULL, fork_here, NULL);
    pthread_join(thread, &status);
    return WEXITSTATUS((int)(intptr_t)status) == 12 ? NULL
                                                    : "the child is not a process of its own";
}

static void *exec_here(void *unused)
{
    char number[16];

    snprintf(number, sizeof(number), "%d", getpid());
    execl("/proc/self/exe", "battery", "--pid", number, (char *)NULL);
    return unused;
}

const char *test_thread_exec(void)
{
    for (int round = 0; round < 4; round++) {
        pid_t pid = fork();

        if (!pid) {
            pthread_t thread;

            pthread_create(&thread, NULL, pause_for_ever, NULL);
            pthread_create(&thread, NULL, exec_here, NULL);
            if (round & 1)
                pthread_exit(NULL);
            for (;;)
                if (round & 2)
                    sched_yield();
                else
                    pause();
        }
        int status = wait_for(pid);
        if (!WIFEXITED(status) || WEXITSTATUS(status))
            return "the new program is not the process";
    }
    return NULL;
}

static int ends[2];

static void *read_here(void *unused)
{
    char c;

    (void)unused;
    sleeper = gettid();
    return (void *)(intptr_t)read(ends[0], &c, 1);
}

const char *test_thread_close(void)
{
    pthread_t thread;
    void *result;

    sleeper = 0;
    if (pipe(ends) || pthread_create(&thread, NULL, read_here, NULL))
        return "pthread_create";
    while (!sleeper)
        sched_yield();
    sleep_ms(10);
    close(ends[0]); /* the reader sleeps in it, and still has it */
    sleep_ms(10);
    if (write(ends[1], "x", 1) != 1)
        return "the pipe has no reader any more";
    pthread_join(thread, &result);
    close(ends[1]);
    return (intptr_t)result == 1 ? NULL : "the reader does not get what is written";
}

static pthread_mutex_t robust;

static void *die_with_lock(void *unused)
{
    pthread_mutex_lock(&robust);
    return unused;
}

const char *test_thread_robust(void)
{
    pthread_mutexattr_t kind;
    pthread_t thread;

    pthread_mutexattr_init(&kind);
    pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&robust, &kind);
    pthread_create(&thread, NULL, die_with_lock, NULL);
    sleep_ms(20);
    int error = pthread_mutex_lock(&robust);
    pthread_join(thread, NULL);
    return error == EOWNERDEAD ? NULL : "the next owner is not told";
}

/* Two processes that have a page at different addresses meet at its word. */
const char *test_futex_shared(void)
{
    int fd = open("/tmp/futex", O_RDWR | O_CREAT | O_TRUNC, 0600);

    if (fd < 0 || ftruncate(fd, PAGE))
        return "file";
    volatile uint32_t *word = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    pid_t pid = fork();
    if (!pid) {
        volatile uint32_t *other = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

        while (other[0] == 0)
            syscall(SYS_futex, &other[0], FUTEX_WAIT, 0, NULL, NULL, 0);
        _exit(other == word ? 1 : 0);
    }
    sleep_ms(20);
    word[0] = 1;
    long woken = syscall(SYS_futex, &word[0], FUTEX_WAKE, 1, NULL, NULL, 0);
    int status = wait_for(pid);
    munmap((void *)word, PAGE);
    close(fd);
    unlink("/tmp/futex");
    return woken != 1 ? "nobody is woken" : status ? "the waiter fails" : NULL;
}
