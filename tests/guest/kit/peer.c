/* SPDX-License-Identifier: GPL-2.0-only */
/* What a test is told that runs in two domains: which of the two it is, and who is the other. */
#include "tests/guest/kit/kit.h"

bool peer_told(const char *word, domid_t *peer)
{
    const char *at = (const char *)start->cmd_line;

    while (*at && !starts_with(at, word))
        at++;
    if (!*at)
        return false;
    while (*word++)
        at++;
    for (*peer = 0; *at >= '0' && *at <= '9'; at++)
        *peer = *peer * 10 + (*at - '0');
    return true;
}
