/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entries of a root that name directories full of tables are overwritten. Interrupts do not wait
 * for the tables' release (the judge looks at that), and all tables are free when the call returns.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    struct large_tree tree, below;

    large_tree_build(&tree, LARGE_TREE_MOST, 512);
    expect(mmuext(MMUEXT_PIN_L3_TABLE, mfn_of(tree.root), 0), 0);
    expect(mmuext(MMUEXT_NEW_BASEPTR, mfn_of(tree.root), 0), 0);
    expect(pte_write(machine_of(&tree.root[0]), 0), 0);
    expect(mmuext(MMUEXT_NEW_BASEPTR, mfn_of(base_table()), 0), 0);
    for (unsigned quarter = 1; quarter < 3; quarter++)
        expect(pte_write(machine_of(&tree.root[quarter]), 0), 0);
    below = tree;
    below.root = page_alloc(); /* the root itself is still in use */
    large_tree_unbuild(&below);
    expect(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(tree.root), 0), 0);
    make_writable(tree.root);
}
