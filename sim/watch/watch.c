/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/watch/watch.h"

#include "sim/cli/setup.h"

static const struct watcher *watching;

void watch_with(const struct watcher *watcher)
{
    watching = watcher;
}

bool watch_begin(struct account *account, const struct boot_images *images)
{
    char why[SETUP_WHY_BYTES];

    if (!watching || watching->begin(watching->owner, account, images, why, sizeof(why)))
        return true;
    say("%s", why);
    watching = NULL;
    return false;
}

bool watch_end(void)
{
    const struct watcher *watcher = watching;
    char why[SETUP_WHY_BYTES];

    watching = NULL;
    if (!watcher || watcher->end(watcher->owner, why, sizeof(why)))
        return true;
    say("%s", why);
    return false;
}
