/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * backend.c - the state machine of a virtual device's back end
 *
 *   Initialising 1   Domain 0's tools have written the folder: what we can do is published, -> 2
 *   InitWait 2       the front end is to offer a ring and a port. It says so by 3 (Linux) or 4
 *                    (mini-os, networks): they are connected, what they lead to is published, -> 4;
 *                    or what it offers is no good: -> 5
 *   Connected 4      until the front end closes (5, 6), or goes back to 1, or its folder goes, or
 *                    "online" becomes 0: -> 5
 *   Closing 5        as soon as nothing is under way: -> 6
 *   Closed 6         a front end that begins again finds 2, as long as the device is online
 *
 * What the front end writes is a guest's: numbers are read as numbers, and the hypervisor checks
 * what they mean. What the device is, Domain 0's own nodes say; they are looked at again at each
 * connection.
 *
 * Source: public/io/xenbus.h.
 */
#include "workloads/dom0/xend/backend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/io/xenbus.h>

#include "workloads/dom0/xl/hypercall.h"

#define FOLDER       "/local/domain/0/backend"
#define DEVICES_MOST 1024 /* looked at in one pass */

static const struct device_kind *const kinds[] = {&vbd_kind, &vif_kind};

static struct store *store;
static struct connection *us;
static uint64_t seen; /* of the store's changes */

bool backends_open(struct store *its_store)
{
    store = its_store;
    us = store_connect(store, 0);
    return us != NULL;
}

/* ---- nodes --------------------------------------------------------------------------------- */

bool node_get(const char *folder, const char *name, char value[DEVICE_VALUE_BYTES])
{
    char path[DEVICE_PATH_BYTES + 32];
    const struct node *node;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    node = view_find(&store->view, path);
    if (!node || node->value_bytes >= DEVICE_VALUE_BYTES)
        return false;
    memcpy(value, node->value, node->value_bytes);
    value[node->value_bytes] = '\0';
    return true;
}

unsigned node_number(const char *folder, const char *name)
{
    char value[DEVICE_VALUE_BYTES];

    return node_get(folder, name, value) ? (unsigned)strtoul(value, NULL, 10) : 0;
}

void node_set(const char *folder, const char *name, const char *value)
{
    char path[DEVICE_PATH_BYTES + 32];
    struct operation operation = {OPERATION_WRITE, path, value, (uint32_t)strlen(value)};

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    store_change(store, us, NULL, &operation);
}

void node_set_number(const char *folder, const char *name, unsigned long long number)
{
    char value[DEVICE_VALUE_BYTES];

    snprintf(value, sizeof(value), "%llu", number);
    node_set(folder, name, value);
}

/* ---- the states ---------------------------------------------------------------------------- */

static void set_state(const struct device *device, enum xenbus_state state)
{
    node_set_number(device->back, "state", state);
}

static void try_to_connect(const struct device *device)
{
    const char *wrong = device->kind->connect(device);

    if (!wrong) {
        set_state(device, XenbusStateConnected);
        return;
    }
    node_set(device->back, "error", wrong);
    set_state(device, XenbusStateClosing);
}

/* True: not yet. */
static bool try_to_close(const struct device *device)
{
    struct xenolith_io_op op = {
        .command = device->kind->disconnect, .domain = device->domain, .handle = device->number};

    if (hypercall_io(&op) == -EBUSY)
        return true;
    set_state(device, XenbusStateClosed);
    return false;
}

static bool is_ready(unsigned front)
{
    return front == XenbusStateInitialised || front == XenbusStateConnected;
}

/* One step of one device. True: to be looked at again. */
static bool step(const struct device *device)
{
    unsigned back = node_number(device->back, "state");
    unsigned front = node_number(device->front, "state");
    bool online = node_number(device->back, "online");

    switch (back) {
    case XenbusStateInitialising:
        device->kind->publish(device);
        set_state(device, XenbusStateInitWait);
        break;
    case XenbusStateInitWait:
        if (is_ready(front))
            try_to_connect(device);
        else if (!online)
            set_state(device, XenbusStateClosing);
        break;
    case XenbusStateConnected:
        if (!online || !is_ready(front))
            set_state(device, XenbusStateClosing);
        break;
    case XenbusStateClosing:
        return try_to_close(device);
    case XenbusStateClosed:
        if (online && front == XenbusStateInitialising)
            set_state(device, XenbusStateInitWait);
        break;
    default:
        break;
    }
    return false;
}

/* ---- all devices --------------------------------------------------------------------------- */

static unsigned list_kind(const struct device_kind *kind, struct device *devices, unsigned count)
{
    char path[DEVICE_PATH_BYTES];
    const struct node *all;

    snprintf(path, sizeof(path), FOLDER "/%s", kind->name);
    all = view_find(&store->view, path);
    for (unsigned i = 0; all && i < all->child_count; i++)
        for (unsigned j = 0; j < all->children[i]->child_count && count < DEVICES_MOST; j++) {
            const struct node *domain = all->children[i], *device = domain->children[j];
            struct device *d = &devices[count++];

            d->kind = kind;
            d->domain = (unsigned)strtoul(domain->name, NULL, 10);
            d->number = (unsigned)strtoul(device->name, NULL, 10);
            snprintf(d->back, sizeof(d->back), FOLDER "/%s/%u/%u", kind->name, d->domain,
                     d->number);
            snprintf(d->front, sizeof(d->front), "/local/domain/%u/device/%s/%u", d->domain,
                     kind->name, d->number);
        }
    return count;
}

/* The names first: a step changes the tree. */
static unsigned list(struct device *devices)
{
    unsigned count = 0;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        count = list_kind(kinds[i], devices, count);
    return count;
}

bool backends_work(void)
{
    static struct device devices[DEVICES_MOST];
    static bool again;
    unsigned count;

    if (store->changes == seen && !again)
        return false;
    again = false;
    seen = store->changes;
    count = list(devices);
    for (unsigned i = 0; i < count; i++)
        again |= step(&devices[i]);
    return again || store->changes != seen;
}

void backends_gone(uint16_t domain)
{
    char path[DEVICE_PATH_BYTES];
    struct operation operation = {OPERATION_REMOVE, path, NULL, 0};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        snprintf(path, sizeof(path), FOLDER "/%s/%u", kinds[i]->name, domain);
        store_change(store, us, NULL, &operation);
    }
}
