/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arguments that point into the hypervisor's range, across its edge, to nothing, or that wrap
 * around: -EFAULT from every call that reads or writes through a pointer, and nothing written.
 */
#include "tests/guest/kit/kit.h"

/* Not to be read nor written: the edge, the hypervisor's own range, the wrap, no mapping at all. */
static const unsigned long bad[] = {0xF57FFFFE, 0xFC000000, 0xFFFFFFFE, 0x00000010, 0xF6800000};

void test(void)
{
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        unsigned long at = bad[i];

        expect(HYPERCALL(xen_version, XENVER_extraversion, at), -EFAULT);
        expect(HYPERCALL(xen_version, XENVER_capabilities, at), -EFAULT);
        expect(HYPERCALL(console_io, CONSOLEIO_write, 64, at), -EFAULT);
        expect(HYPERCALL(mmu_update, at, 4, NULL, DOMID_SELF), -EFAULT);
        expect(HYPERCALL(mmuext_op, at, 4, NULL, DOMID_SELF), -EFAULT);
        expect(HYPERCALL(set_trap_table, at), -EFAULT);
        expect(HYPERCALL(set_gdt, at, 1024), -EFAULT);
        expect(HYPERCALL(multicall, at, 4), -EFAULT);
        expect(HYPERCALL(sched_op, SCHEDOP_poll, at), -EFAULT);
        expect(HYPERCALL(sched_op, SCHEDOP_shutdown, at), -EFAULT);
        expect(HYPERCALL(event_channel_op, EVTCHNOP_status, at), -EFAULT);
        expect(HYPERCALL(event_channel_op, EVTCHNOP_alloc_unbound, at), -EFAULT);
        expect(HYPERCALL(memory_op, XENMEM_current_reservation, at), -EFAULT);
        expect(HYPERCALL(memory_op, XENMEM_machphys_mapping, at), -EFAULT);
        expect(HYPERCALL(vcpu_op, VCPUOP_get_runstate_info, 0, at), -EFAULT);
        expect(HYPERCALL(callback_op, CALLBACKOP_register, at), -EFAULT);
        expect(HYPERCALL(physdev_op, PHYSDEVOP_set_iopl, at), -EFAULT);
    }

    /* The machine-to-phys table can be read, but no answer may be written there. */
    unsigned long *table = machine_to_phys_mapping, before[4];
    memcpy(before, table, sizeof(before));
    expect(HYPERCALL(xen_version, XENVER_extraversion, table), -EFAULT);
    expect(HYPERCALL(xen_version, XENVER_platform_parameters, table), -EFAULT);
    expect(HYPERCALL(memory_op, XENMEM_machphys_mapping, table), -EFAULT);
    expect(HYPERCALL(vcpu_op, VCPUOP_get_runstate_info, 0, table), -EFAULT);
    struct mmuext_op op = {.cmd = MMUEXT_TLB_FLUSH_LOCAL};
    HYPERCALL(mmuext_op, &op, 1, table, DOMID_SELF);
    expect(memcmp(before, table, sizeof(before)), 0);
}
