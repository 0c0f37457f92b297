/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pingpong ROUNDS: two processes hand a byte to and fro, two switches between address spaces a
 * round.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void hand_back(int from, int to)
{
    char byte;

    while (read(from, &byte, 1) == 1 && write(to, &byte, 1) == 1)
        ;
    _exit(0);
}

int main(int count, char **words)
{
    int there[2], back[2], rounds = count > 1 ? atoi(words[1]) : 1000;
    struct timespec begin, end;
    char byte = 0;

    if (pipe(there) || pipe(back))
        return 1;
    if (fork() == 0) {
        close(there[1]);
        hand_back(there[0], back[1]);
    }
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (int i = 0; i < rounds; i++)
        if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
            return 1;
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("pingpong: %d rounds, %.0f ns a switch\n", rounds,
           ((double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec)) /
               rounds / 2);
    return 0;
}
