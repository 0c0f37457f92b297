/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * watch.c - who wants to know of changes
 *
 * A watch hears of changes of its node and of everything below. An event names what has changed and
 * the watch's token. It is sent only to those who may read what has changed: otherwise watches
 * would tell whether a node exists. A watch fires once when it is set, so that its owner looks at
 * least once.
 *
 * Two special names stand for the coming and going of domains, of which only Domain 0 is told.
 */
#include "workloads/dom0/xend/store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_special(const char *name)
{
    return name[0] == '@';
}

/* The name as its owner wrote it. */
static const char *as_written(const struct connection *connection, const struct watch *watch,
                              const char *path)
{
    return watch->relative ? path + strlen(connection->home) + 1 : path;
}

static int make_path(const struct connection *connection, const char *name, char *path)
{
    if (!is_special(name))
        return connection_path(connection, name, path);
    if (strcmp(name, "@introduceDomain") != 0 && strcmp(name, "@releaseDomain") != 0)
        return -EINVAL;
    strcpy(path, name);
    return 0;
}

static struct watch **find(struct connection *connection, const char *path, const char *token)
{
    struct watch **link = &connection->watches;

    while (*link && (strcmp((*link)->path, path) != 0 || strcmp((*link)->token, token) != 0))
        link = &(*link)->next;
    return link;
}

int watch_add(struct store *store, struct connection *connection, const char *name,
              const char *token)
{
    char path[XENSTORE_ABS_PATH_MAX + 1];
    int error = make_path(connection, name, path);
    struct watch *watch, **link;

    (void)store;
    if (error)
        return error;
    link = find(connection, path, token);
    if (*link)
        return -EEXIST;
    if (!connection->caller.privileged && connection->watch_count >= QUOTA_WATCHES)
        return -E2BIG;
    watch = malloc(sizeof(*watch) + strlen(token) + 1);
    if (!watch || !(watch->path = strdup(path))) {
        free(watch);
        return -ENOMEM;
    }
    watch->next = NULL;
    watch->relative = !is_special(name) && name[0] != '/';
    strcpy(watch->token, token);
    *link = watch; /* at the end: events come in the order of the watches */
    connection->watch_count++;
    return 0;
}

static void take_out(struct connection *connection, struct watch **link)
{
    struct watch *watch = *link;

    *link = watch->next;
    connection->watch_count--;
    free(watch->path);
    free(watch);
}

int watch_remove(struct connection *connection, const char *name, const char *token)
{
    char path[XENSTORE_ABS_PATH_MAX + 1];
    int error = make_path(connection, name, path);
    struct watch **link;

    if (error)
        return error;
    link = find(connection, path, token);
    if (!*link)
        return -ENOENT;
    take_out(connection, link);
    return 0;
}

void watch_remove_all(struct connection *connection)
{
    while (connection->watches)
        take_out(connection, &connection->watches);
}

/* ---- events ---------------------------------------------------------------------------------- */

static bool covers(const char *watched, const char *path)
{
    size_t bytes = strlen(watched);

    return strncmp(watched, path, bytes) == 0 &&
           (path[bytes] == '\0' || path[bytes] == '/' || bytes == 1);
}

void watch_fire(struct store *store, const char *path, const struct node *node, bool below)
{
    for (struct connection *c = store->connections; c; c = c->next) {
        if (!(node_access(node, &c->caller) & ACCESS_READ))
            continue;
        for (const struct watch *w = c->watches; w; w = w->next)
            if (below ? strcmp(w->path, path) == 0 : !is_special(w->path) && covers(w->path, path))
                connection_event(c, as_written(c, w, path), w->token);
    }
}

static void fire_below(struct store *store, char path[], size_t bytes, const struct node *node)
{
    for (unsigned i = 0; i < node->child_count; i++) {
        const struct node *child = node->children[i];
        int more = snprintf(path + bytes, XENSTORE_ABS_PATH_MAX + 1 - bytes, "/%s", child->name);

        watch_fire(store, path, child, true);
        fire_below(store, path, bytes + (size_t)more, child);
    }
    path[bytes] = '\0';
}

void watch_fire_removed(struct store *store, const char *path, const struct node *node)
{
    char below[XENSTORE_ABS_PATH_MAX + 1];

    watch_fire(store, path, node, false);
    strcpy(below, path);
    fire_below(store, below, strlen(below), node);
}

void store_announce(struct store *store, const char *special)
{
    for (struct connection *c = store->connections; c; c = c->next)
        for (const struct watch *w = c->watches; w && c->caller.privileged; w = w->next)
            if (strcmp(w->path, special) == 0)
                connection_event(c, special, w->token);
}
