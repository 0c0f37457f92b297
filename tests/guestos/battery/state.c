/* SPDX-License-Identifier: GPL-2.0-only */
/* state.c - registers and memory of its own that a process keeps across switches */
#include "tests/guestos/battery/battery.h"

const char *test_fpu(void)
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

const char *test_tls(void)
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
