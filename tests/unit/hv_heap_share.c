/* SPDX-License-Identifier: GPL-2.0-only */
/* hv_heap_share.c - a heap of LAB_FRAMES - LAB_HEAP pages, and domains that want all of it */
#include <criterion/criterion.h>

#include "tests/unit/hv_support.h"

#define TOTAL  (LAB_FRAMES - LAB_HEAP)
#define KEPT   (TOTAL / 4)
#define ALWAYS 8

TestSuite(hv_heap_share, .init = lab_reset);

static unsigned take_all(struct domain *domain)
{
    unsigned pages = 0;

    while (heap_page_for(domain))
        pages++;
    return pages;
}

Test(hv_heap_share, one_gets_no_more_than_it_leaves)
{
    struct domain greedy = {.id = 1};

    cr_assert_eq(take_all(&greedy), (TOTAL - KEPT) / 2);
    cr_assert_eq(greedy.hv_pages, (TOTAL - KEPT) / 2, "all are on its account");
}

Test(hv_heap_share, the_next_finds_its_share)
{
    struct domain first = {.id = 1}, second = {.id = 2};

    take_all(&first);
    cr_assert_geq(take_all(&second), (TOTAL - KEPT) / 4);
}

Test(hv_heap_share, what_is_kept_is_for_first_pages)
{
    struct domain many[3] = {{.id = 1}, {.id = 2}, {.id = 3}}, late = {.id = 4};

    for (unsigned i = 0; i < 3; i++)
        take_all(&many[i]);
    cr_assert_geq(TOTAL - lab_heap_used, KEPT);
    cr_assert_geq(take_all(&late), ALWAYS);
    cr_assert_leq(late.hv_pages, ALWAYS + 1);
}

Test(hv_heap_share, pages_already_there_count)
{
    struct domain old = {.id = 1, .hv_pages = TOTAL};

    cr_assert_null(heap_page_for(&old));
}

Test(hv_heap_share, no_page_is_no_account)
{
    struct domain domain = {.id = 1};

    lab_heap_limit = 0;
    cr_assert_null(heap_page_for(&domain));
    cr_assert_eq(domain.hv_pages, 0);
}
