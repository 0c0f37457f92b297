/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Operations for guests whose memory is translated for them, of which this kernel is none: each is
 * refused in its own way, after the domain and the right to name it have been looked at. Nothing is
 * ever shared.
 */
#define __XEN_TOOLS__ 1
#include "tests/guest/kit/kit.h"

#define NOWHERE 0xFC000000

static long add(domid_t id, unsigned space)
{
    struct xen_add_to_physmap op = {.domid = id, .space = space};

    return HYPERCALL(memory_op, XENMEM_add_to_physmap, &op);
}

static long take_out(domid_t id)
{
    struct xen_remove_from_physmap op = {.domid = id};

    return HYPERCALL(memory_op, XENMEM_remove_from_physmap, &op);
}

static long on_demand(unsigned command, domid_t id)
{
    struct xen_pod_target op = {.domid = id};

    return HYPERCALL(memory_op, command, &op);
}

void test(void)
{
    expect(add(DOMID_SELF, XENMAPSPACE_shared_info), -EACCES);
    expect(add(DOMID_SELF, XENMAPSPACE_grant_table), -EACCES);
    expect(add(DOMID_SELF, XENMAPSPACE_gmfn_foreign), -ENOSYS);
    expect_no_domain(add(0x7000, XENMAPSPACE_shared_info));
    expect(take_out(DOMID_SELF), -EACCES);
    expect_no_domain(take_out(0x7000));
    if (!privileged)
        expect(add(0, XENMAPSPACE_shared_info), -EPERM);
    expect(HYPERCALL(memory_op, XENMEM_add_to_physmap, NOWHERE), -EFAULT);
    expect(HYPERCALL(memory_op, XENMEM_remove_from_physmap, NOWHERE), -EFAULT);

    expect(on_demand(XENMEM_get_pod_target, DOMID_SELF), privileged ? -EINVAL : -EPERM);
    expect(on_demand(XENMEM_set_pod_target, DOMID_SELF), privileged ? -EINVAL : -EPERM);
    expect_no_domain(on_demand(XENMEM_get_pod_target, 0x7000));
    expect(HYPERCALL(memory_op, XENMEM_get_pod_target, NOWHERE), -EFAULT);

    struct xen_vnuma_topology_info topology = {.domid = DOMID_SELF};
    expect(HYPERCALL(memory_op, XENMEM_get_vnumainfo, &topology), -EOPNOTSUPP);
    topology.pad = 1;
    expect(HYPERCALL(memory_op, XENMEM_get_vnumainfo, &topology), -EINVAL);
    expect(HYPERCALL(memory_op, XENMEM_get_vnumainfo, NOWHERE), -EFAULT);

    expect(HYPERCALL(memory_op, XENMEM_get_sharing_freed_pages, 0), 0);
    expect(HYPERCALL(memory_op, XENMEM_get_sharing_shared_pages, 0), 0);
}
