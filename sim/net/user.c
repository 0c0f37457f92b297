/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/net/user.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <slirp/libslirp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define POLLS     1024 /* descriptors at one time */
#define NETWORK   UINT32_C(0x0a000200)
#define FRAME_MAX 16384

/* The process's whole state: it serves one machine and ends. */
static int machine;
static struct pollfd polls[POLLS];
static unsigned poll_count;

struct timer {
    struct timer *next;
    SlirpTimerCb call;
    void *with;
    int64_t at; /* milliseconds; -1: not set */
};
static struct timer *timers;

static int64_t now_ns(void *opaque)
{
    struct timespec now;

    (void)opaque;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static ssize_t to_machine(const void *frame, size_t bytes, void *opaque)
{
    (void)opaque;
    return send(machine, frame, bytes, MSG_NOSIGNAL);
}

static void complain(const char *text, void *opaque)
{
    (void)text, (void)opaque; /* the machine may send anything */
}

static void *timer_new(SlirpTimerCb call, void *with, void *opaque)
{
    struct timer *timer = malloc(sizeof(*timer));

    (void)opaque;
    if (!timer)
        _exit(1);
    *timer = (struct timer){.next = timers, .call = call, .with = with, .at = -1};
    timers = timer;
    return timer;
}

static void timer_free(void *which, void *opaque)
{
    struct timer **link = &timers;

    (void)opaque;
    while (*link != which)
        link = &(*link)->next;
    *link = (*link)->next;
    free(which);
}

static void timer_mod(void *which, int64_t at, void *opaque)
{
    (void)opaque;
    ((struct timer *)which)->at = at;
}

static void nothing(int descriptor, void *opaque)
{
    (void)descriptor, (void)opaque;
}

static void notified(void *opaque)
{
    (void)opaque;
}

static void run_timers(void)
{
    int64_t now = now_ns(NULL) / 1000000;

    for (struct timer *timer = timers, *next; timer; timer = next) {
        next = timer->next;
        if (timer->at >= 0 && timer->at <= now) {
            timer->at = -1;
            timer->call(timer->with);
        }
    }
}

static const struct {
    int slirp;
    short host;
} kinds[] = {{SLIRP_POLL_IN, POLLIN},
             {SLIRP_POLL_OUT, POLLOUT},
             {SLIRP_POLL_PRI, POLLPRI},
             {SLIRP_POLL_ERR, POLLERR},
             {SLIRP_POLL_HUP, POLLHUP}};
#define KINDS (sizeof(kinds) / sizeof(*kinds))

static int add_poll(int descriptor, int events, void *opaque)
{
    (void)opaque;
    if (poll_count == POLLS)
        return -1;
    polls[poll_count] = (struct pollfd){.fd = descriptor};
    for (size_t i = 0; i < KINDS; i++)
        if (events & kinds[i].slirp && kinds[i].host != POLLERR && kinds[i].host != POLLHUP)
            polls[poll_count].events |= kinds[i].host;
    return (int)poll_count++;
}

static int polled(int index, void *opaque)
{
    int events = 0;

    (void)opaque;
    for (size_t i = 0; index >= 0 && i < KINDS; i++)
        if (polls[index].revents & kinds[i].host)
            events |= kinds[i].slirp;
    return events;
}

/* The library, which only this process loads: it and what it needs cost every start a tenth. */
static struct {
    __typeof__(&slirp_new) new;
    __typeof__(&slirp_add_hostfwd) add_hostfwd;
    __typeof__(&slirp_pollfds_fill) pollfds_fill;
    __typeof__(&slirp_pollfds_poll) pollfds_poll;
    __typeof__(&slirp_input) input;
} library;

static bool load_library(void)
{
    void *handle = dlopen("libslirp.so.0", RTLD_NOW);
    const struct {
        const char *name;
        void *to;
    } functions[] = {{"slirp_new", &library.new},
                     {"slirp_add_hostfwd", &library.add_hostfwd},
                     {"slirp_pollfds_fill", &library.pollfds_fill},
                     {"slirp_pollfds_poll", &library.pollfds_poll},
                     {"slirp_input", &library.input}};
    bool all = handle != NULL;

    for (unsigned i = 0; all && i < sizeof(functions) / sizeof(*functions); i++) {
        void *function = dlsym(handle, functions[i].name);

        memcpy(functions[i].to, &function, sizeof(function));
        all = function != NULL;
    }
    return all;
}

/* Until the machine's end of the socket is closed. */
static void serve(Slirp *slirp)
{
    static uint8_t frame[FRAME_MAX];

    for (;;) {
        uint32_t timeout = 10;
        ssize_t n;

        poll_count = 0;
        add_poll(machine, SLIRP_POLL_IN, NULL);
        library.pollfds_fill(slirp, &timeout, add_poll, NULL);
        int ready = poll(polls, poll_count, (int)timeout);
        while ((n = recv(machine, frame, sizeof(frame), MSG_DONTWAIT)) > 0)
            library.input(slirp, frame, (int)n);
        if (!n || (errno != EAGAIN && errno != EINTR))
            _exit(0);
        library.pollfds_poll(slirp, ready < 0, polled, NULL);
        run_timers();
    }
}

static Slirp *start(void)
{
    static const SlirpCb calls = {.send_packet = to_machine,
                                  .guest_error = complain,
                                  .clock_get_ns = now_ns,
                                  .timer_new = timer_new,
                                  .timer_free = timer_free,
                                  .timer_mod = timer_mod,
                                  .register_poll_fd = nothing,
                                  .unregister_poll_fd = nothing,
                                  .notify = notified};
    SlirpConfig config = {.version = 1, .in_enabled = true};

    config.vnetwork.s_addr = htonl(NETWORK);
    config.vnetmask.s_addr = htonl(0xffffff00);
    config.vhost.s_addr = htonl(NETWORK + 2);
    config.vnameserver.s_addr = htonl(NETWORK + 3);
    config.vdhcp_start.s_addr = htonl(NETWORK + 15);
    return library.new(&config, &calls, NULL);
}

#define NO_LIBRARY (UINT8_MAX - 1)

/* In the new process: says by a byte that it is ready (0), which port is taken, or the trouble. */
static void be_the_network(const struct user_forward *forward, unsigned forwards)
{
    Slirp *slirp;
    uint8_t trouble = 0;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGINT, SIG_IGN);
    signal(SIGPIPE, SIG_IGN); /* of connections that others have ended */
    trouble = load_library() ? 0 : NO_LIBRARY;
    slirp = trouble ? NULL : start();
    for (unsigned i = 0; slirp && i < forwards && !trouble; i++) {
        struct in_addr here = {htonl(INADDR_LOOPBACK)}, there = {htonl(forward[i].ip)};

        if (library.add_hostfwd(slirp, 0, here, forward[i].host_port, there, forward[i].port))
            trouble = (uint8_t)(i + 1);
    }
    if (!slirp && !trouble)
        trouble = UINT8_MAX;
    if (send(machine, &trouble, 1, MSG_NOSIGNAL) == 1 && !trouble)
        serve(slirp);
    _exit(1);
}

int user_start(const struct user_forward *forward, unsigned forwards, char *why, size_t why_bytes)
{
    int end[2];
    uint8_t trouble = UINT8_MAX;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, end)) {
        snprintf(why, why_bytes, "no socket for the network: %s", strerror(errno));
        return -1;
    }
    fflush(NULL);
    pid_t process = fork();
    if (!process) {
        close(end[0]);
        machine = end[1];
        be_the_network(forward, forwards);
    }
    close(end[1]);
    if (process > 0 && recv(end[0], &trouble, 1, 0) == 1 && !trouble)
        return end[0];
    if (trouble && trouble <= forwards)
        snprintf(why, why_bytes, "port %u of this host cannot be forwarded: it is taken",
                 forward[trouble - 1].host_port);
    else if (trouble == NO_LIBRARY)
        snprintf(why, why_bytes, "this host's network needs libslirp: install libslirp0");
    else
        snprintf(why, why_bytes, "the network's process cannot be started");
    close(end[0]);
    return -1;
}
