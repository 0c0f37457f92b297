/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * main.c - xl, Domain 0's control program
 *
 * It creates, starts, stops, weighs and lists the other domains, with the commands of Xen's own
 * xl. Exit status 1 and one sentence: the command failed; 2 and a usage: it was not understood.
 */
#include <stdio.h>
#include <string.h>

#include "workloads/dom0/xl/console.h"
#include "workloads/dom0/xl/devices/block.h"
#include "workloads/dom0/xl/devices/network.h"
#include "workloads/dom0/xl/domains.h"
#include "workloads/dom0/xl/hypercall.h"

static const struct command {
    const char *name;
    int (*run)(int count, char **words); /* returns the exit status */
    const char *usage;
} commands[] = {
    {"create", command_create,
     "[-p] [-c] [-F] [-n COUNT] [FILE] [name=N] [memory=MB] kernel=FILE [ramdisk=FILE] "
     "[extra=ARGUMENTS] [disk=TARGET,NAME,r|w] [vif=[mac=M,][ip=A,][rate=R]]"},
    {"list", command_list, ""},
    {"console", command_console, "DOMAIN"},
    {"pause", command_pause, "DOMAIN|all"},
    {"unpause", command_unpause, "DOMAIN|all"},
    {"destroy", command_destroy, "DOMAIN|all"},
    {"dmesg", command_dmesg, "[-c]"},
    {"block-list", command_block_list, "DOMAIN"},
    {"block-attach", command_block_attach, "DOMAIN TARGET,NAME,r|w"},
    {"block-detach", command_block_detach, "DOMAIN NAME"},
    {"network-list", command_network_list, "DOMAIN"},
    {"network-attach", command_network_attach, "DOMAIN [mac=M] [ip=A] [rate=R]"},
    {"network-detach", command_network_detach, "DOMAIN NUMBER|MAC"},
    {"sched-bvt", command_sched_bvt, "[-d DOMAIN -w WEIGHT] [-s MICROSECONDS]"},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int usage(void)
{
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(stderr, "%s xl %-14s %s\n", i ? "      " : "usage:", commands[i].name,
                commands[i].usage);
    return 2;
}

int main(int argc, char **argv)
{
    const struct command *c = NULL;

    for (size_t i = 0; i < COMMANDS && argc > 1; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            c = &commands[i];
    if (!c)
        return usage();
    int error = hypercall_open();

    if (error) {
        fprintf(stderr, "xl: no way to the hypervisor, /proc/xen/privcmd: %s\n", strerror(-error));
        return 1;
    }
    int status = c->run(argc - 2, argv + 2);

    if (status == 2)
        fprintf(stderr, "usage: xl %s %s\n", c->name, c->usage);
    return status;
}
