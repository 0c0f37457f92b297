/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * screens.h - what can be shown: Domain 0's terminal, the hypervisor's messages, domains' consoles
 */
#ifndef XENOLITH_CONSOLES_SCREENS_H
#define XENOLITH_CONSOLES_SCREENS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "include/pc/screen.h"

#define SCREENS_MOST 12 /* as many as there are function keys */

enum { SCREEN_DOMAIN0, SCREEN_HYPERVISOR, SCREEN_DOMAINS };

struct console {
    bool used;
    unsigned domain;
    char name[17];
    int fd; /* a terminal's other end or a socket; -1: nobody is there */
    struct screen screen;
};

extern struct console consoles[SCREENS_MOST];

/* Begins with a program on Domain 0's screen. Returns its process, or -1. */
pid_t screens_open(unsigned rows, unsigned columns, char **words);

/* Asks the hypervisor for its domains and its messages. Returns whether anything changed. */
bool screens_look(void);

/* Somebody wants to see this one: its console is attached. */
void screens_attach(struct console *console);

/* Reads what has come. False: the other end is gone. */
bool screens_read(struct console *console);

/* What was typed. */
void screens_type(struct console *console, const char *text, size_t bytes);

#endif
