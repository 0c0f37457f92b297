/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A frame handed over by GNTTABOP_transfer, to ourselves: an entry has to accept it, and tells
 * afterwards which frame came. A frame in use is refused; one that was taken and not accepted is
 * lost.
 */
#include "tests/guest/kit/kit.h"

static domid_t self;

static int transfer(unsigned long mfn, domid_t to, grant_ref_t ref)
{
    struct gnttab_transfer op = {.mfn = mfn, .domid = to, .ref = ref, .status = 77};

    expect(HYPERCALL(grant_table_op, GNTTABOP_transfer, &op, 1), 0);
    return op.status;
}

static long reservation(void)
{
    domid_t id = DOMID_SELF;

    return HYPERCALL(memory_op, XENMEM_current_reservation, &id);
}

static void accept(grant_ref_t ref, domid_t from, const void *page)
{
    grant_give(ref, from, page, GTF_accept_transfer);
    grant_table()[ref].frame = pfn_of(page);
}

void test(void)
{
    struct grant_entry_v1 *entries = grant_table();
    uint32_t *page = page_alloc();
    unsigned long mfn = mfn_of(page);
    long pages = reservation();

    self = own_domain();

    page[5] = 0xfeed;
    accept(8, self, page);
    expect(transfer(mfn, self, 8), GNTST_bad_page); /* it is mapped */
    expect(entries[8].flags, GTF_accept_transfer);
    expect(map(page, 0), 0);
    expect(transfer(mfn, self, 8), GNTST_okay);
    expect(entries[8].flags, GTF_accept_transfer | GTF_transfer_committed | GTF_transfer_completed);
    expect(entries[8].frame, mfn);
    expect(machine_to_phys_mapping[mfn], pfn_of(page));
    expect(reservation(), pages);
    expect(map(page, MFN_PTE(mfn, PTE_P | PTE_W)), 0);
    expect(page[5], 0xfeed);

    expect(transfer(mfn_of(base_table()), self, 8), GNTST_bad_page); /* a table */
    expect(transfer(start->shared_info >> 12, self, 8), GNTST_bad_page);
    expect(transfer(0x7fffffff, self, 8), GNTST_bad_page);
    expect(reservation(), pages);

    /* Refusals after which the frame is gone. */
    expect(transfer(mfn_of(page_unmapped()), 0x7000, 8), GNTST_bad_domain);
    expect(reservation(), pages - 1);
    expect(transfer(mfn_of(page_unmapped()), self, 8), GNTST_general_error); /* taken already */
    accept(9, self + 1, page);
    expect(transfer(mfn_of(page_unmapped()), self, 9), GNTST_general_error); /* not from us */
    expect(transfer(mfn_of(page_unmapped()), self, 100000), GNTST_general_error);
    expect(reservation(), pages - 4);

    /* Two at once, one good. */
    void *good = page_unmapped();
    accept(10, self, good);
    struct gnttab_transfer two[2] = {{.mfn = mfn_of(page), .domid = self, .ref = 10},
                                     {.mfn = mfn_of(good), .domid = self, .ref = 10}};
    expect(HYPERCALL(grant_table_op, GNTTABOP_transfer, two, 2), 0);
    expect(two[0].status, GNTST_bad_page);
    expect(two[1].status, GNTST_okay);
    expect(HYPERCALL(grant_table_op, GNTTABOP_transfer, 0xFC000000, 1), -EFAULT);
    expect(HYPERCALL(grant_table_op, GNTTABOP_transfer, two, -1), -EINVAL);
}
