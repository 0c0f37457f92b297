/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * block.c - disks of domains: their nodes in the store, and the commands that list, give and take
 * them
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "workloads/dom0/xl/devices/block.h"
#include "workloads/dom0/xl/devices/device.h"
#include "workloads/dom0/xl/domains.h"
#include "workloads/dom0/xl/store.h"

#define HEADINGS "%-8s %-8s %4s %5s %8s %8s %10s\n"

static const struct device_words disk_words = {"vbd", "disk"};

int block_introduce(uint32_t transaction, const struct disk_config *disk, unsigned domain)
{
    char number[16];
    const struct device_node of_back[] = {
        {"removable", "0"},       {"bootable", "1"},
        {"dev", disk->name},      {"type", "phy"},
        {"device-type", "disk"},  {"mode", disk->writable ? "w" : "r"},
        {"params", disk->target}, {NULL, NULL},
    };
    const struct device_node of_front[] = {
        {"virtual-device", number}, {"device-type", "disk"}, {NULL, NULL}};

    snprintf(number, sizeof(number), "%u", disk->number);
    return device_introduce(transaction, &disk_words, domain, disk->number, of_back, of_front);
}

struct user {
    const char *target;
    int domain;
};

static struct user user;

static void look_at_target(unsigned domain, uint32_t number)
{
    char front[DEVICE_PATH_BYTES], back[DEVICE_PATH_BYTES], value[DEVICE_VALUE_BYTES];

    device_folders(&disk_words, domain, number, back, front);
    if (strcmp(device_value(back, "params", value), user.target) == 0)
        user.domain = (int)domain;
}

static bool look_at_disks(const struct xen_domctl_getdomaininfo *info, void *context)
{
    (void)context;
    device_each(&disk_words, info->domain, look_at_target);
    return user.domain < 0;
}

int block_user(const char *target)
{
    user = (struct user){target, -1};
    if (store_open() == 0)
        domains_each(0, look_at_disks, NULL);
    return user.domain;
}

/* ---- the commands ---------------------------------------------------------------------------- */

static void list_one(unsigned domain, uint32_t number)
{
    char front[DEVICE_PATH_BYTES], back[DEVICE_PATH_BYTES], value[7][DEVICE_VALUE_BYTES];

    device_folders(&disk_words, domain, number, back, front);
    printf(HEADINGS, device_value(back, "dev", value[0]), device_value(back, "params", value[1]),
           device_value(back, "mode", value[2]), device_value(back, "state", value[3]),
           device_value(front, "ring-ref", value[4]),
           device_value(front, "event-channel", value[5]), device_value(back, "sectors", value[6]));
}

int command_block_list(int count, char **words)
{
    int domain = count == 1 ? device_domain(&disk_words, words[0]) : -1;

    if (count != 1)
        return 2;
    if (domain < 0)
        return 1;
    printf(HEADINGS, "Name", "Disk", "Mode", "State", "Ring", "Port", "Sectors");
    device_each(&disk_words, (unsigned)domain, list_one);
    return 0;
}

int command_block_attach(int count, char **words)
{
    struct disk_config disk;
    const char *wrong = count == 2 ? disk_parse(words[1], &disk) : NULL;
    int domain, error;

    if (count != 2)
        return 2;
    if (wrong) {
        fprintf(stderr, "xl: disk %s: %s\n", words[1], wrong);
        return 1;
    }
    domain = device_domain(&disk_words, words[0]);
    if (domain < 0)
        return 1;
    if (device_exists(&disk_words, (unsigned)domain, disk.number)) {
        fprintf(stderr, "xl: domain %d has a disk %s already\n", domain, disk.name);
        return 1;
    }
    error = block_introduce(0, &disk, (unsigned)domain);
    if (error < 0)
        fprintf(stderr, "xl: the store refuses the disk: %s\n", strerror(-error));
    return error < 0;
}

int command_block_detach(int count, char **words)
{
    struct disk_config disk;
    char text[64];
    int domain;

    if (count != 2)
        return 2;
    snprintf(text, sizeof(text), "any,%s", words[1]);
    if (disk_parse(text, &disk)) {
        fprintf(stderr, "xl: %s is no disk's name, as xvda\n", words[1]);
        return 1;
    }
    domain = device_domain(&disk_words, words[0]);
    if (domain < 0)
        return 1;
    return device_take(&disk_words, (unsigned)domain, disk.number, words[1]);
}
