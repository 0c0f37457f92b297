/* SPDX-License-Identifier: GPL-2.0-only */
#include "workloads/dom0/xend/domains.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/dom0/xend/backend.h"
#include "workloads/dom0/xend/channel.h"
#include "workloads/dom0/xend/console.h"
#include "workloads/dom0/xend/store/ring.h"
#include "workloads/dom0/xl/hypercall.h"

struct domain {
    struct domain *next;
    uint16_t id;
    uint32_t port; /* ours */
    void *page;
    bool has_work;
    bool ended; /* has shut down, and that was announced */
    struct store_ring ring;
};

static struct store *store;
static struct domain *domains;

static struct domain *find(uint16_t id)
{
    struct domain *d = domains;

    while (d && d->id != id)
        d = d->next;
    return d;
}

/* A number below the domain's folder, which Domain 0's tools have written; 0: it is not there. */
static uint32_t stored_number(uint16_t id, const char *name)
{
    char path[64], text[16] = "";
    const struct node *node;

    snprintf(path, sizeof(path), "/local/domain/%u/%s", id, name);
    node = view_find(&store->view, path);
    if (node && node_owner(node) == 0 && node->value_bytes < sizeof(text))
        memcpy(text, node->value, node->value_bytes);
    return (uint32_t)strtoul(text, NULL, 10);
}

/* Not having a console that can be served is no reason not to serve the store. */
static void open_console(uint16_t id)
{
    uint32_t frame = stored_number(id, "console/ring-ref");
    uint32_t port = stored_number(id, "console/port");

    if (frame && port)
        console_open(id, frame, port);
}

static int introduce(void *owner, uint16_t id, uint32_t frame, uint32_t port)
{
    struct domain *d = calloc(1, sizeof(*d));
    struct connection *connection;
    long error = -ENOMEM;
    int ours;

    (void)owner;
    if (!d || !(d->page = foreign_map(id, &frame, 1, &error))) {
        free(d);
        return (int)error;
    }
    ours = channel_bind(id, port);
    connection = ours < 0 ? NULL : store_connect(store, id);
    if (!connection) {
        if (ours >= 0)
            channel_unbind((uint32_t)ours);
        foreign_unmap(d->page, 1);
        free(d);
        return ours < 0 ? ours : -ENOMEM;
    }
    d->id = id;
    d->port = (uint32_t)ours;
    store_ring_open(&d->ring, d->page, store, connection);
    d->next = domains;
    domains = d;
    open_console(id);
    return 0;
}

static int release(void *owner, uint16_t id)
{
    struct domain **link = &domains, *d = find(id);

    (void)owner;
    if (!d)
        return -ENOENT;
    while (*link != d)
        link = &(*link)->next;
    *link = d->next;
    console_close(id);
    store_disconnect(store, d->ring.connection);
    channel_unbind(d->port);
    foreign_unmap(d->page, 1);
    free(d);
    return 0;
}

static bool is_introduced(void *owner, uint16_t id)
{
    (void)owner;
    return find(id) != NULL;
}

void domains_open(struct store *its_store, struct store_hooks *hooks)
{
    store = its_store;
    *hooks = (struct store_hooks){NULL, introduce, release, is_introduced};
}

/* ---- events ---------------------------------------------------------------------------------- */

bool domains_event(uint32_t port)
{
    struct domain *d = domains;

    while (d && d->port != port)
        d = d->next;
    if (d)
        d->has_work = true;
    return d != NULL;
}

void domains_check(void)
{
    bool any = false;

    for (struct domain *d = domains, *next; d; d = next) {
        struct xen_domctl op = {.cmd = XEN_DOMCTL_getdomaininfo, .domain = d->id};
        bool exists = hypercall_domctl(&op) >= 0 && op.domain == d->id;
        uint32_t flags = op.u.getdomaininfo.flags;

        next = d->next;
        if (!exists || flags & XEN_DOMINF_dying) {
            uint16_t id = d->id;

            release(NULL, id);
            backends_gone(id);
            store_domain_gone(store, id);
            any = true;
        } else if (flags & XEN_DOMINF_shutdown && !d->ended) {
            d->ended = true;
            console_drain(d->id);
            any = true;
        }
    }
    if (any)
        store_announce(store, "@releaseDomain");
}

bool domains_work(void)
{
    bool more = false;

    for (struct domain *d = domains, *next; d; d = next) {
        int result;

        next = d->next;
        result = d->has_work               ? store_ring_work(&d->ring)
                 : d->ring.connection->out ? store_ring_flush(&d->ring)
                                           : 0;
        d->has_work = result & RING_MORE;
        more |= d->has_work;
        if (result & RING_NOTIFY)
            channel_notify(d->port);
    }
    return more;
}
