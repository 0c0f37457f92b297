/* SPDX-License-Identifier: GPL-2.0-only */
#include "workloads/dom0/xl/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <xen/io/xs_wire.h>

#define EVENTS_KEPT 16

static int descriptor = -1;
static char kept[EVENTS_KEPT][XENSTORE_PAYLOAD_MAX + 1]; /* paths of events */
static unsigned kept_count;

int store_open(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = STORE_SOCKET};
    int error;

    if (descriptor >= 0)
        return 0;
    descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor >= 0 && connect(descriptor, (struct sockaddr *)&address, sizeof(address)) == 0)
        return 0;
    error = -errno;
    if (descriptor >= 0)
        close(descriptor);
    descriptor = -1;
    return error;
}

static int transfer(void *data, size_t bytes, bool out)
{
    char *at = data;

    while (bytes > 0) {
        ssize_t n =
            out ? send(descriptor, at, bytes, MSG_NOSIGNAL) : recv(descriptor, at, bytes, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EPIPE;
        at += n;
        bytes -= (size_t)n;
    }
    return 0;
}

/* The next message, whole. */
static int receive(struct xsd_sockmsg *header, char payload[XENSTORE_PAYLOAD_MAX + 1])
{
    int error = transfer(header, sizeof(*header), false);

    if (!error && header->len > XENSTORE_PAYLOAD_MAX)
        error = -EPROTO;
    if (!error)
        error = transfer(payload, header->len, false);
    if (!error)
        payload[header->len] = '\0';
    return error;
}

static void keep_event(const char *path)
{
    if (kept_count < EVENTS_KEPT)
        snprintf(kept[kept_count++], sizeof(kept[0]), "%s", path);
}

static int error_number(const char *name)
{
    for (unsigned i = 0; i < sizeof(xsd_errors) / sizeof(xsd_errors[0]); i++)
        if (strcmp(xsd_errors[i].errstring, name) == 0)
            return -xsd_errors[i].errnum;
    return -EINVAL;
}

int store_request(uint32_t type, uint32_t transaction, const void *payload, size_t bytes,
                  char *reply, size_t room)
{
    static char text[XENSTORE_PAYLOAD_MAX + 1];
    struct xsd_sockmsg header = {type, 0, transaction, (uint32_t)bytes};
    int error = bytes > XENSTORE_PAYLOAD_MAX ? -E2BIG : store_open();

    if (!error)
        error = transfer(&header, sizeof(header), true);
    if (!error)
        error = transfer((void *)payload, bytes, true);
    while (!error && !(error = receive(&header, text)) && header.type == XS_WATCH_EVENT)
        keep_event(text);
    if (error)
        return error;
    if (header.type == XS_ERROR)
        return error_number(text);
    if (reply && header.len < room)
        memcpy(reply, text, header.len + 1);
    return reply && header.len >= room ? -E2BIG : (int)header.len;
}

int store_write(uint32_t transaction, const char *path, const char *value)
{
    char payload[XENSTORE_PAYLOAD_MAX];
    size_t name = strlen(path) + 1, bytes = strlen(value);

    if (name + bytes > sizeof(payload))
        return -E2BIG;
    memcpy(payload, path, name);
    memcpy(payload + name, value, bytes);
    return store_request(XS_WRITE, transaction, payload, name + bytes, NULL, 0);
}

int store_read(const char *path, char *value, size_t room)
{
    return store_request(XS_READ, 0, path, strlen(path) + 1, value, room);
}

int store_remove(const char *path)
{
    return store_request(XS_RM, 0, path, strlen(path) + 1, NULL, 0);
}

int store_permit(uint32_t transaction, const char *path, const char *permissions)
{
    char payload[XENSTORE_PAYLOAD_MAX];
    int bytes = snprintf(payload, sizeof(payload), "%s %s", path, permissions) + 1;

    for (int i = 0; i < bytes; i++)
        if (payload[i] == ' ')
            payload[i] = '\0';
    return store_request(XS_SET_PERMS, transaction, payload, (size_t)bytes, NULL, 0);
}

int store_introduce(unsigned domain, uint32_t frame, uint32_t port)
{
    char payload[64];
    int bytes = snprintf(payload, sizeof(payload), "%u %u %u", domain, frame, port) + 1;

    for (int i = 0; i < bytes; i++)
        if (payload[i] == ' ')
            payload[i] = '\0';
    return store_request(XS_INTRODUCE, 0, payload, (size_t)bytes, NULL, 0);
}

int store_watch(const char *path, const char *token)
{
    char payload[XENSTORE_PAYLOAD_MAX];
    int bytes = snprintf(payload, sizeof(payload), "%s %s", path, token) + 1;

    payload[strlen(path)] = '\0';
    return store_request(XS_WATCH, 0, payload, (size_t)bytes, NULL, 0);
}

bool store_event_kept(void)
{
    return kept_count > 0;
}

int store_descriptor(void)
{
    return descriptor;
}

int store_event(char *path, size_t room)
{
    char text[XENSTORE_PAYLOAD_MAX + 1];
    struct xsd_sockmsg header;
    int error;

    if (kept_count > 0) {
        snprintf(path, room, "%s", kept[0]);
        memmove(kept[0], kept[1], --kept_count * sizeof(kept[0]));
        return 0;
    }
    do
        error = receive(&header, text);
    while (!error && header.type != XS_WATCH_EVENT);
    if (!error)
        snprintf(path, room, "%s", text);
    return error;
}
