/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Thousands of frames are given back by one call, each of them a pinned table: whether one by one
 * or as extents of many frames, interrupts do not wait for all of them. Each goes with its pin.
 */
#include "tests/guest/kit/kit.h"

#define MOST 2048

static unsigned long frames[MOST];

static long decrease(unsigned count, unsigned order)
{
    struct xen_memory_reservation r = {
        .nr_extents = count, .extent_order = order, .domid = DOMID_SELF};

    set_xen_guest_handle(r.extent_start, frames);
    return HYPERCALL(memory_op, XENMEM_decrease_reservation, &r);
}

/* How many of the frames from the tree's last on are in a row. */
static unsigned sort_run(const struct large_tree *tree, unsigned order)
{
    unsigned long pages = start->nr_pages, size = 1ul << order;
    unsigned found = 0;

    for (unsigned long i = pages - tree->tables; i + size <= pages; i += size) {
        unsigned long n = 1;

        while (n < size && p2m[i + n] == p2m[i] + n)
            n++;
        if (n == size && found < MOST)
            frames[found++] = p2m[i];
    }
    return found;
}

static long reservation(void)
{
    domid_t self = DOMID_SELF;

    return HYPERCALL(memory_op, XENMEM_current_reservation, &self);
}

static void pin_all(const struct large_tree *tree)
{
    for (unsigned i = 0; i < tree->tables; i++)
        if (mmuext(MMUEXT_PIN_L1_TABLE, p2m[start->nr_pages - 1 - i], 0))
            give_up("a table cannot be pinned");
}

void test(void)
{
    struct large_tree tree;
    unsigned runs;
    long before;

    large_tree_build(&tree, LARGE_TREE_MOST, 512);
    if (tree.tables == 0)
        return (void)check(true, "too small");
    pin_all(&tree);
    for (unsigned quarter = 0; quarter < 3; quarter++) {
        make_writable(tree.l2[quarter]);
        memset(tree.l2[quarter], 0, PAGE_SIZE);
    }
    before = reservation();
    runs = sort_run(&tree, 8);
    expect(decrease(runs, 8), runs);
    unsigned left = 0;

    for (unsigned i = 0; i < tree.tables; i++) {
        unsigned long frame = p2m[start->nr_pages - 1 - i];
        bool gone = false;

        for (unsigned n = 0; n < runs; n++)
            gone |= frame >= frames[n] && frame < frames[n] + 256;
        if (!gone)
            frames[MOST - 1 - left++] = frame;
    }
    memcpy(frames, &frames[MOST - left], left * sizeof(frames[0]));
    expect(decrease(left, 0), left);
    expect(reservation(), before);
    for (unsigned i = 0; i < tree.tables; i++)
        expect(mmuext(MMUEXT_UNPIN_TABLE, p2m[start->nr_pages - 1 - i], 0), 0);
    expect(reservation(), before - tree.tables);
}
