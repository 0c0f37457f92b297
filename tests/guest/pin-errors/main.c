/* SPDX-License-Identifier: GPL-2.0-only */
/* Pins and unpins refused: twice, never pinned, mapped writable, no such frame, the wrong level. */
#include "tests/guest/kit/kit.h"

void test(void)
{
    uint64_t *l1 = page_alloc(), *l2 = page_alloc();

    expect(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(l1), 0), -EINVAL); /* still writable */
    l2[0] = MFN_PTE(mfn_of(l1), PTE_P);
    make_readonly(l1);
    make_readonly(l2);
    expect(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(l1), 0), -EINVAL);
    expect(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(l1), 0), 0);
    expect(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(l1), 0), -EINVAL);
    expect(mmuext(MMUEXT_PIN_L2_TABLE, mfn_of(l1), 0), -EINVAL);
    expect(mmuext(MMUEXT_PIN_L3_TABLE, mfn_of(l1), 0), -EINVAL);
    expect(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(l1), 0), 0);
    expect(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(l1), 0), -EINVAL);
    expect(mmuext(MMUEXT_PIN_L1_TABLE, 0xFFFFFFF, 0), -EINVAL);
    expect(mmuext(MMUEXT_UNPIN_TABLE, 0xFFFFFFF, 0), -EINVAL);
    /*
     * Four levels are for 64-bit kernels: Xen ignores the pin, and in any case nothing is pinned.
     */
    mmuext(MMUEXT_PIN_L4_TABLE, mfn_of(l2), 0);
    expect(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(l2), 0), -EINVAL);
    expect(mmuext(MMUEXT_NEW_USER_BASEPTR, mfn_of(l2), 0), -EINVAL);
    make_writable(l1);
}
