/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A tree of page tables as large as can be made of the domain's memory: it takes the hypervisor
 * long.
 *
 * The tables are the last frames of the domain, which the kernel maps nowhere, each with entries on
 * other frames of the domain, read-only.
 */
#include "tests/guest/kit/kit.h"

#define SPARE 1024 /* pages that the kernel keeps */

static uint64_t *entries, *window;

void large_tree_fill(unsigned long frame, const uint64_t *from)
{
    if (map(window, MFN_PTE(frame, PTE_P | PTE_W | PTE_A | PTE_D)))
        give_up("a frame cannot be filled");
    memcpy(window, from, PAGE_SIZE);
    map(window, 0);
}

unsigned long large_tree_table(unsigned i)
{
    return p2m[start->nr_pages - 1 - i];
}

void large_tree_build(struct large_tree *tree, unsigned most, unsigned each)
{
    unsigned long pages = start->nr_pages;
    unsigned used = 0;

    tree->root = address_space_build();
    tree->tables = pages > 2 * SPARE ? (unsigned)(pages - 2 * SPARE) : 0;
    if (tree->tables > most)
        tree->tables = most;
    entries = page_alloc();
    window = page_unmapped();
    make_writable(tree->root);
    for (unsigned i = 0; i < tree->tables; i++) {
        uint64_t *place = l1_entry(VIRT_BASE + (pages - 1 - i) * PAGE_SIZE);

        if (place && *place)
            give_up("the kernel maps its last frames");
        for (unsigned e = 0; e < each; e++)
            entries[e] = MFN_PTE(p2m[SPARE + (i * 37 + e * 101) % (pages - SPARE - tree->tables)],
                                 PTE_P | PTE_A | PTE_D);
        large_tree_fill(large_tree_table(i), entries);
    }
    for (unsigned quarter = 0; quarter < 3; quarter++) {
        tree->l2[quarter] = page_alloc();
        for (unsigned i = 0; i < 512 && used < tree->tables; i++, used++)
            tree->l2[quarter][i] = MFN_PTE(large_tree_table(used), PTE_P | PTE_W | PTE_A);
        make_readonly(tree->l2[quarter]);
        tree->root[quarter] = MFN_PTE(mfn_of(tree->l2[quarter]), PTE_P);
    }
    make_readonly(tree->root);
}

void large_tree_unbuild(const struct large_tree *tree)
{
    memset(entries, 0, PAGE_SIZE);
    for (unsigned i = 0; i < tree->tables; i++)
        large_tree_fill(large_tree_table(i), entries);
    for (unsigned quarter = 0; quarter < 3; quarter++)
        make_writable(tree->l2[quarter]);
    make_writable(tree->root);
}
