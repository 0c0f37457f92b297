/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * watch.h - who looks on while a command runs a machine: a trace, a profile
 *
 * `xenolith trace` and `xenolith profile` are other commands with a watcher. It observes in front
 * of the accounting, passes everything on, and so changes no result.
 */
#ifndef XENOLITH_SIM_WATCH_H
#define XENOLITH_SIM_WATCH_H

#include "sim/account/account.h"

struct watcher {
    void *owner;
    /* The account observes the machine, which has not run yet. False with one sentence in `why`. */
    bool (*begin)(void *owner, struct account *account, const struct boot_images *images, char *why,
                  size_t why_bytes);
    /* The machine will not run again. False with one sentence in `why`: something was lost. */
    bool (*end)(void *owner, char *why, size_t why_bytes);
};

/* The machine that this program runs next is watched; NULL: none is. `watcher` stays there. */
void watch_with(const struct watcher *watcher);

/* For commands, around a machine's runs; both are true if nobody watches. False after saying why.
 */
bool watch_begin(struct account *account, const struct boot_images *images);
bool watch_end(void);

#endif
