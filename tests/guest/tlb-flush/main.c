/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The flushing commands of mmuext_op: after each of them a changed entry is seen. Unknown commands
 * -ENOSYS.
 */
#include "tests/guest/kit/kit.h"

static volatile uint32_t *window;
static void *pages[2];
static uint64_t machine;

static void expect_seen(const char *what, unsigned command, unsigned long argument, void *cpus)
{
    static unsigned turn;

    turn ^= 1;
    (void)*window; /* the old translation is in the TLB now */
    check_equal(what, pte_write(machine, MFN_PTE(mfn_of(pages[turn]), PTE_P | PTE_A)), 0);
    check_equal(what, mmuext(command, argument, (unsigned long)cpus), 0);
    check(*window == turn, "%s: the old page is still seen", what);
}

void test(void)
{
    window = page_alloc();
    pages[0] = page_alloc();
    pages[1] = page_alloc();
    *(uint32_t *)pages[1] = 1;
    machine = machine_of(l1_entry((unsigned long)window));
    uint32_t cpus = 1;
    unsigned long at = (unsigned long)window;

    expect_seen("TLB_FLUSH_LOCAL", MMUEXT_TLB_FLUSH_LOCAL, 0, NULL);
    expect_seen("INVLPG_LOCAL", MMUEXT_INVLPG_LOCAL, at, NULL);
    expect_seen("TLB_FLUSH_ALL", MMUEXT_TLB_FLUSH_ALL, 0, NULL);
    expect_seen("INVLPG_ALL", MMUEXT_INVLPG_ALL, at, NULL);
    expect_seen("TLB_FLUSH_MULTI", MMUEXT_TLB_FLUSH_MULTI, 0, &cpus);
    expect_seen("INVLPG_MULTI", MMUEXT_INVLPG_MULTI, at, &cpus);
    expect(mmuext(MMUEXT_TLB_FLUSH_MULTI, 0, 0x1000), -EINVAL);

    /* Addresses of the hypervisor and addresses without mapping: nothing to do, no error. */
    expect(mmuext(MMUEXT_INVLPG_LOCAL, 0xF5800000, 0), 0);
    expect(mmuext(MMUEXT_INVLPG_LOCAL, 0xFFFFF000, 0), 0);
    expect(mmuext(MMUEXT_INVLPG_ALL, 0x10000000, 0), 0);
    expect(mmuext(14, 0, 0), -ENOSYS);
    expect(mmuext(21, 0, 0), -ENOSYS);
    expect(mmuext(0xffffffff, 0, 0), -ENOSYS);
}
