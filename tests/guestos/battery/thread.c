/* SPDX-License-Identifier: GPL-2.0-only */
/* thread.c - threads that share memory: locks, and what each has of its own */
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
