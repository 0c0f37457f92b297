/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * domctl and sysctl: Domain 0 asks about itself and is told; the wrong interface version is
 * -EACCES; no other domain may ask anything.
 */
#define __XEN_TOOLS__ 1
#include "tests/guest/kit/kit.h"
#include <xen/domctl.h>
#include <xen/sysctl.h>

void test(void)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_getdomaininfo,
                            .interface_version = XEN_DOMCTL_INTERFACE_VERSION,
                            .domain = 0};
    struct xen_sysctl sys = {.cmd = XEN_SYSCTL_physinfo,
                             .interface_version = XEN_SYSCTL_INTERFACE_VERSION};

    if (!privileged) {
        expect(HYPERCALL(domctl, &op), -EPERM);
        expect(HYPERCALL(sysctl, &sys), -EPERM);
        op.cmd = XEN_DOMCTL_destroydomain;
        expect(HYPERCALL(domctl, &op), -EPERM);
        op.cmd = XEN_DOMCTL_createdomain;
        expect(HYPERCALL(domctl, &op), -EPERM);
        op.cmd = XEN_DOMCTL_pausedomain;
        expect(HYPERCALL(domctl, &op), -EPERM);
        return;
    }
    expect(HYPERCALL(domctl, &op), 0);
    expect(op.u.getdomaininfo.domain, 0);
    domid_t self = DOMID_SELF;
    long held = HYPERCALL(memory_op, XENMEM_current_reservation, &self);
    check((long)op.u.getdomaininfo.tot_pages == held, "%llx pages, not %lx",
          (uint64_t)op.u.getdomaininfo.tot_pages, held);
    check(op.u.getdomaininfo.nr_online_vcpus >= 1, "no processor online");
    expect((unsigned long)op.u.getdomaininfo.shared_info_frame, start->shared_info / PAGE_SIZE);
    expect(HYPERCALL(sysctl, &sys), 0);
    check(sys.u.physinfo.total_pages > start->nr_pages, "%llx pages in all",
          (uint64_t)sys.u.physinfo.total_pages);
    check(sys.u.physinfo.nr_cpus >= 1, "no processor");

    op = (struct xen_domctl){.cmd = XEN_DOMCTL_getdomaininfo, .interface_version = 1};
    expect(HYPERCALL(domctl, &op), -EACCES);
    sys = (struct xen_sysctl){.cmd = XEN_SYSCTL_physinfo, .interface_version = 1};
    expect(HYPERCALL(sysctl, &sys), -EACCES);
    op = (struct xen_domctl){.cmd = XEN_DOMCTL_pausedomain,
                             .interface_version = XEN_DOMCTL_INTERFACE_VERSION,
                             .domain = 0x7000};
    expect(HYPERCALL(domctl, &op), -ESRCH);
    op.cmd = 9999;
    op.domain = 0;
    expect(HYPERCALL(domctl, &op), -ENOSYS);
    op.cmd = XEN_DOMCTL_pausedomain; /* oneself cannot be paused by oneself */
    expect(HYPERCALL(domctl, &op), -EINVAL);
    op.cmd = XEN_DOMCTL_destroydomain;
    expect(HYPERCALL(domctl, &op), -EINVAL);
    expect(HYPERCALL(domctl, 0xFC000000), -EFAULT);
    expect(HYPERCALL(sysctl, 0xFC000000), -EFAULT);
}
