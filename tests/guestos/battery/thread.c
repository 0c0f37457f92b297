/* SPDX-License-Identifier: GPL-2.0-only */
/* thread.c - threads that share memory, by the C library's pthreads and by clone() and futex() */
#include "tests/guestos/battery/battery.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>

enum { THREADS = 8 };

static volatile int shared;

static void *set_shared(void *value)
{
    shared = (int)(intptr_t)value;
    errno = 77; /* each thread's own */
    return (void *)(intptr_t)(getpid() == gettid() ? 0 : getpid());
}

const char *test_thread_shared(void)
{
    pthread_t thread;
    void *result;

    errno = 0;
    if (pthread_create(&thread, NULL, set_shared, (void *)5))
        return "pthread_create";
    if (pthread_join(thread, &result))
        return "pthread_join";
    if (shared != 5)
        return "a thread's store does not show";
    if ((intptr_t)result != getpid())
        return "process and thread numbers";
    return errno ? "errno is not the thread's own" : NULL;
}

/* ---- locks ----------------------------------------------------------------------------------- */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static volatile int counted, inside;

static void *count_up(void *unused)
{
    (void)unused;
    for (int i = 0; i < 2000; i++) {
        pthread_mutex_lock(&mutex);
        if (inside++)
            counted = -1000000;
        int seen = counted;
        if (i % 64 == 0)
            sched_yield(); /* with the lock held: the others have to wait in the kernel */
        counted = seen + 1;
        inside--;
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

const char *test_thread_mutex(void)
{
    pthread_t thread[THREADS];

    counted = inside = 0;
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&thread[i], NULL, count_up, NULL))
            return "pthread_create";
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    return counted == THREADS * 2000 ? NULL : "two threads were inside at once";
}

static int turn;

static void *take_turns(void *which)
{
    int me = (int)(intptr_t)which;

    for (int round = 0; round < 20; round++) {
        pthread_mutex_lock(&mutex);
        while (turn % THREADS != me)
            pthread_cond_wait(&condition, &mutex);
        turn++;
        pthread_cond_broadcast(&condition);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

const char *test_thread_condition(void)
{
    pthread_t thread[THREADS];

    turn = 0;
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&thread[i], NULL, take_turns, (void *)(intptr_t)i))
            return "pthread_create";
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    return turn == THREADS * 20 ? NULL : "turns are lost";
}

const char *test_thread_timeout(void)
{
    struct timespec until;
    double start = now();

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 50000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&mutex);
    int error = pthread_cond_timedwait(&condition, &mutex, &until);
    pthread_mutex_unlock(&mutex);
    if (error != ETIMEDOUT)
        return "a wait for nothing does not time out";
    if (now() - start < 0.045 || now() - start > 2)
        return "50 ms are not 50 ms";
    struct timespec amount = {0, 20000000};
    static uint32_t word = 1;
    if (syscall(SYS_futex, &word, FUTEX_WAIT, 1, &amount, NULL, 0) != -1 || errno != ETIMEDOUT)
        return "FUTEX_WAIT does not time out";
    if (syscall(SYS_futex, &word, FUTEX_WAIT, 2, NULL, NULL, 0) != -1 || errno != EAGAIN)
        return "FUTEX_WAIT waits for a word that has changed";
    return NULL;
}

/* ---- what each thread has of its own --------------------------------------------------------- */

static __thread int own[4] = {9, 9, 9, 9};

static void *keep_state(void *which)
{
    int me = (int)(intptr_t)which;
    uint32_t vector[4] = {(uint32_t)me, 2, 3, 4}, out[4];
    volatile double x = me + 1;
    double sum = 0;

    if (own[2] != 9)
        return "not initialised";
    own[2] = me;
    for (int round = 0; round < 200; round++) {
        __asm__ volatile("movdqu %0, %%xmm5" : : "m"(vector) : "memory");
        sched_yield();
        for (int n = 0; n < 500; n++)
            sum += x;
        __asm__ volatile("movdqu %%xmm5, %0" : "=m"(out) : : "memory");
        if (own[2] != me || out[0] != (uint32_t)me)
            return "changed";
    }
    return sum == 100000.0 * (me + 1) ? NULL : "the sum is wrong";
}

const char *test_thread_state(void)
{
    pthread_t thread[THREADS];
    void *wrong = NULL, *result;

    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&thread[i], NULL, keep_state, (void *)(intptr_t)i))
            return "pthread_create";
    for (int i = 0; i < THREADS; i++) {
        pthread_join(thread[i], &result);
        wrong = result ? result : wrong;
    }
    return own[2] != 9 ? "the first thread's changed" : wrong;
}

static void *add_one(void *unused)
{
    (void)unused;
    __atomic_fetch_add(&shared, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

const char *test_thread_many(void)
{
    enum { AT_ONCE = 60, ROUNDS = 6 };
    pthread_t thread[AT_ONCE];
    pthread_attr_t small;

    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 16384);
    shared = 0;
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < AT_ONCE; i++)
            if (pthread_create(&thread[i], &small, add_one, NULL))
                return "pthread_create";
        for (int i = 0; i < AT_ONCE; i++)
            pthread_join(thread[i], NULL);
    }
    return shared == AT_ONCE * ROUNDS ? NULL : "some never ran";
}

/*
 * One thread maps and unmaps a page that the other writes to: each time that one must fault or find
 * the page that is there now, on whatever processor it runs.
 */
static volatile bool over;

static void *write_and_check(void *address)
{
    volatile char *page = address;

    while (!over)
        for (int i = 1; i < PAGE; i += 512)
            page[i]++;
    return NULL;
}

const char *test_thread_unmap(void)
{
    pthread_t thread;
    char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const char *wrong = NULL;

    over = false;
    if (page == MAP_FAILED || pthread_create(&thread, NULL, write_and_check, page))
        return "pthread_create";
    for (int round = 0; round < 100 && !wrong; round++) {
        if (mmap(page, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
                 0) != page)
            wrong = "mmap";
        /* The frame that was given up is likely the next one that is given out. */
        volatile char *other =
            mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        other[0] = 1;
        if (round % 20 == 0)
            sleep_ms(1);
        for (int i = 1; i < PAGE; i += 512)
            if (other[i])
                wrong = "a thread writes to a page that is no longer its";
        munmap((void *)other, PAGE);
    }
    over = true;
    pthread_join(thread, NULL);
    munmap(page, PAGE);
    return wrong;
}

/* ---- signals and the end --------------------------------------------------------------------- */

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
