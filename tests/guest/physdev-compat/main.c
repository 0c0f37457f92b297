/* SPDX-License-Identifier: GPL-2.0-only */
/* The old form of physdev_op, with its command inside the structure; and what both refuse. */
#include "tests/guest/kit/kit.h"

void test(void)
{
    struct physdev_op op = {.cmd = PHYSDEVOP_set_iopl, .u.set_iopl.iopl = 1};

    expect(HYPERCALL(physdev_op_compat, &op), 0);
    op.u.set_iopl.iopl = 4;
    expect(HYPERCALL(physdev_op_compat, &op), -EINVAL);
    op.cmd = 9999;
    expect(HYPERCALL(physdev_op_compat, &op), -ENOSYS);
    expect(HYPERCALL(physdev_op_compat, 0xFC000000), -EFAULT);
    expect(mmuext(MMUEXT_MARK_SUPER, mfn_of(base_table()), 0), -EOPNOTSUPP);
    expect(mmuext(MMUEXT_UNMARK_SUPER, mfn_of(base_table()), 0), -EOPNOTSUPP);
    expect(HYPERCALL(vm_assist, VMASST_CMD_enable, VMASST_TYPE_runstate_update_flag), 0);
    expect(HYPERCALL(vm_assist, VMASST_CMD_disable, VMASST_TYPE_runstate_update_flag), 0);
}
