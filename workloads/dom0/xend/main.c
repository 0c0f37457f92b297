/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * main.c - xend, the daemon of Domain 0: the store, the consoles and the devices of other domains
 *
 * One process waits for four kinds of things: events of domains (/dev/xen/evtchn), among them the
 * hypervisor's own that some domain has ended; programs of Domain 0 at the store's socket; and
 * programs at the consoles'. Nobody waits for anybody else: one request is answered at a time, in
 * turn.
 *
 * It goes on in the background when everything is open, so that who started it can rely on it.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "workloads/dom0/xend/backend.h"
#include "workloads/dom0/xend/channel.h"
#include "workloads/dom0/xend/console.h"
#include "workloads/dom0/xend/domains.h"
#include "workloads/dom0/xend/programs.h"
#include "workloads/dom0/xl/hypercall.h"

#define FDS_MOST 256 /* what a process may have open */

static struct store store;
static int events;          /* descriptor */
static uint32_t ended_port; /* of VIRQ_DOM_EXC */

static int fail(const char *what, int error)
{
    fprintf(stderr, "xend: %s: %s\n", what, strerror(-error));
    return 1;
}

static void write_node(struct connection *us, const char *path, const char *value)
{
    struct operation operation = {OPERATION_WRITE, path, value, (uint32_t)strlen(value)};

    store_change(&store, us, NULL, &operation);
}

/* What is there from the beginning. */
static bool make_tree(void)
{
    struct connection *us = store_connect(&store, 0);

    if (!us)
        return false;
    write_node(us, "/tool/xenstored", "");
    write_node(us, "/local/domain/0/domid", "0");
    write_node(us, "/local/domain/0/name", "Domain-0");
    store_disconnect(&store, us);
    return true;
}

static int open_all(void)
{
    struct store_hooks hooks;
    int error;

    if ((error = hypercall_open()))
        return fail("no way to the hypervisor, /proc/xen/privcmd", error);
    if ((events = channel_open()) < 0)
        return fail("/dev/xen/evtchn", events);
    if ((error = channel_bind_virq(VIRQ_DOM_EXC)) < 0)
        return fail("another one runs", error);
    ended_port = (uint32_t)error;
    domains_open(&store, &hooks);
    if (!store_init(&store, &hooks) || !make_tree() || !backends_open(&store))
        return fail("the store", -ENOMEM);
    if ((error = programs_listen(&store)))
        return fail("the store's socket", error);
    if ((error = consoles_listen()))
        return fail("the consoles' socket", error);
    return 0;
}

static void take_events(void)
{
    int port;

    while ((port = channel_next()) >= 0) {
        channel_listen((uint32_t)port); /* first: what comes from now on is a new event */
        if ((uint32_t)port == ended_port)
            domains_check();
        else if (!console_event((uint32_t)port))
            domains_event((uint32_t)port);
    }
}

static void serve(void)
{
    static struct pollfd fds[FDS_MOST];
    bool more = false;

    for (;;) {
        int timeout = more ? 0 : -1;
        unsigned of_programs, all;

        fds[0] = (struct pollfd){events, POLLIN, 0};
        of_programs = 1 + programs_wait(fds + 1, FDS_MOST / 2);
        all = of_programs + consoles_wait(fds + of_programs, FDS_MOST - of_programs, &timeout);
        if (poll(fds, all, more ? 0 : timeout) < 0 && errno != EINTR)
            return;
        if (fds[0].revents)
            take_events();
        programs_work(fds + 1, of_programs - 1);
        consoles_work(fds + of_programs, all - of_programs);
        more = domains_work();
        more |= backends_work();
    }
}

int main(void)
{
    int error = open_all();
    pid_t pid = error ? 0 : fork();

    if (error)
        return error;
    if (pid < 0)
        return fail("no process for it", -errno);
    if (pid > 0)
        _exit(0);
    setsid();
    serve();
    return fail("poll", -errno);
}
