/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * platform_op: the wall clock, set in both forms, is what shared_info then says; which processors
 * there are; what is refused. Only Domain 0 may ask.
 */
#include "tests/guest/kit/kit.h"
#include <xen/platform.h>

static struct xen_platform_op op;

static long call(unsigned command)
{
    op.cmd = command;
    op.interface_version = XENPF_INTERFACE_VERSION;
    return HYPERCALL(platform_op, &op);
}

/* What the clock shows now, from shared_info and the time since boot, in nanoseconds. */
static uint64_t wall_clock(void)
{
    return shared->wc_sec * 1000000000ULL + shared->wc_nsec + now();
}

static void is_near(const char *what, uint64_t seconds)
{
    uint64_t wanted = seconds * 1000000000ULL, shown = wall_clock();

    check(shown >= wanted && shown < wanted + 3000 * MS, "%s: %llu, not %llu", what, shown, wanted);
    expect(shared->arch.wc_sec_hi, 0);
    expect(shared->wc_version & 1, 0);
}

void test(void)
{
    op.cmd = XENPF_settime64;
    expect(HYPERCALL(platform_op, &op), -EACCES);
    expect(HYPERCALL(platform_op, 0xFC000000), -EFAULT);
    if (!privileged) {
        expect(call(XENPF_settime64), -EPERM);
        expect(call(XENPF_get_cpuinfo), -EPERM);
        expect(call(999), -EPERM);
        return;
    }
    expect(call(999), -ENOSYS);

    op.u.settime64 = (struct xenpf_settime64){.secs = 1000000000, .mbz = 1};
    expect(call(XENPF_settime64), -EINVAL);
    op.u.settime64 = (struct xenpf_settime64){.secs = 1000000000, .system_time = now()};
    uint32_t version = shared->wc_version;
    expect(call(XENPF_settime64), 0);
    is_near("in 64 bits", 1000000000);
    check(shared->wc_version > version, "the version is still %u", version);
    op.u.settime64 =
        (struct xenpf_settime64){.secs = 1000000000, .nsecs = 2000000000, .system_time = now()};
    expect(call(XENPF_settime64), 0);
    is_near("with seconds among the nanoseconds", 1000000002);
    op.u.settime32 = (struct xenpf_settime32){.secs = 1100000000, .system_time = now()};
    expect(call(XENPF_settime32), 0);
    is_near("in 32 bits", 1100000000);

    op.u.pcpu_info = (struct xenpf_pcpuinfo){.xen_cpuid = 0};
    expect(call(XENPF_get_cpuinfo), 0);
    expect(op.u.pcpu_info.flags, XEN_PCPU_FLAGS_ONLINE);
    expect(op.u.pcpu_info.apic_id, 0);
    op.u.pcpu_info = (struct xenpf_pcpuinfo){.xen_cpuid = 200};
    expect(call(XENPF_get_cpuinfo), 0);
    expect(op.u.pcpu_info.flags, XEN_PCPU_FLAGS_INVALID);

    uint32_t a = 0, b, c, d;
    asm volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
    op.u.pcpu_version = (struct xenpf_pcpu_version){.xen_cpuid = 0};
    expect(call(XENPF_get_cpu_version), 0);
    check(memcmp(op.u.pcpu_version.vendor_id, &b, 4) == 0 &&
              memcmp(op.u.pcpu_version.vendor_id + 4, &d, 4) == 0 &&
              memcmp(op.u.pcpu_version.vendor_id + 8, &c, 4) == 0,
          "another maker");
    check(op.u.pcpu_version.family > 0, "no family");
    op.u.pcpu_version.xen_cpuid = 200;
    expect(call(XENPF_get_cpu_version), 0);
    expect(op.u.pcpu_version.family, 0);
}
