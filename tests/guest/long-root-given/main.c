/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The root of a large tree is given back while it is pinned, in a list with other frames: the pin
 * keeps it. With the pin the root goes, and so does the tree, in the time of the call but not
 * without a pause. Its tables are free then.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    struct xen_memory_reservation r = {.nr_extents = 2, .domid = DOMID_SELF};
    unsigned long frames[2], before;
    struct large_tree tree;
    unsigned long root;

    large_tree_build(&tree, LARGE_TREE_MOST, 512);
    expect(mmuext(MMUEXT_PIN_L3_TABLE, mfn_of(tree.root), 0), 0);
    frames[0] = root = mfn_of(tree.root);
    frames[1] = mfn_of(page_unmapped());
    map(tree.root, 0);
    before = (unsigned long)HYPERCALL(memory_op, XENMEM_current_reservation, &r.domid);
    set_xen_guest_handle(r.extent_start, frames);
    expect(HYPERCALL(memory_op, XENMEM_decrease_reservation, &r), 2);
    expect(HYPERCALL(memory_op, XENMEM_current_reservation, &r.domid), before - 1);
    expect(mmuext(MMUEXT_UNPIN_TABLE, root, 0), 0);
    expect(HYPERCALL(memory_op, XENMEM_current_reservation, &r.domid), before - 2);
    tree.root = page_alloc(); /* the root itself is not ours any more */
    large_tree_unbuild(&tree);
}
