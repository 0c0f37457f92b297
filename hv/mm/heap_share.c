/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * heap_share.c - how much of the hypervisor's heap one domain may have
 *
 * A domain makes the hypervisor remember things: ports, grants, mappings of grants, queues. Each
 * costs pages of a heap that all domains share, so one that asks for all it can ask for must not
 * leave the others without. Nobody knows how many will ask, so the limit moves with what is left:
 *
 *   1. A quarter of the heap is kept for the first pages of domains. A domain has SHARE_ALWAYS
 *      pages in any case, as long as there are pages at all: enough to live by, with one grant
 *      table's frame.
 *   2. Of the rest a domain may have as much again as it leaves free: half of it if it is alone, a
 *      third if there are two that ask for all, and so on. A later domain still finds as much
 *      as each of those before it has.
 *
 * Source: the rule for packets in a shared buffer: Choudhury and Hahne, "Dynamic Queue Length
 * Thresholds for Shared-Memory Packet Switches", IEEE/ACM Transactions on Networking 6(2), 1998.
 */
#include "hv/include/mm.h"

#define SHARE_ALWAYS 8

static bool may_have_more(const struct domain *domain)
{
    uint32_t kept = heap_pages_total() / 4, free = heap_pages_total() - heap_pages_used();

    return domain->hv_pages < SHARE_ALWAYS || (free > kept && domain->hv_pages < free - kept);
}

void *heap_page_for(struct domain *domain)
{
    void *page = may_have_more(domain) ? heap_page() : NULL;

    if (page)
        domain_account(domain, 1);
    return page;
}
