/* SPDX-License-Identifier: GPL-2.0-only */
#include "workloads/dom0/xl/console.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "workloads/dom0/xend/console.h"
#include "workloads/dom0/xl/domains.h"
#include "workloads/dom0/xl/store.h"

#define LEAVE 0x1d /* Ctrl-] */

/* ---- reaching it ----------------------------------------------------------------------------- */

static int refuse(int fd, const char *why)
{
    fprintf(stderr, "xl: no console: %s\n", why);
    if (fd >= 0)
        close(fd);
    return -1;
}

int console_attach(unsigned domain)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = CONSOLE_SOCKET};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char line[64];
    size_t used = 0;

    if (fd < 0)
        return refuse(fd, strerror(errno));
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
        return refuse(fd, "nobody serves them (xend)");
    int bytes = snprintf(line, sizeof(line), "%u\n", domain);

    if (send(fd, line, (size_t)bytes, MSG_NOSIGNAL) != bytes)
        return refuse(fd, strerror(errno));
    while (used < sizeof(line) - 1 && recv(fd, line + used, 1, 0) == 1 && line[used] != '\n')
        used++;
    line[used] = '\0';
    return strcmp(line, "ok") == 0 ? fd : refuse(fd, line);
}

/* ---- the terminal ---------------------------------------------------------------------------- */

static struct termios before;

static bool terminal_raw(void)
{
    struct termios raw;

    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &before))
        return false;
    raw = before;
    cfmakeraw(&raw);
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    return true;
}

/* ---- carrying -------------------------------------------------------------------------------- */

static bool write_all(int fd, const char *text, size_t bytes)
{
    while (bytes > 0) {
        ssize_t n = write(fd, text, bytes);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        text += n;
        bytes -= (size_t)n;
    }
    return true;
}

struct carrying {
    int console;
    unsigned domain;
    bool raw, may_leave, reads, watches, left, ended;
};

/* False: the console has ended. */
static bool carry_output(const struct carrying *c)
{
    char text[4096];
    ssize_t n = recv(c->console, text, sizeof(text), 0);

    return n > 0 ? write_all(STDOUT_FILENO, text, (size_t)n) : n < 0 && errno == EINTR;
}

static void carry_input(struct carrying *c)
{
    char text[256];
    ssize_t n = read(STDIN_FILENO, text, sizeof(text));
    const char *leave = n > 0 && c->raw && c->may_leave ? memchr(text, LEAVE, (size_t)n) : NULL;

    if (n < 0 && errno == EINTR)
        return;
    if (leave)
        n = leave - text;
    if (n > 0)
        send(c->console, text, (size_t)n, MSG_NOSIGNAL);
    c->reads = n > 0 && !leave; /* the end of our input is not the end of the console */
    c->left = leave != NULL;
}

/* The store has said that some domain ended: is it this one? */
static void hear_store(struct carrying *c)
{
    char path[256];
    struct xen_domctl_getdomaininfo info;

    if (store_event(path, sizeof(path)))
        c->watches = false;
    else if (!domains_info(c->domain, &info) ||
             info.flags & (XEN_DOMINF_shutdown | XEN_DOMINF_dying))
        c->ended = true;
}

static bool has_ended(struct carrying *c)
{
    while (c->watches && !c->ended && store_event_kept())
        hear_store(c);
    return c->ended;
}

enum console_end console_carry(int console, unsigned domain, bool watch)
{
    struct carrying c = {.console = console, .domain = domain, .may_leave = !watch, .reads = true};
    bool goes_on = true, saying = true;

    c.watches = watch && store_watch("@releaseDomain", "end") >= 0;
    c.raw = terminal_raw();
    while (goes_on) {
        struct pollfd fds[] = {{c.console, POLLIN, 0},
                               {c.reads && saying ? STDIN_FILENO : -1, POLLIN, 0},
                               {c.watches && saying ? store_descriptor() : -1, POLLIN, 0}};

        if (saying && (c.left || has_ended(&c))) {
            shutdown(c.console, SHUT_WR); /* what is left comes, and then the end */
            saying = false;
            continue;
        }
        if (poll(fds, 3, -1) < 0 && errno != EINTR)
            break;
        if (fds[0].revents)
            goes_on = carry_output(&c);
        if (goes_on && fds[1].revents)
            carry_input(&c);
        if (goes_on && fds[2].revents)
            hear_store(&c);
    }
    if (c.raw)
        tcsetattr(STDIN_FILENO, TCSANOW, &before);
    close(console);
    return c.left ? CONSOLE_LEFT : c.ended ? DOMAIN_ENDED : CONSOLE_GONE;
}

int command_console(int count, char **words)
{
    if (count != 1)
        return 2;
    int domain = domains_find(words[0]);
    int console = domain < 0 ? -1 : console_attach((unsigned)domain);

    if (console < 0)
        return 1;
    console_carry(console, (unsigned)domain, false);
    return 0;
}
