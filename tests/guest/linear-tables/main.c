/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Linear page tables over more than one quarter, as BSD kernels build them: a directory names
 * another one, read-only, and shows its entries. The other has to be a directory already, of the
 * domain's own, and stays one as long as it is shown; two do not show each other, and none shows
 * one that shows a third. Nothing can be written through the view.
 */
#include "tests/guest/kit/kit.h"

#define QUARTER(n) ((n) << 30)

static uint64_t *directory(unsigned quarter)
{
    uint64_t *l2 = page_alloc();

    make_readonly(l2);
    expect(pte_write(machine_of(&base_table()[quarter]), MFN_PTE(mfn_of(l2), PTE_P)), 0);
    return l2;
}

static long show(uint64_t *in, unsigned slot, const void *page, uint64_t flags)
{
    return pte_write(machine_of(&in[slot]), MFN_PTE(mfn_of(page), PTE_P | flags));
}

static void write_view(void *at)
{
    *(volatile uint64_t *)at = 0;
}

void test(void)
{
    uint64_t *a = directory(1), *b = directory(2), *l1 = page_alloc(), *loose = page_alloc();
    uint64_t *c = directory(0);

    make_readonly(l1);
    make_readonly(loose);
    expect(show(b, 3, l1, PTE_U), 0);
    expect(show(a, 1, loose, PTE_W), 0); /* it becomes a table of level 1 */
    expect(pte_write(machine_of(&a[1]), 0), 0);

    expect(show(a, 2, b, PTE_W), -EINVAL);
    expect(show(a, 2, b, 0), 0);
    /* Page 2 of the quarter's first 2 MB times 512: entry n of b is n pages into what a[2] maps. */
    volatile uint64_t *view = (uint64_t *)(QUARTER(1UL) + 2 * 0x200000 + 3 * PAGE_SIZE);
    expect(map((void *)(QUARTER(2UL) + 3 * 0x200000 + 7 * PAGE_SIZE), MFN_PTE(mfn_of(l1), PTE_P)),
           0);
    check(view[7] == l1[7] && l1[7], "the view shows %llx", view[7]);

    expect(show(b, 4, a, 0), -EINVAL); /* they would keep each other */
    expect(show(b, 4, b, 0), 0);       /* but itself it may show */
    volatile uint64_t *itself = (uint64_t *)(QUARTER(1UL) + 2 * 0x200000 + 4 * PAGE_SIZE);
    check((itself[3] & ~PTE_A) == (b[3] & ~PTE_A), "the view of the directory shows %llx",
          itself[3]);
    if (check(trapped(write_view, (void *)&itself[9]), "the view could be written"))
        check(trap.vector == 14, "a write to the view gave vector %u", trap.vector);
    expect(show(c, 1, a, 0), -EINVAL); /* a shows another one */
    expect(show(b, 5, c, 0), -EINVAL); /* b is shown */
    expect(show(a, 5, c, 0), 0);
    expect(show(a, 6, base_table(), 0), -EINVAL);

    /* As long as it is shown it cannot be anything else. */
    expect(pte_write(machine_of(&base_table()[2]), 0), 0);
    check(map(b, MFN_PTE(mfn_of(b), PTE_P | PTE_W)) != 0,
          "a directory that is shown became writable");
    check(view[7] == l1[7], "the view shows %llx", view[7]);
    expect(pte_write(machine_of(&b[4]), 0), 0);
    expect(pte_write(machine_of(&a[2]), 0), 0);
    make_writable(b);
    expect(pte_write(machine_of(&base_table()[1]), 0), 0); /* a goes, with what it shows */
    make_writable(a);
    expect(pte_write(machine_of(&base_table()[0]), 0), 0);
    make_writable(c);
}
