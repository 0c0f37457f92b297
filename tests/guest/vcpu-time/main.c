/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The processor's time in memory of our own: VCPUOP_register_vcpu_time_memory_area. And which
 * physical processor it is, by VCPUOP_get_physid, which only Domain 0 is told.
 */
#include "tests/guest/kit/kit.h"

static struct vcpu_time_info area;

void test(void)
{
    struct vcpu_register_time_memory_area op = {.addr.v = &area};
    struct vcpu_get_physid id;
    volatile struct vcpu_time_info *time = &area;

    expect(HYPERCALL(vcpu_op, VCPUOP_register_vcpu_time_memory_area, 0, &op), 0);
    check(time->version % 2 == 0 && time->version > 0, "version %u", time->version);
    expect(time->tsc_to_system_mul, vcpu()->time.tsc_to_system_mul);
    expect(time->tsc_shift, vcpu()->time.tsc_shift);
    check(time->tsc_timestamp != 0 && time->system_time <= now(), "%llx ns at %llx",
          time->system_time, time->tsc_timestamp);
    expect(HYPERCALL(vcpu_op, VCPUOP_register_vcpu_time_memory_area, 99, &op), -ENOENT);
    expect(HYPERCALL(vcpu_op, VCPUOP_register_vcpu_time_memory_area, 0, 0xFC000000), -EFAULT);
    expect(HYPERCALL(vcpu_op, VCPUOP_get_physid, 0, &id), privileged ? 0 : -EINVAL);
    if (privileged)
        expect(xen_vcpu_physid_to_x86_apicid(id.phys_id), 0);
    expect(HYPERCALL(vcpu_op, VCPUOP_get_physid, 99, &id), -ENOENT);
}
