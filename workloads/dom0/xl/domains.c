/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * domains.c - finding, pausing, unpausing and destroying domains
 *
 * There is no database of domains beside the hypervisor: a domain's name is kept in its handle, the
 * sixteen bytes that it stores for us.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/dom0/xl/domains.h"
#include "workloads/dom0/xl/hypercall.h"
#include "workloads/dom0/xl/introduce.h"

#define LIST_BATCH 64

bool domains_each(domid_t first, bool (*act)(const struct xen_domctl_getdomaininfo *, void *),
                  void *context)
{
    static struct xen_domctl_getdomaininfo info[LIST_BATCH];

    while (1) {
        struct xen_sysctl op = {.cmd = XEN_SYSCTL_getdomaininfolist};

        memset(info, 0, sizeof(info)); /* present, for the hypervisor to write to */
        op.u.getdomaininfolist.first_domain = first;
        op.u.getdomaininfolist.max_domains = LIST_BATCH;
        set_xen_guest_handle(op.u.getdomaininfolist.buffer, info);
        long result = hypercall_sysctl(&op);

        if (result < 0) {
            fprintf(stderr, "xl: the hypervisor does not list its domains: %s\n",
                    strerror((int)-result));
            return false;
        }
        uint32_t count = op.u.getdomaininfolist.num_domains;

        if (count > LIST_BATCH)
            count = LIST_BATCH;
        for (uint32_t i = 0; i < count; i++)
            if (!act(&info[i], context))
                return false;
        if (count < LIST_BATCH)
            return true;
        first = (domid_t)(info[count - 1].domain + 1);
    }
}

bool domains_info(unsigned domain, struct xen_domctl_getdomaininfo *info)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_getdomaininfo, .domain = (domid_t)domain};

    if (hypercall_domctl(&op) < 0 || op.domain != domain)
        return false;
    *info = op.u.getdomaininfo;
    return true;
}

void domains_name(const struct xen_domctl_getdomaininfo *info, char name[17])
{
    memcpy(name, info->handle, 16);
    name[16] = '\0';
    for (char *c = name; *c; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
    if (!*name)
        strcpy(name, info->domain == 0 ? "Domain-0" : "-");
}

struct wanted {
    const char *word;
    int domain;
};

static bool match(const struct xen_domctl_getdomaininfo *info, void *context)
{
    struct wanted *w = context;
    char name[17], number[12];

    domains_name(info, name);
    snprintf(number, sizeof(number), "%u", info->domain);
    if (strcmp(name, w->word) == 0 || strcmp(number, w->word) == 0)
        w->domain = info->domain;
    return w->domain < 0;
}

int domains_find(const char *word)
{
    struct wanted w = {word, -1};

    if (domains_each(0, match, &w) && w.domain < 0)
        fprintf(stderr, "xl: there is no domain '%s'\n", word);
    return w.domain;
}

bool domains_named(const char *name)
{
    struct wanted w = {name, -1};

    domains_each(0, match, &w);
    return w.domain >= 0;
}

/* ---- commands on one domain, or on all but Domain 0 ------------------------------------------ */

struct order {
    uint32_t command;
    const char *verb;
};

static bool carry_out(const struct order *o, domid_t domain)
{
    struct xen_domctl op = {.cmd = o->command, .domain = domain};

    if (o->command == XEN_DOMCTL_destroydomain)
        withdraw_domain(domain);
    long result = hypercall_domctl(&op);

    if (result < 0)
        fprintf(stderr, "xl: domain %u cannot be %s: %s\n", domain, o->verb,
                strerror((int)-result));
    return result >= 0;
}

bool domains_destroy(domid_t domain)
{
    return carry_out(&(struct order){XEN_DOMCTL_destroydomain, "destroyed"}, domain);
}

static bool carry_out_on(const struct xen_domctl_getdomaininfo *info, void *context)
{
    return carry_out(context, info->domain);
}

static int give_order(struct order o, int count, char **words)
{
    if (count != 1)
        return 2;
    if (strcmp(words[0], "all") == 0)
        return !domains_each(1, carry_out_on, &o);
    int domain = domains_find(words[0]);

    return domain < 0 || !carry_out(&o, (domid_t)domain);
}

int command_pause(int count, char **words)
{
    return give_order((struct order){XEN_DOMCTL_pausedomain, "paused"}, count, words);
}

int command_unpause(int count, char **words)
{
    return give_order((struct order){XEN_DOMCTL_unpausedomain, "unpaused"}, count, words);
}

int command_destroy(int count, char **words)
{
    return give_order((struct order){XEN_DOMCTL_destroydomain, "destroyed"}, count, words);
}
