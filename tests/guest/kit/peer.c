/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests that run in two domains: which of the two this is, who is the other, and how they meet. */
#include "tests/guest/kit/kit.h"

#define PATIENCE (10000 * MS)

domid_t peer;

static bool told(const char *word)
{
    const char *at = (const char *)start->cmd_line;

    while (*at && !starts_with(at, word))
        at++;
    if (!*at)
        return false;
    while (*word++)
        at++;
    for (peer = 0; *at >= '0' && *at <= '9'; at++)
        peer = peer * 10 + (*at - '0');
    return true;
}

void pair_run(void (*give)(void), void (*take)(void))
{
    if (told("giver "))
        give();
    else if (told("taker "))
        take();
    else
        expect(grant_map(page_unmapped(), GNTMAP_host_map, own_domain() + 1, 8).status,
               GNTST_bad_domain);
}

static bool try_map(const void *at, grant_ref_t ref, struct gnttab_map_grant_ref *op)
{
    *op = grant_map(at, GNTMAP_host_map, peer, ref);
    return op->status == GNTST_okay;
}

struct gnttab_map_grant_ref pair_map(const void *at, grant_ref_t ref)
{
    struct gnttab_map_grant_ref op;

    for (uint64_t end = now() + PATIENCE; !try_map(at, ref, &op);) {
        if (now() > end)
            give_up("the other one grants nothing (%d)", op.status);
        HYPERCALL(sched_op, SCHEDOP_yield, NULL);
    }
    return op;
}
