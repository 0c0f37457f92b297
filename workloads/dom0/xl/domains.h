/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * domains.h - the domains that exist, and the words that mean one of them
 */
#ifndef XENOLITH_XL_DOMAINS_H
#define XENOLITH_XL_DOMAINS_H

#include <stdbool.h>

#include "workloads/dom0/xl/interface.h"

/*
 * Calls act(info, context) for every domain from number `first` on, in order, until one call
 * returns false. Returns false then, or (after saying why) if the hypervisor does not answer.
 */
bool domains_each(domid_t first, bool (*act)(const struct xen_domctl_getdomaininfo *, void *),
                  void *context);

/*
 * A word that means a domain: its number or its name. Returns the number, or -1 after saying that
 * there is none.
 */
int domains_find(const char *word);

/* Whether a word means a domain that exists; nothing is said. */
bool domains_named(const char *name);

/* What the hypervisor says of one domain. False: there is none of this number. */
bool domains_info(unsigned domain, struct xen_domctl_getdomaininfo *info);

/* Destroys a domain and its part of the store. False: after saying why not. */
bool domains_destroy(domid_t domain);

/* The name in a domain's handle, which need not end with NUL. */
void domains_name(const struct xen_domctl_getdomaininfo *info, char name[17]);

/* Commands: arguments without the command's own name. Return the exit status. */
int command_pause(int count, char **words);
int command_unpause(int count, char **words);
int command_destroy(int count, char **words);
int command_create(int count, char **words);    /* create.c */
int command_sched_bvt(int count, char **words); /* sched.c */
int command_dmesg(int count, char **words);     /* dmesg.c */

#endif
