/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A page that the hypervisor lent to a domain, its shared_info, is the hypervisor's again when the
 * domain is gone. Whoever mapped it, wrote to it and then took the entry out without a flush must
 * not be able to write to it any more: it may be anything by then, even another domain's innermost.
 * Domain 0 does it, with domains that have no memory at all; any domain could, to which another one
 * grants that page.
 */
#include "tests/guest/kit/kit.h"

#define MARK 0x5741e1edu

static volatile uint32_t *window;

static void write_again(void *unused)
{
    (void)unused;
    *window = MARK;
}

/* Destroyed before the entry goes, or after it. */
static void try_order(bool unmap_first)
{
    struct child child;

    child_create(&child);
    window = page_unmapped();
    expect(child_map((const void *)window, child.id, child_shared_frame(&child),
                     PTE_P | PTE_W | PTE_A | PTE_D),
           0);
    *window = 0;
    if (!unmap_first)
        child_destroy(&child);
    expect(HYPERCALL(update_va_mapping, window, 0, 0, UVMF_NONE), 0);
    if (unmap_first)
        child_destroy(&child);
    /* Takes what has become free, where the hypervisor hands it out at once. */
    child_create(&child);
    bool stopped = trapped(write_again, NULL);
    const volatile uint32_t *own = page_unmapped();

    expect(child_map((const void *)own, child.id, child_shared_frame(&child), PTE_P | PTE_A), 0);
    bool changed = false;
    for (unsigned i = 0; i < PAGE_SIZE / sizeof(*own); i++)
        changed |= own[i] == MARK;
    check(stopped, "%s: written to a page that is no longer lent",
          unmap_first ? "unmapped, then destroyed" : "destroyed, then unmapped");
    check(!changed, "the next domain's shared_info is written to");
    expect(map((const void *)own, 0), 0);
    child_destroy(&child);
}

void test(void)
{
    if (!privileged) {
        check(child_map(page_unmapped(), 0, start->shared_info / PAGE_SIZE, PTE_P) == -EPERM,
              "another domain's frame by its number");
        return;
    }
    try_order(false);
    try_order(true);
}
