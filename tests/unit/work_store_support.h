/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * work_store_support.h - clients of the store service, for its tests
 *
 * Requests are written as a client would send them, with '|' for NUL; a reply likewise, an error as
 * "!NAME". The clients are of domains 0 to 3.
 */
#ifndef XENOLITH_TESTS_WORK_STORE_SUPPORT_H
#define XENOLITH_TESTS_WORK_STORE_SUPPORT_H

#include "workloads/dom0/xend/store/store.h"

extern struct store store;
extern struct connection *client[4];
extern uint16_t introduced[8]; /* frame of each domain, 0: none */

/* Before and after a test: an empty store; what it counts is what is there. */
void store_setup(void);
void store_teardown(void);

/* Sends a request and returns its reply. */
const char *ask_with(unsigned who, uint32_t type, uint32_t tx, const char *payload, uint32_t bytes);
const char *ask(unsigned who, uint32_t type, uint32_t tx, const char *payload);
/* Begins a transaction; its number. */
uint32_t begin(unsigned who);

/* The next event of a watch, "(none)" if there is none. */
const char *event(unsigned who);

/* Requests outside of transactions and what each must give. */
struct step {
    unsigned who;
    uint32_t type;
    const char *payload, *reply;
};
void play(const struct step *steps, unsigned count);
#define PLAY(steps) play(steps, sizeof(steps) / sizeof((steps)[0]))

#endif
