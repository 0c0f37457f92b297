/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A page is made read-only without a flush, so that the processor may go on believing it writable,
 * and then becomes a page table; and the same calls are told to leave their results in it. The
 * hypervisor writes those by the guest's own translations: what was validated must not change under
 * it. What is tried is an entry that is not present when it is looked at, one less than a writable
 * mapping of the root.
 */
#include "tests/guest/kit/kit.h"

#define SLOT     7
#define REPEATED 0x80000000u /* of a count: the word already holds what was done before */

static uint64_t *page;
static uint64_t readonly;

/*
 * The entry that a count of one more would make present, in a page that guest and hypervisor have
 * just written to: emulators keep translations by privilege.
 */
static uint64_t prepare(void)
{
    uint64_t entry = MFN_PTE(mfn_of(base_table()), PTE_W | PTE_A | PTE_D);

    make_writable(page);
    expect(HYPERCALL(xen_version, XENVER_extraversion, page), 0);
    memset(page, 0, PAGE_SIZE);
    *(volatile uint64_t *)&page[SLOT] = entry;
    return entry;
}

static void judge(const char *how, uint64_t before)
{
    map(page, readonly); /* this time with a flush */
    check(page[SLOT] == before, "%s: the table's entry is %llx, not %llx", how, page[SLOT], before);
    expect(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(page), 0), 0);
}

/* Two calls: the second pins, and counts what it did into the table. */
static void by_count(void)
{
    uint64_t before = prepare();
    struct mmuext_op pin = {.cmd = MMUEXT_PIN_L1_TABLE, .arg1.mfn = mfn_of(page)};

    expect(HYPERCALL(update_va_mapping, page, readonly, readonly >> 32, UVMF_NONE), 0);
    HYPERCALL(mmuext_op, &pin, 1 | REPEATED, &page[SLOT], DOMID_SELF);
    judge("counted", before);
}

/* One multicall of both. */
static void by_count_in_multicall(void)
{
    uint64_t before = prepare();
    struct mmuext_op pin = {.cmd = MMUEXT_PIN_L1_TABLE, .arg1.mfn = mfn_of(page)};
    struct multicall_entry list[] = {
        {.op = __HYPERVISOR_update_va_mapping,
         .args = {(unsigned long)page, readonly, readonly >> 32, UVMF_NONE}},
        {.op = __HYPERVISOR_mmuext_op,
         .args = {(unsigned long)&pin, 1 | REPEATED, (unsigned long)&page[SLOT], DOMID_SELF}},
    };

    expect(HYPERCALL(multicall, list, 2), 0);
    expect(list[0].result, 0);
    judge("counted in a multicall", before);
}

/* A multicall whose list ends in the page: its last call pins the page, and then has a result. */
static void by_result(void)
{
    static struct mmuext_op pin;
    struct multicall_entry *list = (struct multicall_entry *)page - 1;

    prepare();
    memset(page, 0, PAGE_SIZE);
    pin = (struct mmuext_op){.cmd = MMUEXT_PIN_L1_TABLE, .arg1.mfn = mfn_of(page)};
    list[0] = (struct multicall_entry){
        .op = __HYPERVISOR_update_va_mapping,
        .args = {(unsigned long)page, readonly, readonly >> 32, UVMF_NONE}};
    list[1] = (struct multicall_entry){.op = __HYPERVISOR_mmuext_op,
                                       .result = 0x66,
                                       .args = {(unsigned long)&pin, 1, 0, DOMID_SELF}};
    HYPERCALL(multicall, list, 2);
    expect(list[0].result, 0);
    expect(list[1].result, 0x66);
    judge("with the list inside", 0);
}

void test(void)
{
    /* Pages here and there: what the hypervisor touches may push a translation out. */
    for (unsigned i = 0; i < 9; i++) {
        for (unsigned n = 0; n < 15; n++)
            page_alloc(); /* the last: where a list begins that ends in the next one */
        page = page_alloc();
        readonly = MFN_PTE(mfn_of(page), PTE_P | PTE_A | PTE_D);
        by_count();
        by_count_in_multicall();
        by_result();
    }
}
