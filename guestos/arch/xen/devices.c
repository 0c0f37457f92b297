/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * devices.c - which devices the store names: when the kernel boots, and whenever that changes
 *
 * A folder below device/vbd or device/vif that is new is a device to be connected. One whose other
 * end begins to close is closed here, too; its folder goes, and may come again as another device.
 */
#include "guestos/arch/xen/front.h"
#include "guestos/kernel/errno.h"

#include <xen/io/xenbus.h>

static struct stored_device *find(struct device_kind *kind, const char *name)
{
    for (uint32_t i = 0; i < STORED_DEVICES; i++)
        if (!strcmp(kind->device[i].name, name))
            return &kind->device[i];
    return NULL;
}

static bool is_listed(const char *names, int length, const char *name)
{
    for (int at = 0; at < length; at += (int)strlen(names + at) + 1)
        if (!strcmp(names + at, name))
            return true;
    return false;
}

static void open_new(struct device_kind *kind, const char *name)
{
    struct stored_device *device = find(kind, "");
    char path[160];

    if (!device || strlen(name) >= sizeof(device->name))
        return;
    *device = (struct stored_device){0};
    format(device->name, sizeof(device->name), "%s", name);
    format(device->own, sizeof(device->own), "%s/%s", kind->directory, name);
    kind->open(device);
    if (device->front) {
        format(path, sizeof(path), "%s/state", device->back);
        xenbus_watch(path);
    }
}

static void close_one(struct device_kind *kind, struct stored_device *device, bool answers)
{
    device->gone = true;
    kind->close(device);
    if (answers)
        xenbus_put_number(device->own, "state", XenbusStateClosed);
}

void devices_look(struct device_kind *kind)
{
    char names[512];
    int length = xenbus_init() ? xenbus_list(kind->directory, names, sizeof(names)) : -EIO;

    if (length == -EIO)
        return;
    for (uint32_t i = 0; i < STORED_DEVICES; i++) {
        struct stored_device *device = &kind->device[i];

        if (!device->name[0])
            continue; /* none */
        bool listed = is_listed(names, length, device->name);
        /* We never leave this state in a folder: it is another device's, of the same name. */
        bool renewed = listed && xenbus_number(device->own, "state") == XenbusStateInitialising;
        bool closes =
            renewed || !listed || xenbus_number(device->back, "state") >= XenbusStateClosing;
        if (closes && !device->gone && device->front)
            close_one(kind, device, listed && !renewed);
        if (!listed || renewed)
            device->name[0] = '\0';
    }
    for (int at = 0; at < length; at += (int)strlen(names + at) + 1)
        if (!find(kind, names + at))
            open_new(kind, names + at);
}

static void look(void)
{
    devices_look(&disk_kind);
    devices_look(&network_kind);
}

void devices_watch(void)
{
    if (xenbus_init() && xenbus_watch("device"))
        xenbus_listen(look);
}
