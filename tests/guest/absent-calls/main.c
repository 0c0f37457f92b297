/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls that a 32-bit kernel on this interface does not have answer -ENOSYS, and do nothing. */
#include "tests/guest/kit/kit.h"

void test(void)
{
    expect(HYPERCALL(set_segment_base, 0, 0), -ENOSYS);
    expect(HYPERCALL(tmem_op, 0), -ENOSYS);
    for (unsigned number = 50; number <= 54; number++) /* 55: block-ring */
        expect(hypercall(number, 0, 0, 0, 0, 0), -ENOSYS);
    expect(hypercall(11, 0, 0, 0, 0, 0), -ENOSYS);
    expect(HYPERCALL(physdev_op, 9999, NULL), -ENOSYS);
    expect(HYPERCALL(memory_op, 63, NULL), -ENOSYS);
    expect(HYPERCALL(vcpu_op, 63, 0, NULL), -ENOSYS);
}
