/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * main.c - xl, Domain 0's control program
 *
 * It creates, starts, stops, weighs and lists the other domains, with the commands of Xen's own
 * xl. Exit status 1 and one sentence: the command failed; 2 and a usage: it was not understood.
 */
#include <stdio.h>
#include <string.h>

#include "workloads/dom0/commands/commands.h"
#include "workloads/dom0/volumes/commands.h"
#include "workloads/dom0/xl/console.h"
#include "workloads/dom0/xl/devices/block.h"
#include "workloads/dom0/xl/devices/network.h"
#include "workloads/dom0/xl/domains.h"
#include "workloads/dom0/xl/hypercall.h"

static const struct command {
    const char *name;
    int (*run)(int count, char **words); /* returns the exit status */
    const char *usage, *summary;
} commands[] = {
    {"create", command_create, "[-p] [-c] [-F] [-n COUNT] [FILE] [kernel=FILE] [KEY=VALUE]...",
     "makes domains; -p: paused, -c: shows its console, -F: stays"},
    {"list", command_list, "[-l] [-v] [DOMAIN...]", "shows domains; -l: as JSON"},
    {"info", command_info, "", "shows the machine and the hypervisor"},
    {"top", command_top, "[-b] [-d SECONDS] [-i TIMES]", "shows who has the processors"},
    {"vcpu-list", command_vcpu_list, "[DOMAIN...]", "shows virtual processors"},
    {"uptime", command_uptime, "[DOMAIN...]", "shows how long domains have been there"},
    {"console", command_console, "DOMAIN", "connects to a domain's console; Ctrl-] leaves"},
    {"domid", command_domid, "NAME", "the number of a domain"},
    {"domname", command_domname, "DOMAIN", "the name of a domain"},
    {"rename", command_rename, "DOMAIN NAME", "gives a domain another name"},
    {"pause", command_pause, "DOMAIN|all", "gives domains no more time"},
    {"unpause", command_unpause, "DOMAIN|all", "gives them time again"},
    {"shutdown", command_shutdown, "[-w] DOMAIN|-a", "asks domains to power off; -w: waits"},
    {"reboot", command_reboot, "[-w] DOMAIN|-a", "asks domains to reboot"},
    {"destroy", command_destroy, "DOMAIN|all", "ends domains at once"},
    {"sysrq", command_sysrq, "DOMAIN LETTER", "sends a kernel one of its magic keys"},
    {"mem-set", command_mem_set, "DOMAIN MB", "asks a domain to have as much memory"},
    {"dmesg", command_dmesg, "[-c]", "shows the hypervisor's messages"},
    {"block-list", command_block_list, "DOMAIN", "shows a domain's disks"},
    {"block-attach", command_block_attach, "DOMAIN TARGET,NAME,r|w", "gives it one more"},
    {"block-detach", command_block_detach, "DOMAIN NAME", "takes one away"},
    {"volume-init", command_volume_init, "[-f] DISK", "makes a disk one for volumes"},
    {"volume-create", command_volume_create, "[-k] NAME SIZE [DISK]",
     "makes a volume; -k: keeps what is there"},
    {"volume-list", command_volume_list, "", "shows volumes, and what is free"},
    {"volume-remove", command_volume_remove, "NAME", "removes a volume that no domain has"},
    {"network-list", command_network_list, "DOMAIN", "shows a domain's network interfaces"},
    {"network-attach", command_network_attach, "DOMAIN [mac=M] [ip=A] [rate=R]",
     "gives it one more"},
    {"network-detach", command_network_detach, "DOMAIN NUMBER|MAC", "takes one away"},
    {"sched-bvt", command_sched_bvt, "[-d DOMAIN -w WEIGHT] [-s MICROSECONDS]",
     "shows or sets weights and the slice"},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* Commands of Xen's own xl that are absent here, a space before and after each. */
static const char absent[] =
    " save restore migrate migrate-receive remus dump-core cd-insert cd-eject "
    "vcpu-pin vcpu-set sharing mem-max button-press usb-attach pci-attach pci-detach "
    "pci-list sched-credit sched-credit2 sched-rtds trigger debug-keys set-parameters "
    "loadpolicy cpupool-create cpupool-list claims vncviewer config-update psr-hwinfo ";

static int usage(FILE *out)
{
    fprintf(out, "usage: xl COMMAND [WORD]...\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-15s %s\n", commands[i].name, commands[i].summary);
    fprintf(out, "\n  xl help COMMAND (or COMMAND -h) shows its words; the manual is xl(1).\n");
    return out == stdout ? 0 : 2;
}

static int usage_of(const struct command *c, FILE *out)
{
    fprintf(out, "usage: xl %s %s\n", c->name, c->usage);
    if (out == stdout)
        fprintf(out, "       %s\n", c->summary);
    return out == stdout ? 0 : 2;
}

/* NULL: after saying that there is none. */
static const struct command *find(const char *name)
{
    char word[32];

    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(name, commands[i].name) == 0)
            return &commands[i];
    snprintf(word, sizeof(word), " %s ", name);
    fprintf(stderr,
            strlen(name) < 30 && strstr(absent, word)
                ? "xl: Xen's command %s is absent here; xl help lists those that are there\n"
                : "xl: there is no command '%s'; xl help lists them\n",
            name);
    return NULL;
}

static bool asks_for_help(const char *word)
{
    return strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "help") == 0;
}

int main(int argc, char **argv)
{
    const struct command *c;

    if (argc < 2)
        return usage(stderr);
    if (asks_for_help(argv[1])) {
        c = argc > 2 ? find(argv[2]) : NULL;
        return argc > 2 ? c ? usage_of(c, stdout) : 2 : usage(stdout);
    }
    c = find(argv[1]);
    if (!c)
        return 2;
    if (argc == 3 && argv[2][0] == '-' && asks_for_help(argv[2]))
        return usage_of(c, stdout);
    int error = hypercall_open();

    if (error) {
        fprintf(stderr, "xl: no way to the hypervisor, /proc/xen/privcmd: %s\n", strerror(-error));
        return 1;
    }
    int status = c->run(argc - 2, argv + 2);

    return status == 2 ? usage_of(c, stderr) : status;
}
