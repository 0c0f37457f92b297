/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * main.c - the battery: a ring-3 program that tries the kernel's services, one verdict a line
 *
 * An ordinary static glibc program; runs as init, so that its end ends the machine. With an
 * argument it runs only the tests whose names contain it.
 */
#include "tests/guestos/battery/battery.h"
#include "tests/guestos/verdict.h"

static const struct test tests[] = {
#define TEST(name, function) {name, function},
#include "tests/guestos/battery/tests.def"
#undef TEST
};

int wait_for(pid_t pid)
{
    int status = -1;

    return waitpid(pid, &status, 0) == pid ? status : -1;
}

int run_and_reap(void (*body)(void))
{
    pid_t pid = fork();

    if (!pid) {
        body();
        _exit(0);
    }
    return wait_for(pid);
}

double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

void sleep_ms(int milliseconds)
{
    struct timespec t = {milliseconds / 1000, milliseconds % 1000 * 1000000};

    nanosleep(&t, NULL);
}

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "--exec"))
        return strcmp(argv[2], "two words") ? 1 : 33;
    if (argc == 3 && !strcmp(argv[1], "--script"))
        return strcmp(argv[2], "/tmp/script") ? 1 : 34;
    if (argc == 3 && !strcmp(argv[1], "--path"))
        return was_started_from(argv[2]) ? 35 : 1;
    if (argc == 3 && !strcmp(argv[1], "--pid"))
        return atoi(argv[2]) != getpid() || getpid() != gettid();
    int failed = run_tests(tests, sizeof(tests) / sizeof(tests[0]), argc > 1 ? argv[1] : NULL);
    return conclude("battery", failed);
}
