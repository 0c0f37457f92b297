/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * top.c - xl top: who has the processors, again and again
 *
 * A share is the processor time since the last look over the time that passed. On a terminal the
 * screen is painted anew until q is typed; elsewhere, and with -b, one table follows the other.
 */
#include <ctype.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "workloads/dom0/commands/commands.h"
#include "workloads/dom0/xl/domains.h"
#include "workloads/dom0/xl/hypercall.h"

#define DOMAINS_SEEN 1024

struct look {
    uint64_t now, before;            /* clock, ns; before: 0 at first */
    uint64_t cpu_time[DOMAINS_SEEN]; /* by number */
    unsigned domains, running, paused;
    uint64_t total_pages;
};

static uint64_t clock_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Tenths of a percent of one processor. */
static unsigned share(const struct look *look, uint64_t used)
{
    uint64_t passed = look->now - look->before;

    return passed ? (unsigned)(used * 1000 / passed) : 0;
}

static bool show_one(const struct xen_domctl_getdomaininfo *info, void *context)
{
    struct look *look = context;
    char name[17], state[STATE_BYTES];
    unsigned slot = info->domain % DOMAINS_SEEN;
    uint64_t last = look->cpu_time[slot];
    unsigned cpu = look->before && info->cpu_time >= last ? share(look, info->cpu_time - last) : 0;
    unsigned memory =
        look->total_pages ? (unsigned)(info->tot_pages * 1000 / look->total_pages) : 0;

    domains_name(info, name);
    state_letters(info, state);
    printf("%-16s %s %10lu %6u.%u %10lu %6u.%u %5u\n", name, state,
           (unsigned long)(info->cpu_time / 1000000000u), cpu / 10, cpu % 10,
           (unsigned long)info->tot_pages * 4, memory / 10, memory % 10, info->nr_online_vcpus);
    look->cpu_time[slot] = info->cpu_time;
    return true;
}

static bool count_one(const struct xen_domctl_getdomaininfo *info, void *context)
{
    struct look *look = context;

    look->domains++;
    look->running += (info->flags & XEN_DOMINF_running) != 0;
    look->paused += (info->flags & XEN_DOMINF_paused) != 0;
    return true;
}

static bool show(struct look *look)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_physinfo};
    const struct xen_sysctl_physinfo *p = &op.u.physinfo;

    look->domains = look->running = look->paused = 0;
    if (hypercall_sysctl(&op) < 0 || !domains_each(0, count_one, look))
        return false;
    look->total_pages = p->total_pages;
    look->now = clock_now();
    printf("%u domains: %u running, %u paused\n", look->domains, look->running, look->paused);
    printf("Mem: %luk total, %luk used, %luk free    CPUs: %u @ %uMHz\n",
           (unsigned long)p->total_pages * 4, (unsigned long)(p->total_pages - p->free_pages) * 4,
           (unsigned long)p->free_pages * 4, p->nr_cpus, p->cpu_khz / 1000);
    printf("%-16s %6s %10s %8s %10s %8s %5s\n", "NAME", "STATE", "CPU(sec)", "CPU(%)", "MEM(k)",
           "MEM(%)", "VCPUS");
    if (!domains_each(0, show_one, look))
        return false;
    look->before = look->now;
    fflush(stdout);
    return true;
}

/* Waits; false if q was typed. */
static bool wait(bool keys, unsigned milliseconds)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    char key;

    if (!keys) {
        usleep(milliseconds * 1000);
        return true;
    }
    return poll(&input, 1, (int)milliseconds) <= 0 || read(STDIN_FILENO, &key, 1) != 1 ||
           (key != 'q' && key != 'Q' && key != 3);
}

static int watch(bool screen, unsigned milliseconds, unsigned times)
{
    static struct look look;
    bool good = true;

    for (unsigned i = 0; good && (times == 0 || i < times); i++) {
        if (i > 0 && !wait(screen, milliseconds))
            break;
        if (screen)
            printf("\033[H\033[J");
        else if (i > 0)
            putchar('\n');
        good = show(&look);
        if (screen)
            printf("q ends\n");
        fflush(stdout);
    }
    return !good;
}

static bool parse(const char *text, unsigned long most, unsigned *value)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    *value = (unsigned)n;
    return isdigit((unsigned char)*text) && !*end && n > 0 && n <= most;
}

int command_top(int count, char **words)
{
    bool batch = false;
    unsigned seconds = 3, times = 0;

    for (int i = 0; i < count; i++) {
        bool more = i + 1 < count;

        if (strcmp(words[i], "-b") == 0 || strcmp(words[i], "--batch") == 0)
            batch = true;
        else if (strcmp(words[i], "-d") == 0 && more && parse(words[i + 1], 3600, &seconds))
            i++;
        else if (strcmp(words[i], "-i") == 0 && more && parse(words[i + 1], 1000000, &times))
            i++;
        else
            return 2;
    }
    struct termios kept, raw;
    bool screen = !batch && isatty(STDOUT_FILENO) && tcgetattr(STDIN_FILENO, &kept) == 0;

    if (screen) {
        raw = kept;
        raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
        tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    }
    int status = watch(screen, seconds * 1000, times);

    if (screen)
        tcsetattr(STDIN_FILENO, TCSANOW, &kept);
    return status;
}
