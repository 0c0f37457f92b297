/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * files.c - files made and deleted, mapped, and touched
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "workloads/latency/latency.h"

#define PAGE        4096
#define MOST_NAMES  200
#define MAPPED_NAME "/tmp/mapped"
#define MAP_STEP    16384 /* lmbench touches a byte in so many, in a tenth of the file */
#define MAP_PART    10

static char names[MOST_NAMES][24];
static char contents[10240];

/* Names of `room` files, of which none is there. */
static void make_names(uint32_t room)
{
    if (room > MOST_NAMES)
        give_up("fewer files");
    for (uint32_t i = 0; i < room; i++) {
        snprintf(names[i], sizeof(names[i]), "/tmp/file%u", i);
        unlink(names[i]);
    }
}

static void create(uint32_t count, uint32_t bytes)
{
    for (uint32_t i = 0; i < count; i++) {
        int file = must(creat(names[i], 0666), "creat");

        if (bytes && write(file, contents, bytes) != (ssize_t)bytes)
            give_up("a file written");
        close(file);
    }
}

uint64_t create_files(const struct row *row, uint32_t times, uint32_t room)
{
    uint64_t begin;

    make_names(room);
    begin = cycles_now();
    create(times, row->bytes);
    return cycles_now() - begin;
}

uint64_t delete_files(const struct row *row, uint32_t times, uint32_t room)
{
    uint64_t begin;

    make_names(room);
    create(room, row->bytes);
    begin = cycles_now();
    for (uint32_t i = 0; i < times; i++)
        must(unlink(names[i]), "unlink");
    return cycles_now() - begin;
}

static int mapped_file(uint32_t bytes)
{
    make_file(MAPPED_NAME, bytes);
    return must(open(MAPPED_NAME, O_RDWR), "open");
}

static volatile char *map(int file, uint32_t bytes)
{
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);

    if (at == MAP_FAILED)
        give_up("a mapping");
    return at;
}

uint64_t map_file(const struct row *row, uint32_t times, uint32_t room)
{
    int file = mapped_file(row->bytes);
    uint64_t begin = cycles_now(), end;

    (void)room;
    for (uint32_t i = 0; i < times; i++) {
        volatile char *at = map(file, row->bytes);

        for (uint32_t offset = 0; offset < row->bytes / MAP_PART; offset += MAP_STEP)
            at[offset] = 1;
        munmap((void *)at, row->bytes);
    }
    end = cycles_now();
    close(file);
    return end - begin;
}

/* Pages of a file that memory holds, each for the first time in this mapping. */
uint64_t page_fault(const struct row *row, uint32_t times, uint32_t room)
{
    int file = mapped_file(room * PAGE);
    volatile char *at = map(file, room * PAGE);
    uint64_t begin = cycles_now(), end;

    (void)row;
    for (uint32_t i = 0; i < times; i++)
        (void)at[i * PAGE];
    end = cycles_now();
    munmap((void *)at, room * PAGE);
    close(file);
    return end - begin;
}
