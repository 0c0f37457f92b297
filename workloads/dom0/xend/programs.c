/* SPDX-License-Identifier: GPL-2.0-only */
#include "workloads/dom0/xend/programs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workloads/dom0/xend/sockets.h"
#include "workloads/dom0/xl/store.h"

#define UNREAD_MOST (1u << 20) /* bytes that a program lets wait before it is not listened to */

struct program {
    struct program *next;
    int fd;
    struct connection *connection;
    uint32_t received;
    struct {
        struct xsd_sockmsg header;
        char payload[XENSTORE_PAYLOAD_MAX];
    } in;
};

static struct store *store;
static struct program *programs;
static int listener = -1;

int programs_listen(struct store *its_store)
{
    store = its_store;
    listener = socket_listen(STORE_SOCKET);
    return listener < 0 ? listener : 0;
}

static void accept_program(void)
{
    int fd = socket_accept(listener);
    struct program *p = fd < 0 ? NULL : calloc(1, sizeof(*p));

    if (!p || !(p->connection = store_connect(store, 0))) {
        free(p);
        if (fd >= 0)
            close(fd);
        return;
    }
    p->fd = fd;
    p->next = programs;
    programs = p;
}

static void drop(struct program *p)
{
    struct program **link = &programs;

    while (*link != p)
        link = &(*link)->next;
    *link = p->next;
    store_disconnect(store, p->connection);
    close(p->fd);
    free(p);
}

/* Bytes of one request. False: the program has gone, or does not keep to the protocol. */
static bool hear(struct program *p)
{
    while (p->connection->waiting < UNREAD_MOST) {
        uint32_t whole = sizeof(p->in.header);

        if (p->received >= whole)
            whole += p->in.header.len;
        if (p->received == whole && whole > 0) {
            store_receive(store, p->connection, &p->in.header, p->in.payload);
            p->received = 0;
            return true;
        }
        ssize_t got = recv(p->fd, (char *)&p->in + p->received, whole - p->received, MSG_DONTWAIT);

        if (got <= 0)
            return got < 0 && errno == EAGAIN;
        p->received += (uint32_t)got;
        if (p->received == sizeof(p->in.header) && p->in.header.len > XENSTORE_PAYLOAD_MAX)
            return false;
    }
    return true;
}

/* What waits for the program, as far as the socket takes it. False: the program has gone. */
static bool tell(struct program *p)
{
    struct message *m;

    while ((m = p->connection->out)) {
        ssize_t sent =
            send(p->fd, m->data + m->sent, m->bytes - m->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent < 0)
            return errno == EAGAIN;
        m->sent += (uint32_t)sent;
        if (m->sent == m->bytes)
            connection_drop_sent(p->connection);
    }
    return true;
}

unsigned programs_wait(struct pollfd *fds, unsigned most)
{
    unsigned n = 0;

    fds[n++] = (struct pollfd){listener, POLLIN, 0};
    for (struct program *p = programs, *next; p && n < most; p = next) {
        next = p->next;
        if (!tell(p)) {
            drop(p);
            continue;
        }
        fds[n++] = (struct pollfd){p->fd,
                                   (short)((p->connection->waiting < UNREAD_MOST ? POLLIN : 0) |
                                           (p->connection->out ? POLLOUT : 0)),
                                   0};
    }
    return n;
}

static struct program *of(int fd)
{
    struct program *p = programs;

    while (p && p->fd != fd)
        p = p->next;
    return p;
}

void programs_work(const struct pollfd *fds, unsigned count)
{
    for (unsigned i = 1; i < count; i++) {
        struct program *p = fds[i].revents ? of(fds[i].fd) : NULL;

        if (p && (!hear(p) || !tell(p)))
            drop(p);
    }
    if (fds[0].revents)
        accept_program();
}
