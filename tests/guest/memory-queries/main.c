// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers that memory_op tells without changing anything: the highest pseudo-physical frame is what
 * the domain itself has written into shared_info; and none of them is asked in pieces.
 */
#include "tests/guest/kit/kit.h"

#define PIECE (1 << 6) /* a continuation's first extent, above the operation's number */

void test(void)
{
    domid_t self = DOMID_SELF, nobody = 0x7000;
    static const unsigned operations[] = {XENMEM_current_reservation, XENMEM_maximum_reservation,
                                          XENMEM_maximum_gpfn};

    shared->arch.max_pfn = 4321;
    expect(HYPERCALL(memory_op, XENMEM_maximum_gpfn, &self), 4320);
    shared->arch.max_pfn = 0;
    expect(HYPERCALL(memory_op, XENMEM_maximum_gpfn, &self), 0);
    for (unsigned i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        expect_no_domain(HYPERCALL(memory_op, operations[i], &nobody));
        expect(HYPERCALL(memory_op, operations[i], 0xFC000000), -EFAULT);
        expect(HYPERCALL(memory_op, operations[i] | PIECE, &self), -EINVAL);
    }
    check(HYPERCALL(memory_op, XENMEM_maximum_ram_page, NULL) > 0, "no frame in the machine");
    expect(HYPERCALL(memory_op, XENMEM_maximum_ram_page | PIECE, NULL), -EINVAL);
}
