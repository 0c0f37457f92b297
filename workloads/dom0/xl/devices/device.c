/* SPDX-License-Identifier: GPL-2.0-only */
#include "workloads/dom0/xl/devices/device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xen/io/xenbus.h>
#include <xen/io/xs_wire.h>

#include "workloads/dom0/xl/domains.h"
#include "workloads/dom0/xl/store.h"

#define BACK_FOLDER "/local/domain/0/backend"
#define NAMES_BYTES 4096
#define CLOSE_LOOKS 100 /* for a device to be closed, 20 ms apart */
#define LOOK_US     20000

void device_folders(const struct device_words *words, unsigned domain, uint32_t number,
                    char back[DEVICE_PATH_BYTES], char front[DEVICE_PATH_BYTES])
{
    snprintf(back, DEVICE_PATH_BYTES, BACK_FOLDER "/%s/%u/%u", words->folder, domain, number);
    snprintf(front, DEVICE_PATH_BYTES, "/local/domain/%u/device/%s/%u", domain, words->folder,
             number);
}

static int write_nodes(uint32_t transaction, const char *folder, const struct device_node *nodes)
{
    char path[2 * DEVICE_PATH_BYTES];
    int error = 0;

    for (; nodes->name && error >= 0; nodes++) {
        snprintf(path, sizeof(path), "%s/%s", folder, nodes->name);
        error = store_write(transaction, path, nodes->value);
    }
    return error;
}

/* Its state last: a waiter for it finds the rest. */
static int write_folder(uint32_t transaction, const char *folder, const char *rights,
                        const struct device_node *common, const struct device_node *own)
{
    static const struct device_node state[] = {{"state", "1"}, {NULL, NULL}};
    int error = store_write(transaction, folder, "");

    if (error >= 0)
        error = store_permit(transaction, folder, rights);
    if (error >= 0)
        error = write_nodes(transaction, folder, common);
    if (error >= 0)
        error = write_nodes(transaction, folder, own);
    return error < 0 ? error : write_nodes(transaction, folder, state);
}

int device_introduce(uint32_t transaction, const struct device_words *words, unsigned domain,
                     uint32_t number, const struct device_node *of_back,
                     const struct device_node *of_front)
{
    char front[DEVICE_PATH_BYTES], back[DEVICE_PATH_BYTES], its[24], ours[24], id[16];
    const struct device_node back_common[] = {
        {"frontend", front}, {"frontend-id", id}, {"online", "1"}, {NULL, NULL}};
    const struct device_node front_common[] = {
        {"backend", back}, {"backend-id", "0"}, {NULL, NULL}};
    int error;

    device_folders(words, domain, number, back, front);
    snprintf(its, sizeof(its), "n%u r0", domain);
    snprintf(ours, sizeof(ours), "n0 r%u", domain);
    snprintf(id, sizeof(id), "%u", domain);
    error = write_folder(transaction, back, ours, back_common, of_back);
    return error < 0 ? error : write_folder(transaction, front, its, front_common, of_front);
}

const char *device_value(const char *folder, const char *name, char value[DEVICE_VALUE_BYTES])
{
    char path[2 * DEVICE_PATH_BYTES];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return store_read(path, value, DEVICE_VALUE_BYTES) < 0 ? "-" : value;
}

int device_domain(const struct device_words *words, const char *name)
{
    int error = store_open();

    if (error) {
        fprintf(stderr, "xl: a %s needs xend: %s\n", words->noun, strerror(-error));
        return -1;
    }
    return domains_find(name);
}

bool device_exists(const struct device_words *words, unsigned domain, uint32_t number)
{
    char front[DEVICE_PATH_BYTES], back[DEVICE_PATH_BYTES], value[DEVICE_VALUE_BYTES];

    device_folders(words, domain, number, back, front);
    return strcmp(device_value(back, "online", value), "-") != 0;
}

void device_each(const struct device_words *words, unsigned domain,
                 void (*act)(unsigned domain, uint32_t number))
{
    char path[DEVICE_PATH_BYTES], names[NAMES_BYTES];
    int length;

    snprintf(path, sizeof(path), BACK_FOLDER "/%s/%u", words->folder, domain);
    length = store_request(XS_DIRECTORY, 0, path, strlen(path) + 1, names, sizeof(names));
    for (int at = 0; at < length; at += (int)strlen(names + at) + 1)
        act(domain, (uint32_t)strtoul(names + at, NULL, 10));
}

static bool wait_closed(const char *back)
{
    char value[DEVICE_VALUE_BYTES];

    for (unsigned i = 0; i < CLOSE_LOOKS; i++) {
        if (atoi(device_value(back, "state", value)) == XenbusStateClosed)
            return true;
        usleep(LOOK_US);
    }
    return false;
}

int device_take(const struct device_words *words, unsigned domain, uint32_t number,
                const char *name)
{
    char front[DEVICE_PATH_BYTES], back[DEVICE_PATH_BYTES], path[2 * DEVICE_PATH_BYTES];

    if (!device_exists(words, domain, number)) {
        fprintf(stderr, "xl: domain %u has no %s %s\n", domain, words->noun, name);
        return 1;
    }
    device_folders(words, domain, number, back, front);
    snprintf(path, sizeof(path), "%s/online", back);
    store_write(0, path, "0");
    if (!wait_closed(back)) {
        fprintf(stderr, "xl: the %s %s is not closed yet\n", words->noun, name);
        return 1;
    }
    store_remove(front);
    store_remove(back);
    return 0;
}
