/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * screens.c - a screen for each console
 *
 * A domain's place is the first that is free, so its key stays while it lives. Its console is
 * attached when it is first shown: xend keeps the latest text until then, and `xl console` can have
 * it as long as nobody has looked here.
 */
#include "workloads/dom0/consoles/screens.h"

#include <errno.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "workloads/dom0/xl/console.h"
#include "workloads/dom0/xl/domains.h"
#include "workloads/dom0/xl/hypercall.h"

struct console consoles[SCREENS_MOST];

static unsigned rows, columns;

/* ---- places ---------------------------------------------------------------------------------- */

static void answer(struct screen *screen, const char *text, size_t length)
{
    const struct console *c = (void *)((char *)screen - offsetof(struct console, screen));

    if (c->fd >= 0 && write(c->fd, text, length) < 0)
        return; /* who asked has gone */
}

/* The cells of a place are kept for the next domain in it. */
static bool take_place(struct console *c, unsigned domain, const char *name)
{
    uint16_t *cells = c->screen.cells;

    if (!cells)
        cells = malloc(rows * columns * sizeof(*cells));
    if (!cells)
        return false;
    *c = (struct console){.used = true, .domain = domain, .fd = -1};
    snprintf(c->name, sizeof(c->name), "%s", name);
    screen_init(&c->screen, cells, rows, columns);
    screen_reset(&c->screen);
    c->screen.answer = answer;
    return true;
}

static void leave_place(struct console *c)
{
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
    c->used = false;
}

static void say(struct console *c, const char *text)
{
    screen_write(&c->screen, text, strlen(text));
}

/* ---- Domain 0 -------------------------------------------------------------------------------- */

pid_t screens_open(unsigned its_rows, unsigned its_columns, char **words)
{
    struct winsize size = {.ws_row = (unsigned short)its_rows,
                           .ws_col = (unsigned short)its_columns};

    rows = its_rows;
    columns = its_columns;
    if (!take_place(&consoles[SCREEN_DOMAIN0], 0, "Domain-0") ||
        !take_place(&consoles[SCREEN_HYPERVISOR], 0, "Xen"))
        return -1;
    pid_t pid = forkpty(&consoles[SCREEN_DOMAIN0].fd, NULL, NULL, &size);

    if (pid == 0) {
        setenv("TERM", "linux", 1);
        execvp(words[0], words);
        fprintf(stderr, "consoles: %s: %s\n", words[0], strerror(errno));
        _exit(127);
    }
    return pid;
}

/* ---- what the hypervisor says ---------------------------------------------------------------- */

/* Its messages since the last time. Returns whether there were any. */
static bool read_messages(void)
{
    static char text[4096];
    static uint32_t at;
    static bool begun;
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_readconsole};

    memset(text, 0, sizeof(text)); /* present, for the hypervisor to write to */
    op.u.readconsole.incremental = begun;
    op.u.readconsole.index = at;
    op.u.readconsole.count = sizeof(text);
    set_xen_guest_handle(op.u.readconsole.buffer, text);
    if (hypercall_sysctl(&op) < 0)
        return false;
    begun = true;
    at = op.u.readconsole.index;
    for (uint32_t i = 0; i < op.u.readconsole.count && i < sizeof(text); i++) {
        if (text[i] == '\n')
            say(&consoles[SCREEN_HYPERVISOR], "\r");
        screen_write(&consoles[SCREEN_HYPERVISOR].screen, &text[i], 1);
    }
    return op.u.readconsole.count > 0;
}

/* ---- domains --------------------------------------------------------------------------------- */

struct looking {
    bool seen[SCREENS_MOST], changed;
};

static struct console *place_of(unsigned domain)
{
    for (unsigned i = SCREEN_DOMAINS; i < SCREENS_MOST; i++)
        if (consoles[i].used && consoles[i].domain == domain)
            return &consoles[i];
    return NULL;
}

static bool see_domain(const struct xen_domctl_getdomaininfo *info, void *context)
{
    struct looking *l = context;
    struct console *c = place_of(info->domain);
    char name[17];

    domains_name(info, name);
    for (unsigned i = SCREEN_DOMAINS; i < SCREENS_MOST && !c; i++) {
        if (!consoles[i].used && take_place(&consoles[i], info->domain, name)) {
            c = &consoles[i];
            l->changed = true;
        }
    }
    if (c) {
        l->changed |= strcmp(c->name, name) != 0;
        strcpy(c->name, name);
        l->seen[c - consoles] = true;
    }
    return true;
}

bool screens_look(void)
{
    struct looking l = {.changed = false};

    l.changed = read_messages();
    domains_each(1, see_domain, &l);
    for (unsigned i = SCREEN_DOMAINS; i < SCREENS_MOST; i++) {
        if (consoles[i].used && !l.seen[i]) {
            leave_place(&consoles[i]);
            l.changed = true;
        }
    }
    return l.changed;
}

/* ---- text ------------------------------------------------------------------------------------ */

void screens_attach(struct console *c)
{
    if (c < &consoles[SCREEN_DOMAINS] || !c->used || c->fd >= 0)
        return;
    c->fd = console_attach(c->domain);
    if (c->fd < 0)
        say(c, "[this console is not to be had: another program has it, or xend does not run]\r\n");
}

bool screens_read(struct console *c)
{
    char text[4096];
    ssize_t n = read(c->fd, text, sizeof(text));

    if (n > 0)
        screen_write(&c->screen, text, (size_t)n);
    if (n > 0 || (n < 0 && errno == EINTR))
        return true;
    close(c->fd);
    c->fd = -1;
    say(c, "\r\n[its console has ended]\r\n");
    return false;
}

void screens_type(struct console *c, const char *text, size_t bytes)
{
    while (c->fd >= 0 && bytes > 0) {
        ssize_t n = write(c->fd, text, bytes);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        text += n;
        bytes -= (size_t)n;
    }
}
