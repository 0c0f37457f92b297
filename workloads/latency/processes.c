/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * processes.c - making processes, and switching between them
 */
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workloads/latency/latency.h"

#define MOST_PROCESSES 16

static void wait_for(pid_t child)
{
    int status;

    if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        give_up("a child that ends well");
}

/* A child that becomes the program, if there is one, and ends. */
static uint64_t make_processes(uint32_t times, char *const *program)
{
    uint64_t begin = cycles_now();

    for (uint32_t i = 0; i < times; i++) {
        pid_t child = must(fork(), "fork");

        if (child == 0) {
            if (program)
                execv(program[0], program);
            _exit(program ? 1 : 0);
        }
        wait_for(child);
    }
    return cycles_now() - begin;
}

uint64_t fork_process(const struct row *row, uint32_t times, uint32_t room)
{
    (void)row, (void)room;
    return make_processes(times, NULL);
}

uint64_t exec_process(const struct row *row, uint32_t times, uint32_t room)
{
    char *const program[] = {(char *)"/bin/hello", NULL};

    (void)row, (void)room;
    return make_processes(times, program);
}

/* Where there is no shell the row is 0: absent. */
uint64_t shell_process(const struct row *row, uint32_t times, uint32_t room)
{
    char *const program[] = {(char *)"/bin/sh", (char *)"-c", (char *)"/bin/hello", NULL};

    (void)row, (void)room;
    return access(program[0], X_OK) ? 0 : make_processes(times, program);
}

/* ---- a token that goes round in a ring of pipes ---------------------------------------------- */

struct ring {
    int pipe[MOST_PROCESSES][2];
    uint32_t size, words;
    volatile uint32_t *data; /* summed by each who gets the token: the process's working set */
};

/* Each process writes its own copy: pages that fork shares would be one working set for all. */
static void own_data(struct ring *ring)
{
    memset((void *)ring->data, 1, ring->words * sizeof(uint32_t));
}

static void ring_make(struct ring *ring, const struct row *row)
{
    ring->size = row->processes;
    ring->words = row->bytes / sizeof(uint32_t);
    ring->data = malloc(row->bytes + 1);
    if (!ring->data || ring->size > MOST_PROCESSES)
        give_up("a ring of processes");
    own_data(ring);
    for (uint32_t i = 0; i < ring->size; i++)
        must(pipe(ring->pipe[i]), "pipe");
}

static void ring_end(struct ring *ring)
{
    for (uint32_t i = 0; i < ring->size; i++) {
        close(ring->pipe[i][0]);
        close(ring->pipe[i][1]);
    }
    free((void *)ring->data);
}

/* Eight words a turn, so that loads and not the loop are what costs. */
static void sum(const struct ring *ring)
{
    const volatile uint32_t *p = ring->data, *end = p + ring->words;

    for (; p < end; p += 8) {
        (void)p[0], (void)p[1], (void)p[2], (void)p[3];
        (void)p[4], (void)p[5], (void)p[6], (void)p[7];
    }
}

static void pass(const struct ring *ring, uint32_t to)
{
    uint32_t token = 0;

    if (write(ring->pipe[to][1], &token, sizeof(token)) != sizeof(token))
        give_up("a token sent");
}

static void take(const struct ring *ring, uint32_t from)
{
    uint32_t token;

    if (read(ring->pipe[from][0], &token, sizeof(token)) != sizeof(token))
        give_up("a token got");
    sum(ring);
}

static uint64_t rounds(const struct ring *ring, uint32_t times)
{
    uint64_t begin = cycles_now();

    for (uint32_t i = 0; i < times; i++) {
        pass(ring, 0);
        take(ring, ring->size - 1);
    }
    return cycles_now() - begin;
}

/* What a child does until it is killed. */
__attribute__((noreturn)) static void relay(struct ring *ring, uint32_t from, uint32_t to)
{
    own_data(ring);
    for (;;) {
        take(ring, from);
        pass(ring, to);
    }
}

/* A round is as many switches as there are processes. */
uint64_t switch_ring(const struct row *row, uint32_t times, uint32_t room)
{
    pid_t child[MOST_PROCESSES];
    struct ring ring;
    uint64_t cycles;

    (void)room;
    ring_make(&ring, row);
    for (uint32_t i = 1; i < ring.size; i++) {
        child[i] = must(fork(), "fork");
        if (child[i] == 0)
            relay(&ring, i - 1, i);
    }
    rounds(&ring, 3);
    cycles = rounds(&ring, times) / ring.size;
    for (uint32_t i = 1; i < ring.size; i++) {
        kill(child[i], SIGKILL);
        waitpid(child[i], NULL, 0);
    }
    ring_end(&ring);
    return cycles;
}

/* The same pipes and sums by one process: what is not the switch's. */
uint64_t switch_alone(const struct row *row, uint32_t times, uint32_t room)
{
    struct ring ring;
    uint64_t begin, cycles;

    (void)room;
    ring_make(&ring, row);
    begin = cycles_now();
    for (uint32_t i = 0; i < times; i++) {
        for (uint32_t k = 0; k < ring.size; k++) {
            pass(&ring, k);
            take(&ring, k);
        }
    }
    cycles = (cycles_now() - begin) / ring.size;
    ring_end(&ring);
    return cycles;
}
