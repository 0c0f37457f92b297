/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * console.h - the consoles of domains, and the programs that show them
 *
 * What a domain writes is kept until a program comes for it, the latest CONSOLE_KEPT bytes of it;
 * while one is there, nothing is lost: a domain whose console is not read on waits. One program at
 * a time may have a console. It connects to CONSOLE_SOCKET, sends the domain's number and a
 * newline, and gets a line "ok" or a sentence; from then on the socket is the console, both ways.
 * When it has closed its own direction, it gets what is left and then the end of the file.
 */
#ifndef XENOLITH_XEND_CONSOLE_H
#define XENOLITH_XEND_CONSOLE_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "workloads/dom0/xend/console_ring.h"

#define CONSOLE_KEPT   16384
#define CONSOLE_SOCKET "/var/run/xenconsoled/socket"

struct console {
    struct console *next;
    uint16_t domain;
    uint32_t port; /* ours */
    volatile struct xencons_interface *page;
    char kept[CONSOLE_KEPT]; /* output that nobody has read, a ring */
    uint32_t first, count;
    int client;  /* a socket; -1: nobody */
    bool ending; /* the client sends no more and only waits for the rest */
};

int consoles_listen(void); /* opens the socket; 0 or minus an error number */

/*
 * Serves a domain's console from now on: maps the frame, binds the port. 0 or minus an error
 * number.
 */
int console_open(uint16_t domain, uint32_t frame, uint32_t port);
/* Takes what the domain has written to the end. */
void console_drain(uint16_t domain);
void console_close(uint16_t domain);

/* An event of one of our ports. False: it is not a console's. */
bool console_event(uint32_t port);

/* Fills in what to wait for, then acts on what has come. The number of entries; *timeout in ms. */
unsigned consoles_wait(struct pollfd *fds, unsigned most, int *timeout);
void consoles_work(const struct pollfd *fds, unsigned count);

#endif
