/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * clocks.c - what a program sees of time; part of clocks.sh
 *
 *     clocks rate SECONDS HZ   how far both clocks are off, in millionths, after so long asleep;
 *                              HZ is the TSC's true rate
 *     clocks say TIMES         the seconds since 1970, once a second
 *     clocks set SECONDS       sets the clock; says it again
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

static double now(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void measure(unsigned seconds, double hz)
{
    uint64_t tsc = __rdtsc();
    double wall = now(CLOCK_REALTIME), steady = now(CLOCK_MONOTONIC);

    sleep(seconds);
    double passed = (double)(__rdtsc() - tsc) / hz * 1e9;

    printf("clocks: wall %.3f ppm, steady %.3f ppm, %.0f s\n",
           ((now(CLOCK_REALTIME) - wall) / passed - 1) * 1e6,
           ((now(CLOCK_MONOTONIC) - steady) / passed - 1) * 1e6, passed / 1e9);
}

int main(int count, char **words)
{
    if (count == 4 && strcmp(words[1], "rate") == 0) {
        measure((unsigned)atoi(words[2]), atof(words[3]));
    } else if (count == 3 && strcmp(words[1], "set") == 0) {
        struct timespec t = {.tv_sec = atol(words[2])};

        if (clock_settime(CLOCK_REALTIME, &t))
            perror("clocks");
        printf("clocks: %.0f\n", now(CLOCK_REALTIME) / 1e9);
    } else if (count == 3 && strcmp(words[1], "say") == 0) {
        for (int i = atoi(words[2]); i > 0; i--) {
            printf("clocks: %.0f\n", now(CLOCK_REALTIME) / 1e9);
            fflush(stdout);
            sleep(1);
        }
    } else {
        return 2;
    }
    return 0;
}
