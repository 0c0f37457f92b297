/* SPDX-License-Identifier: GPL-2.0-only */
#include "workloads/dom0/xend/console.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workloads/dom0/xend/channel.h"
#include "workloads/dom0/xend/sockets.h"
#include "workloads/dom0/xl/hypercall.h"

#define NEW_CLIENTS 8   /* that have not said yet which console they want */
#define LOOK_AGAIN  100 /* ms: whether a domain has read its input, since some do not say */

static struct console *consoles;
static int listener = -1;

static struct newcomer {
    int fd;
    char line[16];
    unsigned used;
} newcomers[NEW_CLIENTS];
static unsigned newcomer_count;

/* ---- consoles -------------------------------------------------------------------------------- */

static struct console *find(uint16_t domain)
{
    struct console *c = consoles;

    while (c && c->domain != domain)
        c = c->next;
    return c;
}

static void keep(struct console *c, const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        c->kept[(c->first + c->count) % CONSOLE_KEPT] = text[i];
        if (c->count < CONSOLE_KEPT)
            c->count++;
        else
            c->first = (c->first + 1) % CONSOLE_KEPT;
    }
}

/* Takes what the domain has written: all if nobody reads, else what can be kept. */
static void take(struct console *c)
{
    char text[1024];
    size_t n, most;
    bool any = false;

    do {
        most = c->client < 0 ? sizeof(text) : CONSOLE_KEPT - c->count;
        n = console_ring_take(c->page, text, most < sizeof(text) ? most : sizeof(text));
        keep(c, text, n);
        any |= n > 0;
    } while (n > 0);
    if (any)
        channel_notify(c->port);
}

static void drop_client(struct console *c)
{
    if (c->client >= 0)
        close(c->client);
    c->client = -1;
    c->ending = false;
}

static void send_kept(struct console *c)
{
    while (c->client >= 0 && c->count > 0) {
        uint32_t part = CONSOLE_KEPT - c->first;
        ssize_t sent = send(c->client, c->kept + c->first, part < c->count ? part : c->count,
                            MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent < 0) {
            if (errno != EAGAIN)
                drop_client(c);
            return;
        }
        c->first = (c->first + (uint32_t)sent) % CONSOLE_KEPT;
        c->count -= (uint32_t)sent;
        take(c);
    }
    if (c->client >= 0 && c->ending)
        drop_client(c);
}

static void serve(struct console *c)
{
    take(c);
    send_kept(c);
}

int console_open(uint16_t domain, uint32_t frame, uint32_t port)
{
    struct console *c = calloc(1, sizeof(*c));
    long error;
    int ours;

    if (!c)
        return -ENOMEM;
    c->page = foreign_map(domain, &frame, 1, &error);
    if (!c->page) {
        free(c);
        return (int)error;
    }
    ours = channel_bind(domain, port);
    if (ours < 0) {
        foreign_unmap((void *)c->page, 1);
        free(c);
        return ours;
    }
    c->domain = domain;
    c->port = (uint32_t)ours;
    c->client = -1;
    c->next = consoles;
    consoles = c;
    channel_notify(c->port); /* somebody is here now */
    return 0;
}

void console_drain(uint16_t domain)
{
    struct console *c = find(domain);

    if (c)
        serve(c);
}

void console_close(uint16_t domain)
{
    struct console **link = &consoles, *c = find(domain);

    if (!c)
        return;
    serve(c);
    drop_client(c);
    while (*link != c)
        link = &(*link)->next;
    *link = c->next;
    channel_unbind(c->port);
    foreign_unmap((void *)c->page, 1);
    free(c);
}

bool console_event(uint32_t port)
{
    struct console *c = consoles;

    while (c && c->port != port)
        c = c->next;
    if (!c)
        return false;
    serve(c);
    return true;
}

/* ---- programs that come ---------------------------------------------------------------------- */

int consoles_listen(void)
{
    listener = socket_listen(CONSOLE_SOCKET);
    return listener < 0 ? listener : 0;
}

static void answer(int fd, const char *text)
{
    send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void attach(int fd, const char *line)
{
    char *end;
    unsigned long number = strtoul(line, &end, 10);
    struct console *c = *line >= '0' && *line <= '9' && !*end && number < UINT16_MAX
                            ? find((uint16_t)number)
                            : NULL;

    if (!c || c->client >= 0) {
        answer(fd, c ? "somebody else has its console\n" : "it has no console that is served\n");
        close(fd);
        return;
    }
    answer(fd, "ok\n");
    c->client = fd;
    serve(c);
}

/* Reads the line with the domain's number, a byte at a time: what follows is the console's. */
static void hear_newcomer(unsigned i)
{
    struct newcomer *n = &newcomers[i];
    ssize_t got;
    char c;

    while ((got = recv(n->fd, &c, 1, MSG_DONTWAIT)) == 1 && c != '\n' &&
           n->used < sizeof(n->line) - 1)
        n->line[n->used++] = c;
    if (got < 0 && errno == EAGAIN)
        return;
    if (got == 1 && c == '\n')
        attach(n->fd, n->line);
    else
        close(n->fd);
    newcomers[i] = newcomers[--newcomer_count];
}

static void accept_newcomer(void)
{
    int fd = socket_accept(listener);

    if (fd >= 0)
        newcomers[newcomer_count++] = (struct newcomer){.fd = fd};
}

/* ---- input ----------------------------------------------------------------------------------- */

static void hear_client(struct console *c)
{
    char text[sizeof(c->page->in)];
    size_t room = console_ring_room(c->page);
    ssize_t got = room ? recv(c->client, text, room, MSG_DONTWAIT) : -1;

    if (got > 0) {
        console_ring_give(c->page, text, (size_t)got);
        channel_notify(c->port);
    } else if (got == 0) {
        c->ending = true;
        serve(c);
    }
}

/* ---- waiting --------------------------------------------------------------------------------- */

unsigned consoles_wait(struct pollfd *fds, unsigned most, int *timeout)
{
    unsigned n = 0;

    fds[n++] = (struct pollfd){newcomer_count < NEW_CLIENTS ? listener : -1, POLLIN, 0};
    for (unsigned i = 0; i < newcomer_count; i++)
        fds[n++] = (struct pollfd){newcomers[i].fd, POLLIN, 0};
    for (const struct console *c = consoles; c && n < most; c = c->next) {
        bool room = console_ring_room(c->page) > 0;

        if (c->client < 0)
            continue;
        if (!room && !c->ending)
            *timeout = LOOK_AGAIN;
        fds[n++] = (struct pollfd){
            c->client, (short)((room && !c->ending ? POLLIN : 0) | (c->count ? POLLOUT : 0)), 0};
    }
    return n;
}

static struct console *of_client(int fd)
{
    struct console *c = consoles;

    while (c && c->client != fd)
        c = c->next;
    return c;
}

void consoles_work(const struct pollfd *fds, unsigned count)
{
    struct console *c;

    for (unsigned i = 1; i < count; i++) {
        if (!fds[i].revents)
            continue;
        for (unsigned j = 0; j < newcomer_count; j++)
            if (newcomers[j].fd == fds[i].fd) {
                hear_newcomer(j);
                break;
            }
        if ((c = of_client(fds[i].fd)) && fds[i].revents & POLLOUT)
            serve(c);
        if ((c = of_client(fds[i].fd)) && fds[i].revents & POLLIN)
            hear_client(c);
        if ((c = of_client(fds[i].fd)) && fds[i].revents & (POLLHUP | POLLERR) && !c->ending &&
            !(fds[i].revents & POLLIN))
            drop_client(c);
    }
    if (fds[0].revents)
        accept_newcomer();
}
