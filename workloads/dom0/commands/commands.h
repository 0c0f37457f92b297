/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * commands.h - what xl shows and tells, beyond making and ending domains
 *
 * Each function is one command: arguments without the command's own name. It returns the exit
 * status: 0; 1 after one sentence on standard error; 2 if the words mean nothing.
 */
#ifndef XENOLITH_XL_COMMANDS_H
#define XENOLITH_XL_COMMANDS_H

#include <stdbool.h>
#include <stdint.h>

#include "workloads/dom0/xl/interface.h"

int command_list(int count, char **words);
int command_info(int count, char **words);
int command_top(int count, char **words);
int command_vcpu_list(int count, char **words);
int command_uptime(int count, char **words);
int command_domid(int count, char **words);
int command_domname(int count, char **words);
int command_rename(int count, char **words);
int command_shutdown(int count, char **words);
int command_reboot(int count, char **words);
int command_sysrq(int count, char **words);
int command_mem_set(int count, char **words);

#define STATE_BYTES 7

/* The six letters of a domain's state: running, blocked, paused, shut down, crashed, dying. */
void state_letters(const struct xen_domctl_getdomaininfo *info, char state[STATE_BYTES]);

/*
 * Calls act(info, context) for the domains that the words mean, for all without words. Returns the
 * exit status: 1 if there is no such domain, after saying so, or if a call returned false.
 */
int for_each_named(int count, char **words,
                   bool (*act)(const struct xen_domctl_getdomaininfo *, void *), void *context);

/* The text of a node of the domain's folder in the store; false: there is no store, or none. */
bool store_of_domain(unsigned domain, const char *name, char *value, size_t room);
/* Of its folder below /vm. */
bool store_of_vm(unsigned domain, const char *name, char *value, size_t room);

#endif
