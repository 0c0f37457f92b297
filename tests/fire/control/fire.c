/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fire DOMAINS SEEDS CALLS FIRST: Domain 0's part of `make fuzz`
 *
 * Starts the neighbour and keeps DOMAINS fuzzing domains running, each with the next seed from
 * FIRST on and CALLS calls to make, until SEEDS of them have made all their calls and said so. One
 * that died of what it did, or put itself to sleep for good, is destroyed, and the next seed takes
 * its place. Meanwhile they are paused, given their registers anew, and one in four of them is
 * destroyed as it runs (disturb.c). The neighbour must live to the end. The last DOMAINS to finish
 * are not destroyed, nor is the neighbour: the audit at the machine's end finds them with all their
 * tables.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fire/control/disturb.h"
#include "workloads/dom0/xl/domains.h"
#include "workloads/dom0/xl/hypercall.h"

#define POLL_MICROSECONDS 2000
#define FINISHED          5 /* reason of a domain that has made all its calls (guest/fuzz.h) */
#define DEATHS_MOST       100000
#define NUMBERS           1024 /* more than there can be domains */
#define DISTURBED         4    /* times between two looks */
#define VICTIMS           4    /* one seed in so many need not live */
#define ASLEEP            50   /* looks in a row at a domain that has not run since */

static unsigned domains, seeds;
static unsigned running, finished, died, next_seed;
static bool kept[NUMBERS];
static bool neighbour_lives;

static bool xl(char *const words[])
{
    int status;
    pid_t child;

    fflush(NULL);
    child = fork();
    if (child == 0) {
        execv("/sbin/xl", words);
        _exit(127);
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

static bool create(const char *name, const char *kernel, const char *extra)
{
    char words[3][128];

    snprintf(words[0], sizeof(words[0]), "name=%s", name);
    snprintf(words[1], sizeof(words[1]), "kernel=/boot/%s", kernel);
    snprintf(words[2], sizeof(words[2]), "extra=%s", extra);
    return xl((char *[]){"xl", "create", words[0], words[1], words[2], NULL});
}

static bool destroy(const char *which)
{
    return xl((char *[]){"xl", "destroy", (char *)which, NULL});
}

/* Whether a domain has not run for long. */
static bool sleeps(const struct xen_domctl_getdomaininfo *info)
{
    static struct {
        uint64_t time;
        unsigned looks;
    } seen[NUMBERS];
    unsigned i = info->domain % NUMBERS;

    if (seen[i].time != info->cpu_time)
        seen[i].looks = 0;
    seen[i].time = info->cpu_time;
    return ++seen[i].looks > ASLEEP;
}

/* One domain that has ended is counted and destroyed; then the list is looked at anew. */
static bool look(const struct xen_domctl_getdomaininfo *info, void *context)
{
    int *ended = context;
    char name[17];

    /* One that has been destroyed stays for as long as another maps its frames. */
    if (info->domain == 0 || kept[info->domain % NUMBERS] || (info->flags & XEN_DOMINF_dying))
        return true;
    domains_name(info, name);
    if (strcmp(name, "neighbour") == 0) {
        neighbour_lives = !(info->flags & XEN_DOMINF_shutdown);
    } else if (*ended < 0 && ((info->flags & XEN_DOMINF_shutdown) || sleeps(info))) {
        unsigned reason = info->flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask;

        *ended = info->domain;
        if ((info->flags & XEN_DOMINF_shutdown) && reason == FINISHED)
            finished++;
        else
            died++;
    }
    return true;
}

static bool look_around(void)
{
    char number[12];
    int ended;

    do {
        unsigned before = finished;

        ended = -1;
        neighbour_lives = false;
        if (!domains_each(0, look, &ended))
            return false;
        if (ended < 0)
            break;
        running--;
        snprintf(number, sizeof(number), "%d", ended);
        kept[ended % NUMBERS] = finished > before && finished + domains > seeds;
        if (!kept[ended % NUMBERS] && !destroy(number))
            return false;
    } while (true);
    return true;
}

/* The fuzzing domains that have not ended. */
struct alive {
    unsigned count;
    struct {
        domid_t id;
        bool victim;
    } domain[NUMBERS];
};

static bool note_alive(const struct xen_domctl_getdomaininfo *info, void *context)
{
    struct alive *alive = context;
    char name[17];
    unsigned seed;

    domains_name(info, name);
    if (info->domain == 0 || (info->flags & (XEN_DOMINF_dying | XEN_DOMINF_shutdown)) ||
        sscanf(name, "fuzz-%u", &seed) != 1)
        return true;
    alive->domain[alive->count].id = info->domain;
    alive->domain[alive->count++].victim = seed % VICTIMS == 0;
    return true;
}

static bool disturb_one(void)
{
    static unsigned turn;
    static struct alive alive;
    char number[12];
    unsigned i;

    alive.count = 0;
    if (!domains_each(0, note_alive, &alive))
        return false;
    if (alive.count == 0)
        return true;
    i = turn++ % alive.count;
    if (!disturb(alive.domain[i].id, alive.domain[i].victim))
        return true;
    running--;
    snprintf(number, sizeof(number), "%d", alive.domain[i].id);
    return destroy(number);
}

int main(int count, char **words)
{
    if (count != 5 || hypercall_open()) {
        fprintf(stderr, "usage: fire DOMAINS SEEDS CALLS FIRST\n");
        return 2;
    }
    domains = (unsigned)atoi(words[1]);
    seeds = (unsigned)atoi(words[2]);
    next_seed = (unsigned)atoi(words[4]);
    disturb_seed(next_seed);
    bool good = create("neighbour", "neighbour", "");

    while (good && finished < seeds && died < DEATHS_MOST) {
        while (good && running < domains && finished + running < seeds) {
            char name[32], extra[64];

            snprintf(name, sizeof(name), "fuzz-%u", next_seed);
            snprintf(extra, sizeof(extra), "seed=%u calls=%s", next_seed, words[3]);
            good = create(name, "fuzz", extra);
            next_seed++;
            running++;
        }
        usleep(POLL_MICROSECONDS);
        good = good && look_around() && neighbour_lives;
        for (unsigned i = 0; good && i < DISTURBED; i++)
            good = disturb_one();
    }
    disturb_end();
    printf("fire: %u pauses, %u contexts set, %u refused, %u made, %u destroyed as they ran\n",
           disturbances.pauses, disturbances.contexts, disturbances.refused, disturbances.created,
           disturbances.destroyed);
    printf("fire: %u of %u seeds finished, %u died, the neighbour %s\n", finished, seeds, died,
           neighbour_lives ? "lives" : "has ended");
    return !(good && neighbour_lives && finished >= seeds);
}
