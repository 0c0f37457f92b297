/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * main.c - measures rows
 *
 *   latency all [NAME...]     every row, or these: the best of five, in thousandths of a cycle
 *   latency one NAME FACTOR   one row once, its operation FACTOR times as often, 1 or 2: what a
 *                             run of 2 costs more than one of 1 is the operation's, by cause
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workloads/latency/latency.h"

#define TRIES 5

static const struct row rows[] = {
#define ROW(...)  {__VA_ARGS__},
#define PAIR(...) {__VA_ARGS__},
#include "workloads/latency/rows.def"
#undef ROW
#undef PAIR
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

void give_up(const char *what)
{
    printf("latency: cannot have %s\n", what);
    exit(1);
}

int must(int result, const char *what)
{
    if (result < 0)
        give_up(what);
    return result;
}

void make_file(const char *name, uint32_t bytes)
{
    static const char page[4096];
    int file = must(open(name, O_CREAT | O_TRUNC | O_WRONLY, 0644), name);

    for (uint32_t done = 0; done < bytes; done += sizeof(page)) {
        if (write(file, page, sizeof(page)) != sizeof(page))
            give_up("room for a file");
    }
    close(file);
}

static uint64_t best(const struct row *row, row_function *function)
{
    uint64_t least = UINT64_MAX;

    for (uint32_t i = 0; i < TRIES; i++) {
        uint64_t cycles = function(row, row->times, row->times);

        least = cycles < least ? cycles : least;
    }
    return least * 1000 / row->times;
}

static void measure(const struct row *row)
{
    int64_t cycles = (int64_t)best(row, row->run);

    if (row->overhead)
        cycles -= (int64_t)best(row, row->overhead);
    printf("%s\t%lld\n", row->name, (long long)cycles);
    fflush(stdout);
}

static bool named(const char *name, char **names)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

int main(int argc, char **argv)
{
    mkdir("/tmp", 0777);
    if (argc >= 2 && !strcmp(argv[1], "all")) {
        for (size_t i = 0; i < ROWS; i++) {
            if (argc == 2 || named(rows[i].name, argv + 2))
                measure(&rows[i]);
        }
        return 0;
    }
    for (size_t i = 0; argc == 4 && !strcmp(argv[1], "one") && i < ROWS; i++) {
        if (strcmp(rows[i].name, argv[2]) != 0)
            continue;
        rows[i].run(&rows[i], rows[i].times * (uint32_t)atoi(argv[3]), rows[i].times * 2);
        printf("operations\t%u\n", rows[i].times * (rows[i].processes ? rows[i].processes : 1));
        return 0;
    }
    printf("latency: all, or one NAME FACTOR\n");
    return 2;
}
