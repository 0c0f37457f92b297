/* SPDX-License-Identifier: GPL-2.0-only */
/* Counts so large that count * size wraps around: nothing is done, and the answer is an error. */
#include "tests/guest/kit/kit.h"

static void expect_refused(const char *what, long result)
{
    check(result < 0 && result > -4096, "%s gave %ld", what, result);
}

void test(void)
{
    static struct mmu_update updates[2];
    uint64_t *entry = l1_entry((unsigned long)page_alloc()), before = *entry;
    unsigned done = 0;
    static const unsigned counts[] = {0x10000000, 0x10000001, 0x15555556, 0x7fffffff, 0xffffffff};

    for (unsigned i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        /* The array ends at an unmapped page: 16 bytes, then nothing. */
        struct mmu_update *last = (struct mmu_update *)(USER_BASE + 3 * PAGE_SIZE) - 1;

        expect(user_map(2, USER_ENTRY(page_alloc())), 0);
        *last = (struct mmu_update){machine_of(entry), before};
        expect_refused("mmu_update", HYPERCALL(mmu_update, last, counts[i], &done, DOMID_SELF));
        struct mmuext_op *op = (struct mmuext_op *)(USER_BASE + 3 * PAGE_SIZE) - 1;
        *op = (struct mmuext_op){.cmd = MMUEXT_TLB_FLUSH_LOCAL};
        expect_refused("mmuext_op", HYPERCALL(mmuext_op, op, counts[i], &done, DOMID_SELF));
        expect_refused("set_gdt", HYPERCALL(set_gdt, updates, counts[i]));
        expect_refused("set_ldt", mmuext(MMUEXT_SET_LDT, (unsigned long)page_alloc(), counts[i]));
        expect_refused("console_io", HYPERCALL(console_io, CONSOLEIO_write, counts[i],
                                               USER_BASE + 3 * PAGE_SIZE));
        struct sched_poll poll = {.nr_ports = counts[i]};
        expect_refused("poll", HYPERCALL(sched_op, SCHEDOP_poll, &poll));
    }
    check((*entry & ~(PTE_A | PTE_D)) == (before & ~(PTE_A | PTE_D)), "the entry changed");
}
