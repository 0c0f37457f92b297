/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * calls.c - single system calls and signals
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "workloads/latency/latency.h"

#define NAME    "/tmp/latency"
#define SOCKETS 100
#define PAGE    4096

uint64_t null_call(const struct row *row, uint32_t times, uint32_t room)
{
    uint64_t begin = cycles_now();

    (void)row, (void)room;
    for (uint32_t i = 0; i < times; i++)
        syscall(SYS_getppid);
    return cycles_now() - begin;
}

/* The mean of a byte read from /dev/zero and one written to /dev/null. */
uint64_t null_io(const struct row *row, uint32_t times, uint32_t room)
{
    int zero = must(open("/dev/zero", O_RDONLY), "/dev/zero"),
        null = must(open("/dev/null", O_WRONLY), "/dev/null");
    char byte = 0;
    uint64_t begin = cycles_now(), end;

    (void)row, (void)room;
    for (uint32_t i = 0; i < times; i++) {
        if (i % 2 ? write(null, &byte, 1) != 1 : read(zero, &byte, 1) != 1)
            give_up("a byte of null I/O");
    }
    end = cycles_now();
    close(zero);
    close(null);
    return end - begin;
}

/* By the call that C libraries of 2003 made; today's asks for 256 bytes by statx(). */
uint64_t stat_file(const struct row *row, uint32_t times, uint32_t room)
{
    uint32_t status[24]; /* struct stat64 of <asm/stat.h>: 96 bytes */
    uint64_t begin;

    (void)row, (void)room;
    make_file(NAME, PAGE);
    begin = cycles_now();
    for (uint32_t i = 0; i < times; i++)
        must((int)syscall(SYS_stat64, NAME, status), "stat");
    return cycles_now() - begin;
}

uint64_t open_close(const struct row *row, uint32_t times, uint32_t room)
{
    uint64_t begin;

    (void)row, (void)room;
    make_file(NAME, PAGE);
    begin = cycles_now();
    for (uint32_t i = 0; i < times; i++)
        must(close(must(open(NAME, O_RDONLY), "open")), "close");
    return cycles_now() - begin;
}

/* A hundred descriptors of one TCP connection, of which none is ready, with no time to wait. */
uint64_t select_tcp(const struct row *row, uint32_t times, uint32_t room)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof(address);
    int listener = must(socket(AF_INET, SOCK_STREAM, 0), "socket"),
        client = must(socket(AF_INET, SOCK_STREAM, 0), "socket"), server, copies[SOCKETS], last = 0;
    uint64_t begin, end;
    fd_set all;

    (void)row, (void)room;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must(bind(listener, (void *)&address, sizeof(address)), "bind");
    must(listen(listener, 1), "listen");
    must(getsockname(listener, (void *)&address, &length), "getsockname");
    must(connect(client, (void *)&address, sizeof(address)), "connect");
    server = must(accept(listener, NULL, NULL), "accept");
    FD_ZERO(&all);
    for (uint32_t i = 0; i < SOCKETS; i++) {
        copies[i] = must(dup(server), "dup");
        FD_SET(copies[i], &all);
        last = copies[i] > last ? copies[i] : last;
    }
    begin = cycles_now();
    for (uint32_t i = 0; i < times; i++) {
        struct timeval none = {0};
        fd_set set = all;

        if (select(last + 1, &set, NULL, NULL, &none) != 0)
            give_up("select: none is ready");
    }
    end = cycles_now();
    for (uint32_t i = 0; i < SOCKETS; i++)
        close(copies[i]);
    close(server);
    close(client);
    close(listener);
    return end - begin;
}

static volatile uint32_t signals;

static void count_signal(int number)
{
    (void)number;
    signals++;
}

uint64_t signal_install(const struct row *row, uint32_t times, uint32_t room)
{
    struct sigaction action = {.sa_handler = count_signal}, old;
    uint64_t begin = cycles_now();

    (void)row, (void)room;
    for (uint32_t i = 0; i < times; i++)
        must(sigaction(SIGUSR1, &action, &old), "sigaction");
    return cycles_now() - begin;
}

uint64_t signal_handle(const struct row *row, uint32_t times, uint32_t room)
{
    struct sigaction action = {.sa_handler = count_signal};
    pid_t self = getpid();
    uint64_t begin, end;

    (void)row, (void)room;
    must(sigaction(SIGUSR1, &action, NULL), "sigaction");
    signals = 0;
    begin = cycles_now();
    for (uint32_t i = 0; i < times; i++)
        kill(self, SIGUSR1);
    end = cycles_now();
    if (signals != times)
        give_up("signals: one for each");
    return end - begin;
}

/* ---- a write to a page that may only be read ------------------------------------------------- */

static char *protected_page;
static uint32_t faults_left;

/* The access is repeated when the handler returns, and faults again until the page is opened. */
static void count_fault(int number)
{
    (void)number;
    if (--faults_left == 0)
        must(mprotect(protected_page, PAGE, PROT_READ | PROT_WRITE), "mprotect");
}

uint64_t protection_fault(const struct row *row, uint32_t times, uint32_t room)
{
    struct sigaction action = {.sa_handler = count_fault}, old;
    uint64_t begin, end;

    (void)row, (void)room;
    must(sigaction(SIGSEGV, &action, &old), "sigaction");
    protected_page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (protected_page == MAP_FAILED || *(volatile char *)protected_page)
        give_up("a page");
    faults_left = times;
    begin = cycles_now();
    *(volatile char *)protected_page = 1;
    end = cycles_now();
    munmap(protected_page, PAGE);
    must(sigaction(SIGSEGV, &old, NULL), "sigaction");
    return end - begin;
}
