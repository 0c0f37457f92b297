/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vbd.c - the state machine of a virtual disk's back end
 *
 *   Initialising 1   Domain 0's tools have written the folder: what we can do is published, -> 2
 *   InitWait 2       the front end is to offer a ring and a port. It says so by 3 (Linux) or 4
 *                    (mini-os): they are connected, the size is published, -> 4; or what it offers
 *                    is no good: -> 5
 *   Connected 4      until the front end closes (5, 6), or goes back to 1, or its folder goes, or
 *                    "online" becomes 0: -> 5
 *   Closing 5        as soon as nothing is under way: -> 6
 *   Closed 6         a front end that begins again finds 2, as long as the disk is online
 *
 * What the front end writes is a guest's: numbers are read as numbers, and the hypervisor checks
 * what they mean. What the disk is, Domain 0's own nodes say; they are looked at again at each
 * connection.
 *
 * Sources: public/io/xenbus.h, blkif.h.
 */
#include "workloads/dom0/xend/vbd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/io/xenbus.h>

#include "workloads/dom0/xend/extents.h"
#include "workloads/dom0/xl/hypercall.h"

#define FOLDER      "/local/domain/0/backend/vbd"
#define DISKS_MOST  512 /* looked at in one pass */
#define PATH_BYTES  128
#define VALUE_BYTES 64
#define READ_ONLY   "4" /* VDISK_READONLY of public/io/blkif.h, as "info" says it */

struct disk {
    unsigned domain, number;
    char back[PATH_BYTES], front[PATH_BYTES];
};

static struct store *store;
static struct connection *us;
static uint64_t seen; /* of the store's changes */

bool vbds_open(struct store *its_store)
{
    store = its_store;
    us = store_connect(store, 0);
    return us != NULL;
}

/* ---- nodes --------------------------------------------------------------------------------- */

static bool get(const char *folder, const char *name, char value[VALUE_BYTES])
{
    char path[PATH_BYTES + 32];
    const struct node *node;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    node = view_find(&store->view, path);
    if (!node || node->value_bytes >= VALUE_BYTES)
        return false;
    memcpy(value, node->value, node->value_bytes);
    value[node->value_bytes] = '\0';
    return true;
}

static unsigned get_number(const char *folder, const char *name)
{
    char value[VALUE_BYTES];

    return get(folder, name, value) ? (unsigned)strtoul(value, NULL, 10) : 0;
}

static void set(const char *folder, const char *name, const char *value)
{
    char path[PATH_BYTES + 32];
    struct operation operation = {OPERATION_WRITE, path, value, (uint32_t)strlen(value)};

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    store_change(store, us, NULL, &operation);
}

static void set_number(const char *folder, const char *name, unsigned long long number)
{
    char value[VALUE_BYTES];

    snprintf(value, sizeof(value), "%llu", number);
    set(folder, name, value);
}

/* ---- the states ---------------------------------------------------------------------------- */

static void publish(const struct disk *disk)
{
    set(disk->back, "feature-flush-cache", "1");
    set(disk->back, "feature-barrier", "1");
    set_number(disk->back, "state", XenbusStateInitWait);
}

/* NULL, or why not. */
static const char *connect(const struct disk *disk)
{
    struct xenolith_io_op op = {
        .command = XENOLITH_IO_CONNECT, .domain = disk->domain, .handle = disk->number};
    char params[VALUE_BYTES], mode[VALUE_BYTES] = "r", protocol[VALUE_BYTES] = "x86_32-abi";
    unsigned long long sectors = 0;

    get(disk->front, "protocol", protocol);
    if (strcmp(protocol, "x86_32-abi") != 0)
        return "the protocol is not x86_32-abi";
    get(disk->back, "mode", mode);
    op.connect.ring = get_number(disk->front, "ring-ref");
    op.connect.port = get_number(disk->front, "event-channel");
    op.connect.flags = mode[0] == 'w' ? 0 : XENOLITH_IO_READ_ONLY;
    if (!get(disk->back, "params", params) || !extents_find(params, &op.connect))
        return "there is no such disk, or it is too small";
    for (unsigned i = 0; i < op.connect.extents; i++)
        sectors += op.connect.extent[i].sectors;
    if (hypercall_io(&op) < 0)
        return "the ring or the port cannot be used";
    set_number(disk->back, "sectors", sectors);
    set(disk->back, "sector-size", "512");
    set(disk->back, "info", mode[0] == 'w' ? "0" : READ_ONLY);
    set_number(disk->back, "state", XenbusStateConnected);
    return NULL;
}

static void try_to_connect(const struct disk *disk)
{
    const char *wrong = connect(disk);

    if (!wrong)
        return;
    set(disk->back, "error", wrong);
    set_number(disk->back, "state", XenbusStateClosing);
}

/* True: not yet. */
static bool try_to_close(const struct disk *disk)
{
    struct xenolith_io_op op = {
        .command = XENOLITH_IO_DISCONNECT, .domain = disk->domain, .handle = disk->number};

    if (hypercall_io(&op) == -EBUSY)
        return true;
    set_number(disk->back, "state", XenbusStateClosed);
    return false;
}

/* One step of one disk. True: to be looked at again. */
static bool step(const struct disk *disk)
{
    unsigned back = get_number(disk->back, "state"), front = get_number(disk->front, "state");
    bool online = get_number(disk->back, "online");

    switch (back) {
    case XenbusStateInitialising:
        publish(disk);
        break;
    case XenbusStateInitWait:
        if (front == XenbusStateInitialised || front == XenbusStateConnected)
            try_to_connect(disk);
        else if (!online)
            set_number(disk->back, "state", XenbusStateClosing);
        break;
    case XenbusStateConnected:
        if (!online || (front != XenbusStateInitialised && front != XenbusStateConnected))
            set_number(disk->back, "state", XenbusStateClosing);
        break;
    case XenbusStateClosing:
        return try_to_close(disk);
    case XenbusStateClosed:
        if (online && front == XenbusStateInitialising)
            set_number(disk->back, "state", XenbusStateInitWait);
        break;
    default:
        break;
    }
    return false;
}

/* ---- all disks ----------------------------------------------------------------------------- */

/* The names first: a step changes the tree. */
static unsigned list(struct disk *disks)
{
    const struct node *all = view_find(&store->view, FOLDER);
    unsigned count = 0;

    for (unsigned i = 0; all && i < all->child_count; i++)
        for (unsigned j = 0; j < all->children[i]->child_count && count < DISKS_MOST; j++) {
            const struct node *domain = all->children[i], *disk = domain->children[j];
            struct disk *d = &disks[count++];

            d->domain = (unsigned)strtoul(domain->name, NULL, 10);
            d->number = (unsigned)strtoul(disk->name, NULL, 10);
            snprintf(d->back, sizeof(d->back), FOLDER "/%u/%u", d->domain, d->number);
            snprintf(d->front, sizeof(d->front), "/local/domain/%u/device/vbd/%u", d->domain,
                     d->number);
        }
    return count;
}

bool vbds_work(void)
{
    static struct disk disks[DISKS_MOST];
    static bool again;
    unsigned count;

    if (store->changes == seen && !again)
        return false;
    again = false;
    seen = store->changes;
    count = list(disks);
    for (unsigned i = 0; i < count; i++)
        again |= step(&disks[i]);
    return again || store->changes != seen;
}

void vbds_gone(uint16_t domain)
{
    char path[PATH_BYTES];
    struct operation operation = {OPERATION_REMOVE, path, NULL, 0};

    snprintf(path, sizeof(path), FOLDER "/%u", domain);
    store_change(store, us, NULL, &operation);
}
