/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * block.c - disks of domains: their folders in the store, and the commands that list, give and take
 * them
 *
 * Each end has a folder that is its own and that the other may read; xend and the domain's driver
 * do the rest (workloads/dom0/xend/vbd.c). A disk is taken by setting its "online" to 0: the
 * folders go when the back end has closed, whatever the domain does.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xen/io/xenbus.h>
#include <xen/io/xs_wire.h>

#include "workloads/dom0/xl/block.h"
#include "workloads/dom0/xl/domains.h"
#include "workloads/dom0/xl/store.h"

#define PATH_BYTES  128
#define NAMES_BYTES 4096
#define CLOSE_LOOKS 100 /* for a disk to be closed, 20 ms apart */
#define LOOK_US     20000

static void back_folder(char path[PATH_BYTES], unsigned domain, uint32_t number)
{
    snprintf(path, PATH_BYTES, "/local/domain/0/backend/vbd/%u/%u", domain, number);
}

static void front_folder(char path[PATH_BYTES], unsigned domain, uint32_t number)
{
    snprintf(path, PATH_BYTES, "/local/domain/%u/device/vbd/%u", domain, number);
}

/* ---- the folders ----------------------------------------------------------------------------- */

struct node {
    const char *name, *value;
};

static int write_folder(uint32_t transaction, const char *folder, const char *rights,
                        const struct node *nodes, unsigned count)
{
    char path[2 * PATH_BYTES];
    int error = store_write(transaction, folder, "");

    if (error >= 0)
        error = store_permit(transaction, folder, rights);
    for (unsigned i = 0; i < count && error >= 0; i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, nodes[i].name);
        error = store_write(transaction, path, nodes[i].value);
    }
    return error;
}

int block_introduce(uint32_t transaction, const struct disk_config *disk, unsigned domain)
{
    char front[PATH_BYTES], back[PATH_BYTES], its[24], ours[24], id[16], number[16];
    const struct node of_back[] = {
        {"frontend", front},      {"frontend-id", id},     {"online", "1"},
        {"removable", "0"},       {"bootable", "1"},       {"dev", disk->name},
        {"type", "phy"},          {"device-type", "disk"}, {"mode", disk->writable ? "w" : "r"},
        {"params", disk->target}, {"state", "1"},
    };
    const struct node of_front[] = {
        {"backend", back},       {"backend-id", "0"}, {"virtual-device", number},
        {"device-type", "disk"}, {"state", "1"},
    };
    int error;

    front_folder(front, domain, disk->number);
    back_folder(back, domain, disk->number);
    snprintf(its, sizeof(its), "n%u r0", domain);
    snprintf(ours, sizeof(ours), "n0 r%u", domain);
    snprintf(id, sizeof(id), "%u", domain);
    snprintf(number, sizeof(number), "%u", disk->number);
    error = write_folder(transaction, back, ours, of_back, sizeof(of_back) / sizeof(of_back[0]));
    if (error >= 0)
        error =
            write_folder(transaction, front, its, of_front, sizeof(of_front) / sizeof(of_front[0]));
    return error;
}

/* ---- the commands ---------------------------------------------------------------------------- */

/* The domain's number, or -1 after saying what is wrong. */
static int find_domain(const char *name)
{
    int error = store_open();

    if (error) {
        fprintf(stderr, "xl: disks need xend: %s\n", strerror(-error));
        return -1;
    }
    return domains_find(name);
}

static const char *value_of(const char *folder, const char *name, char *value, size_t room)
{
    char path[2 * PATH_BYTES];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return store_read(path, value, room) < 0 ? "-" : value;
}

static void list_one(unsigned domain, uint32_t number)
{
    char front[PATH_BYTES], back[PATH_BYTES], value[7][64];

    front_folder(front, domain, number);
    back_folder(back, domain, number);
    printf("%-8s %-8s %4s %5s %8s %8s %10s\n", value_of(back, "dev", value[0], sizeof(value[0])),
           value_of(back, "params", value[1], sizeof(value[1])),
           value_of(back, "mode", value[2], sizeof(value[2])),
           value_of(back, "state", value[3], sizeof(value[3])),
           value_of(front, "ring-ref", value[4], sizeof(value[4])),
           value_of(front, "event-channel", value[5], sizeof(value[5])),
           value_of(back, "sectors", value[6], sizeof(value[6])));
}

int command_block_list(int count, char **words)
{
    char path[PATH_BYTES], names[NAMES_BYTES];
    int domain = count == 1 ? find_domain(words[0]) : -1, length;

    if (count != 1)
        return 2;
    if (domain < 0)
        return 1;
    snprintf(path, sizeof(path), "/local/domain/0/backend/vbd/%d", domain);
    length = store_request(XS_DIRECTORY, 0, path, strlen(path) + 1, names, sizeof(names));
    printf("%-8s %-8s %4s %5s %8s %8s %10s\n", "Name", "Disk", "Mode", "State", "Ring", "Port",
           "Sectors");
    for (int at = 0; at < length; at += (int)strlen(names + at) + 1)
        list_one((unsigned)domain, (uint32_t)strtoul(names + at, NULL, 10));
    return 0;
}

int command_block_attach(int count, char **words)
{
    struct disk_config disk;
    char path[PATH_BYTES], value[64];
    const char *wrong = count == 2 ? disk_parse(words[1], &disk) : NULL;
    int domain, error;

    if (count != 2)
        return 2;
    if (wrong) {
        fprintf(stderr, "xl: disk %s: %s\n", words[1], wrong);
        return 1;
    }
    domain = find_domain(words[0]);
    if (domain < 0)
        return 1;
    back_folder(path, (unsigned)domain, disk.number);
    if (store_read(path, value, sizeof(value)) >= 0) {
        fprintf(stderr, "xl: domain %d has a disk %s already\n", domain, disk.name);
        return 1;
    }
    error = block_introduce(0, &disk, (unsigned)domain);
    if (error < 0)
        fprintf(stderr, "xl: the store refuses the disk: %s\n", strerror(-error));
    return error < 0;
}

static bool wait_closed(const char *back)
{
    char value[64];

    for (unsigned i = 0; i < CLOSE_LOOKS; i++) {
        if (atoi(value_of(back, "state", value, sizeof(value))) == XenbusStateClosed)
            return true;
        usleep(LOOK_US);
    }
    return false;
}

int command_block_detach(int count, char **words)
{
    struct disk_config disk;
    char front[PATH_BYTES], back[PATH_BYTES], path[2 * PATH_BYTES], text[64];
    int domain;

    if (count != 2)
        return 2;
    snprintf(text, sizeof(text), "any,%s", words[1]);
    if (disk_parse(text, &disk)) {
        fprintf(stderr, "xl: %s is no disk's name, as xvda\n", words[1]);
        return 1;
    }
    domain = find_domain(words[0]);
    if (domain < 0)
        return 1;
    front_folder(front, (unsigned)domain, disk.number);
    back_folder(back, (unsigned)domain, disk.number);
    snprintf(path, sizeof(path), "%s/online", back);
    if (store_read(path, text, sizeof(text)) < 0) {
        fprintf(stderr, "xl: domain %d has no disk %s\n", domain, words[1]);
        return 1;
    }
    store_write(0, path, "0");
    if (!wait_closed(back)) {
        fprintf(stderr, "xl: the disk %s is not closed yet\n", words[1]);
        return 1;
    }
    store_remove(front);
    store_remove(back);
    return 0;
}
