/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VCPUOP_down of the only processor is the end of the domain, by power-off. The verdict comes
 * before that: what follows it must not.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    if (!expect(HYPERCALL(vcpu_op, VCPUOP_down, 99, NULL), -ENOENT) ||
        !expect(HYPERCALL(vcpu_op, VCPUOP_is_up, 0, NULL), 1))
        return;
    print("PASS %s\n", test_name);
    HYPERCALL(vcpu_op, VCPUOP_down, 0, NULL);
    check(false, "it goes on");
}
