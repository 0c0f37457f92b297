/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mmuext_op batches: how many were done comes back, the batch stops at an error; bad arrays and
 * domains.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    struct mmuext_op ops[4] = {{.cmd = MMUEXT_TLB_FLUSH_LOCAL},
                               {.cmd = MMUEXT_INVLPG_LOCAL},
                               {.cmd = 99},
                               {.cmd = MMUEXT_TLB_FLUSH_LOCAL}};
    unsigned done = 77;

    expect(HYPERCALL(mmuext_op, ops, 2, &done, DOMID_SELF), 0);
    expect(done, 2);
    done = 77;
    expect(HYPERCALL(mmuext_op, ops, 4, &done, DOMID_SELF), -ENOSYS);
    expect(done, 2);
    expect(HYPERCALL(mmuext_op, ops, 0, NULL, DOMID_SELF), 0);
    expect(HYPERCALL(mmuext_op, 0x1000, 1, &done, DOMID_SELF), -EFAULT);
    expect(HYPERCALL(mmuext_op, 0xF5800000 - 4, 1, &done, DOMID_SELF), -EFAULT);
    expect_no_domain(HYPERCALL(mmuext_op, ops, 1, NULL, 0x7000));
}
