/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler's parameters, by domctl for a domain and by sysctl for all: read, set, read again,
 * and each value out of its range. A hypervisor with another scheduler refuses them all, since they
 * name this one.
 */
#define __XEN_TOOLS__ 1
#include "tests/guest/kit/kit.h"
#include <xen/domctl.h>
#include <xen/sysctl.h>
#include "include/xenolith/bvt.h"

static bool is_bvt;

/* What a call that is right gives. */
static long fine(void)
{
    return is_bvt ? 0 : -EINVAL;
}

static long of_domain(uint32_t command, struct xen_domctl_sched_bvt *bvt)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_scheduler_op,
                            .interface_version = XEN_DOMCTL_INTERFACE_VERSION,
                            .domain = 0};

    op.u.scheduler_op.sched_id = XEN_SCHEDULER_BVT;
    op.u.scheduler_op.cmd = command;
    memcpy(&op.u.scheduler_op.u, bvt, sizeof(*bvt));
    long result = HYPERCALL(domctl, &op);
    if (!result)
        memcpy(bvt, &op.u.scheduler_op.u, sizeof(*bvt));
    return result;
}

static long of_all(uint32_t command, uint32_t *ctx_allow)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_scheduler_op,
                            .interface_version = XEN_SYSCTL_INTERFACE_VERSION};

    op.u.scheduler_op.sched_id = XEN_SCHEDULER_BVT;
    op.u.scheduler_op.cmd = command;
    memcpy(&op.u.scheduler_op.u, ctx_allow, sizeof(*ctx_allow));
    long result = HYPERCALL(sysctl, &op);
    if (!result)
        memcpy(ctx_allow, &op.u.scheduler_op.u, sizeof(*ctx_allow));
    return result;
}

static void refused(struct xen_domctl_sched_bvt bvt)
{
    expect(of_domain(XEN_DOMCTL_SCHEDOP_putinfo, &bvt), -EINVAL);
}

static void domain(void)
{
    struct xen_domctl_sched_bvt set = {.mcu_advance = 20, .warpvalue = 3, .warpl = 7, .warpu = 9};
    struct xen_domctl_sched_bvt got = {0}, before = {0};

    expect(of_domain(XEN_DOMCTL_SCHEDOP_getinfo, &before), fine());
    expect(of_domain(XEN_DOMCTL_SCHEDOP_putinfo, &set), fine());
    expect(of_domain(XEN_DOMCTL_SCHEDOP_getinfo, &got), fine());
    if (is_bvt)
        check(got.mcu_advance == 20 && got.warpback == 0 && got.warpvalue == 3 && got.warpl == 7 &&
                  got.warpu == 9,
              "advance %u, warp %d", got.mcu_advance, got.warpvalue);
    refused((struct xen_domctl_sched_bvt){.mcu_advance = 0});
    refused((struct xen_domctl_sched_bvt){.mcu_advance = 10001});
    refused((struct xen_domctl_sched_bvt){.mcu_advance = 10, .warpvalue = -1});
    refused((struct xen_domctl_sched_bvt){.mcu_advance = 10, .warpl = -1});
    refused((struct xen_domctl_sched_bvt){.mcu_advance = 10, .warpu = -1});
    expect(of_domain(99, &set), -EINVAL);
    expect(of_domain(XEN_DOMCTL_SCHEDOP_getinfo, &got), fine());
    expect(got.mcu_advance, is_bvt ? 20 : 0);
    expect(of_domain(XEN_DOMCTL_SCHEDOP_putinfo, &before), fine());
}

static void all(void)
{
    uint32_t before = 0, set = 7000, got = 0, none = 0, too_short = 99;

    expect(of_all(XEN_SYSCTL_SCHEDOP_getinfo, &before), fine());
    expect(of_all(XEN_SYSCTL_SCHEDOP_putinfo, &set), fine());
    expect(of_all(XEN_SYSCTL_SCHEDOP_getinfo, &got), fine());
    expect(got, is_bvt ? 7000 : 0);
    expect(of_all(XEN_SYSCTL_SCHEDOP_putinfo, &none), -EINVAL);
    expect(of_all(XEN_SYSCTL_SCHEDOP_putinfo, &too_short), -EINVAL);
    expect(of_all(99, &set), -EINVAL);
    expect(of_all(XEN_SYSCTL_SCHEDOP_putinfo, &before), fine());

    struct xen_sysctl wrong = {.cmd = XEN_SYSCTL_scheduler_op,
                               .interface_version = XEN_SYSCTL_INTERFACE_VERSION};
    wrong.u.scheduler_op.sched_id = 77;
    wrong.u.scheduler_op.cmd = XEN_SYSCTL_SCHEDOP_getinfo;
    expect(HYPERCALL(sysctl, &wrong), -EINVAL);
    wrong.cmd = 9999;
    expect(HYPERCALL(sysctl, &wrong), -ENOSYS);
}

static void memory_left(void)
{
    struct xen_sysctl heap = {.cmd = XEN_SYSCTL_availheap,
                              .interface_version = XEN_SYSCTL_INTERFACE_VERSION};
    struct xen_sysctl machine = {.cmd = XEN_SYSCTL_physinfo,
                                 .interface_version = XEN_SYSCTL_INTERFACE_VERSION};

    heap.u.availheap.node = -1;
    expect(HYPERCALL(sysctl, &heap), 0);
    expect(HYPERCALL(sysctl, &machine), 0);
    check(heap.u.availheap.avail_bytes > 0 &&
              heap.u.availheap.avail_bytes >> 12 <= machine.u.physinfo.total_pages,
          "%llx bytes are left of %llx pages", (uint64_t)heap.u.availheap.avail_bytes,
          (uint64_t)machine.u.physinfo.total_pages);
}

void test(void)
{
    struct xen_sysctl id = {.cmd = XEN_SYSCTL_sched_id,
                            .interface_version = XEN_SYSCTL_INTERFACE_VERSION};

    if (!privileged) {
        expect(HYPERCALL(sysctl, &id), -EPERM);
        return;
    }
    expect(HYPERCALL(sysctl, &id), 0);
    is_bvt = id.u.sched_id.sched_id == XEN_SCHEDULER_BVT;
    domain();
    all();
    memory_left();
}
