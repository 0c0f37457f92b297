/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vm_assist: known types can be enabled and disabled, again and again; unknown ones and other
 * commands are refused.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    static const unsigned types[] = {VMASST_TYPE_4gb_segments, VMASST_TYPE_4gb_segments_notify,
                                     VMASST_TYPE_writable_pagetables, VMASST_TYPE_pae_extended_cr3,
                                     VMASST_TYPE_architectural_iopl};

    for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        expect(HYPERCALL(vm_assist, VMASST_CMD_enable, types[i]), 0);
        expect(HYPERCALL(vm_assist, VMASST_CMD_enable, types[i]), 0);
        expect(HYPERCALL(vm_assist, VMASST_CMD_disable, types[i]), 0);
        expect(HYPERCALL(vm_assist, VMASST_CMD_disable, types[i]), 0);
    }
    expect(HYPERCALL(vm_assist, VMASST_CMD_enable, 31), -EINVAL);
    expect(HYPERCALL(vm_assist, VMASST_CMD_enable, VMASST_TYPE_m2p_strict), -EINVAL);
    expect(HYPERCALL(vm_assist, VMASST_CMD_enable, 0xffffffff), -EINVAL);
    expect(HYPERCALL(vm_assist, 2, VMASST_TYPE_writable_pagetables), -ENOSYS);
}
