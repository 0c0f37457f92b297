/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * control.c - xl shutdown, reboot, sysrq and mem-set: a domain is asked, by nodes of the store
 *
 * The kernel of the domain watches control/shutdown, control/sysrq and memory/target; it takes a
 * word out of the first two when it has seen it. One that does not watch goes on as before, which
 * is said here after a while: xl destroy needs nobody's consent.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workloads/dom0/commands/commands.h"
#include "workloads/dom0/xl/domains.h"
#include "workloads/dom0/xl/hypercall.h"
#include "workloads/dom0/xl/store.h"

#define LOOK_US  20000
#define SEEN_US  3000000  /* for a word to be taken */
#define ENDED_US 60000000 /* for a domain to end, with -w */

struct question {
    const char *word; /* for control/shutdown */
    bool wait;        /* until the domain has ended */
    bool all;
    int status;
};

static bool write_node(unsigned domain, const char *name, const char *value)
{
    char path[64];
    int error = store_open();

    snprintf(path, sizeof(path), "/local/domain/%u/%s", domain, name);
    if (!error)
        error = store_write(0, path, value);
    if (error < 0)
        fprintf(stderr, "xl: domain %u cannot be asked, which needs xend: %s\n", domain,
                strerror(-error));
    return error >= 0;
}

static bool has_ended(unsigned domain)
{
    struct xen_domctl_getdomaininfo info;

    return !domains_info(domain, &info) || info.flags & (XEN_DOMINF_shutdown | XEN_DOMINF_dying);
}

/* The word is gone from the node, or the domain is. */
static bool was_seen(unsigned domain, const char *node)
{
    char value[32];

    return has_ended(domain) || !store_of_domain(domain, node, value, sizeof(value)) || !*value;
}

static bool wait_seen(unsigned domain, const char *node)
{
    for (unsigned waited = 0; waited < SEEN_US; waited += LOOK_US) {
        if (was_seen(domain, node))
            return true;
        usleep(LOOK_US);
    }
    fprintf(stderr,
            "xl: domain %u has not taken notice of it; perhaps its kernel does not watch %s\n",
            domain, node);
    return false;
}

static bool wait_ended(unsigned domain)
{
    for (unsigned waited = 0; waited < ENDED_US; waited += LOOK_US) {
        if (has_ended(domain))
            return true;
        usleep(LOOK_US);
    }
    fprintf(stderr, "xl: domain %u has not ended within a minute\n", domain);
    return false;
}

static bool ask(const struct xen_domctl_getdomaininfo *info, void *context)
{
    struct question *q = context;

    if (info->domain == 0)
        return true;
    if (has_ended(info->domain)) {
        fprintf(stderr, "xl: domain %u has ended already; xl destroy removes it\n", info->domain);
        q->status |= !q->all;
        return true;
    }
    if (!write_node(info->domain, "control/shutdown", q->word) ||
        !wait_seen(info->domain, "control/shutdown") || (q->wait && !wait_ended(info->domain)))
        q->status = 1;
    return true;
}

static int ask_to_end(const char *word, int count, char **words)
{
    struct question q = {.word = word};

    for (; count > 0 && words[0][0] == '-'; count--, words++)
        if (strcmp(words[0], "-w") == 0 || strcmp(words[0], "--wait") == 0)
            q.wait = true;
        else if (strcmp(words[0], "-a") == 0 || strcmp(words[0], "--all") == 0)
            q.all = true;
        else
            return 2;
    if (q.all ? count != 0 : count != 1)
        return 2;
    if (!q.all && strcmp(words[0], "0") == 0) {
        fprintf(stderr, "xl: Domain 0 ends by poweroff or reboot\n");
        return 1;
    }
    return for_each_named(count, words, ask, &q) || q.status;
}

int command_shutdown(int count, char **words)
{
    return ask_to_end("poweroff", count, words);
}

int command_reboot(int count, char **words)
{
    return ask_to_end("reboot", count, words);
}

int command_sysrq(int count, char **words)
{
    int domain;

    if (count != 2 || strlen(words[1]) != 1)
        return 2;
    domain = domains_find(words[0]);
    return domain < 0 || !write_node((unsigned)domain, "control/sysrq", words[1]) ||
           !wait_seen((unsigned)domain, "control/sysrq");
}

/* "64", "64m", "65536k", "1g": in KB. */
static bool parse_memory(const char *text, unsigned long *kilobytes)
{
    char *end;
    unsigned long value = strtoul(text, &end, 0);
    unsigned shift = 10;

    if (!isdigit((unsigned char)*text) || value == 0 || value > 4194304)
        return false;
    switch (tolower((unsigned char)*end)) {
    case 'k':
        shift = 0;
        end++;
        break;
    case 'g':
        shift = 20;
        end++;
        break;
    case 'm':
        end++;
        break;
    default: /* MB, as in xl */
        break;
    }
    *kilobytes = value << shift;
    return !*end && *kilobytes >> shift == value && *kilobytes <= 4194304;
}

int command_mem_set(int count, char **words)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_max_mem};
    unsigned long kilobytes;
    char text[24];
    int domain;

    if (count != 2)
        return 2;
    if (!parse_memory(words[1], &kilobytes)) {
        fprintf(stderr, "xl: '%s' is no amount of memory, as 64 or 64m, up to 4g\n", words[1]);
        return 1;
    }
    domain = domains_find(words[0]);
    if (domain < 0)
        return 1;
    snprintf(text, sizeof(text), "%lu", kilobytes);
    if (!write_node((unsigned)domain, "memory/target", text))
        return 1;
    op.domain = (domid_t)domain;
    op.u.max_mem.max_memkb = kilobytes;
    long result = hypercall_domctl(&op);

    if (result < 0)
        fprintf(stderr, "xl: the memory of domain %d cannot be bounded: %s\n", domain,
                strerror((int)-result));
    return result < 0;
}
