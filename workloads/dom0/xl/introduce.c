/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * introduce.c - what the store says about a domain
 *
 * The names and the rights are those that Xen's own tools give, as kernels look for them: a domain
 * may read its own folder and write to the few nodes there that are its to write. Everything is
 * written in one transaction, before the domain is introduced.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <xen/io/xs_wire.h>

#include "workloads/dom0/xl/devices/block.h"
#include "workloads/dom0/xl/devices/network.h"
#include "workloads/dom0/xl/introduce.h"
#include "workloads/dom0/config/names.h"
#include "workloads/dom0/xl/store.h"

#define PATH_BYTES 128

struct writing {
    uint32_t transaction;
    char folder[64]; /* "/local/domain/N" */
    char read_only[24], own[24];
    int error;
};

/* Writes "FOLDER/NAME" with these rights (NULL: its parent's). */
__attribute__((format(printf, 4, 5))) static void put(struct writing *w, const char *name,
                                                      const char *rights, const char *format, ...)
{
    char path[PATH_BYTES], value[PATH_BYTES];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(value, sizeof(value), format, arguments);
    va_end(arguments);
    snprintf(path, sizeof(path), "%s%s", name[0] == '/' ? "" : w->folder,
             name[0] == '/' ? "" : "/");
    strncat(path, name, sizeof(path) - strlen(path) - 1);
    if (path[strlen(path) - 1] == '/')
        path[strlen(path) - 1] = '\0';
    if (w->error >= 0)
        w->error = store_write(w->transaction, path, value);
    if (w->error >= 0 && rights)
        w->error = store_permit(w->transaction, path, rights);
}

/* Empty nodes that are the domain's to write (Xen's libxl, domain creation). */
static const char *const its_own[] = {"control/shutdown",
                                      "control/feature-poweroff",
                                      "control/feature-reboot",
                                      "control/feature-suspend",
                                      "control/sysrq",
                                      "data",
                                      "drivers",
                                      "feature",
                                      "attr",
                                      "error",
                                      "device/suspend/event-channel"};

static void put_all(struct writing *w, const struct domain_plan *plan,
                    const struct built_domain *built)
{
    char uuid[NAMES_UUID_BYTES], vm[48], path[PATH_BYTES];
    const char *ro = w->read_only, *own = w->own;

    names_make_uuid((unsigned)built->domain, plan->name, uuid);
    snprintf(vm, sizeof(vm), "/vm/%s", uuid);
    put(w, vm, ro, "%s", "");
    snprintf(path, sizeof(path), "%s/uuid", vm);
    put(w, path, NULL, "%s", uuid);
    snprintf(path, sizeof(path), "%s/name", vm);
    put(w, path, NULL, "%s", plan->name);
    snprintf(path, sizeof(path), "%s/start_time", vm);
    put(w, path, NULL, "%lld", (long long)time(NULL));

    put(w, "", ro, "%s", "");
    put(w, "vm", NULL, "%s", vm);
    put(w, "name", NULL, "%s", plan->name);
    put(w, "domid", NULL, "%d", built->domain);
    put(w, "cpu/0/availability", NULL, "online");
    put(w, "memory/static-max", NULL, "%u", (unsigned)plan->pages * 4);
    put(w, "memory/target", NULL, "%u", (unsigned)plan->pages * 4);
    put(w, "store/ring-ref", NULL, "%u", (unsigned)built->store.frame);
    put(w, "store/port", NULL, "%u", (unsigned)built->store.port);
    put(w, "console/ring-ref", NULL, "%u", (unsigned)built->console.frame);
    put(w, "console/port", NULL, "%u", (unsigned)built->console.port);
    put(w, "console/limit", NULL, "1048576");
    put(w, "console/type", NULL, "xenconsoled");
    put(w, "console/output", NULL, "pty");
    put(w, "device", ro, "%s", "");
    put(w, "control/platform-feature-multiprocessor-suspend", NULL, "1");
    put(w, "control/platform-feature-xs_reset_watches", NULL, "1");
    for (unsigned i = 0; i < sizeof(its_own) / sizeof(its_own[0]); i++)
        put(w, its_own[i], own, "%s", "");
}

static int write_tree(struct writing *w, const struct domain_plan *plan,
                      const struct built_domain *built)
{
    char id[16];

    do {
        w->error = store_request(XS_TRANSACTION_START, 0, "", 1, id, sizeof(id));
        if (w->error < 0)
            return w->error;
        w->transaction = (uint32_t)strtoul(id, NULL, 10);
        put_all(w, plan, built);
        for (unsigned i = 0; i < plan->disks && w->error >= 0; i++)
            w->error = block_introduce(w->transaction, &plan->disk[i], (unsigned)built->domain);
        for (unsigned i = 0; i < plan->vifs && w->error >= 0; i++)
            w->error = network_introduce(w->transaction, &plan->vif[i], (unsigned)built->domain, i);
        int ended =
            store_request(XS_TRANSACTION_END, w->transaction, w->error < 0 ? "F" : "T", 2, NULL, 0);

        if (w->error >= 0)
            w->error = ended;
    } while (w->error == -EAGAIN);
    return w->error;
}

int introduce_domain(const struct domain_plan *plan, const struct built_domain *built)
{
    struct writing w = {0};
    int error = store_open();

    if ((error == -ENOENT || error == -ECONNREFUSED) && !plan->disks && !plan->vifs)
        return 0;
    snprintf(w.folder, sizeof(w.folder), "/local/domain/%d", built->domain);
    snprintf(w.read_only, sizeof(w.read_only), "n0 r%d", built->domain);
    snprintf(w.own, sizeof(w.own), "n%d", built->domain);
    if (!error)
        error = write_tree(&w, plan, built);
    if (error >= 0)
        error = store_introduce((unsigned)built->domain, built->store.frame, built->store.port);
    if (error < 0)
        fprintf(stderr, "xl: domain '%s' cannot be introduced to the store: %s\n", plan->name,
                strerror(-error));
    return error < 0 ? -1 : 0;
}

void withdraw_domain(unsigned domain)
{
    char path[PATH_BYTES], vm[PATH_BYTES];

    if (store_open())
        return;
    snprintf(path, sizeof(path), "/local/domain/%u/vm", domain);
    if (store_read(path, vm, sizeof(vm)) > 0 && strncmp(vm, "/vm/", 4) == 0)
        store_remove(vm);
    snprintf(path, sizeof(path), "/local/domain/%u", domain);
    store_remove(path);
}
