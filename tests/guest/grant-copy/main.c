/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GNTTABOP_copy between frames of our own: the bytes and no others; lengths across the page's end
 * are refused.
 */
#include "tests/guest/kit/kit.h"

static int copy(void *from, unsigned from_offset, void *to, unsigned to_offset, unsigned length)
{
    struct gnttab_copy op = {
        .source = {.u.gmfn = mfn_of(from), .domid = DOMID_SELF, .offset = from_offset},
        .dest = {.u.gmfn = mfn_of(to), .domid = DOMID_SELF, .offset = to_offset},
        .len = length,
        .status = 77,
    };

    expect(HYPERCALL(grant_table_op, GNTTABOP_copy, &op, 1), 0);
    return op.status;
}

void test(void)
{
    uint8_t *from = page_alloc(), *to = page_alloc();

    for (unsigned i = 0; i < PAGE_SIZE; i++)
        from[i] = i * 7;
    expect(copy(from, 100, to, 200, 50), GNTST_okay);
    expect(memcmp(from + 100, to + 200, 50), 0);
    check(to[199] == 0 && to[250] == 0, "bytes beside were changed");
    expect(copy(from, 0, to, 0, PAGE_SIZE), GNTST_okay);
    expect(memcmp(from, to, PAGE_SIZE), 0);
    expect(copy(from, 4000, to, 0, 200), GNTST_bad_copy_arg);
    expect(copy(from, 0, to, 4000, 200), GNTST_bad_copy_arg);
    expect(copy(from, 0, base_table(), 0, 8) < 0, 1); /* not into a table */
}
