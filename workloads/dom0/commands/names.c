/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * names.c - xl domid, domname and rename
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/dom0/commands/commands.h"
#include "workloads/dom0/xl/domains.h"
#include "workloads/dom0/xl/hypercall.h"
#include "workloads/dom0/config/names.h"
#include "workloads/dom0/xl/store.h"

int command_domid(int count, char **words)
{
    int domain = count == 1 ? domains_find(words[0]) : -1;

    if (count != 1)
        return 2;
    if (domain >= 0)
        printf("%d\n", domain);
    return domain < 0;
}

int command_domname(int count, char **words)
{
    struct xen_domctl_getdomaininfo info;
    char name[17];
    int domain = count == 1 ? domains_find(words[0]) : -1;

    if (count != 1)
        return 2;
    if (domain < 0 || !domains_info((unsigned)domain, &info))
        return 1;
    domains_name(&info, name);
    puts(name);
    return 0;
}

/* The nodes that hold the name; who watches one hears of it. */
static void rename_in_store(unsigned domain, const char *name)
{
    char path[128], vm[64];

    if (store_open())
        return;
    snprintf(path, sizeof(path), "/local/domain/%u/name", domain);
    store_write(0, path, name);
    if (store_of_domain(domain, "vm", vm, sizeof(vm))) {
        snprintf(path, sizeof(path), "%s/name", vm);
        store_write(0, path, name);
    }
}

int command_rename(int count, char **words)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_setdomainhandle};
    const char *wrong = count == 2 ? names_check(words[1]) : NULL;
    int domain;

    if (count != 2)
        return 2;
    if (wrong) {
        fprintf(stderr, "xl: the name '%s' %s\n", words[1], wrong);
        return 1;
    }
    domain = domains_find(words[0]);
    if (domain < 0)
        return 1;
    if (domain == 0) {
        fprintf(stderr, "xl: Domain 0 keeps its name\n");
        return 1;
    }
    if (domains_named(words[1])) {
        fprintf(stderr, "xl: there is a domain '%s' already\n", words[1]);
        return 1;
    }
    op.domain = (domid_t)domain;
    memcpy(op.u.setdomainhandle.handle, words[1], strlen(words[1])); /* the rest is 0 */
    long result = hypercall_domctl(&op);

    if (result < 0) {
        fprintf(stderr, "xl: domain %d cannot be renamed: %s\n", domain, strerror((int)-result));
        return 1;
    }
    rename_in_store((unsigned)domain, words[1]);
    return 0;
}
