/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sysctl.c - what Domain 0 does with the machine
 *
 * Source: xen/sysctl.h.
 */
#include "hv/include/public_headers.h"
#include <xen/domctl.h>
#include <xen/sysctl.h>
#include "hv/include/console.h"
#include "hv/include/control.h"
#include "hv/include/errors.h"
#include "hv/include/hypercall.h"
#include "hv/include/lib.h"
#include "hv/include/math64.h"
#include "hv/include/mm.h"
#include "hv/include/operation.h"
#include "hv/include/percpu.h"
#include "hv/include/perfc.h"
#include "hv/include/sched.h"
#include "hv/include/time.h"
#include "hv/include/uaccess.h"
#include "hv/include/public/bvt.h"

static void physical_info(struct xen_sysctl_physinfo *info)
{
    memset(info, 0, sizeof(*info));
    info->threads_per_core = 1;
    info->cores_per_socket = 1;
    info->nr_cpus = cpu_count;
    info->max_cpu_id = cpu_count - 1;
    info->nr_nodes = 1;
    info->cpu_khz = tsc_khz();
    info->capabilities = XEN_SYSCTL_PHYSCAP_pv;
    info->total_pages = frames_total();
    info->free_pages = frames_free_count();
    info->max_mfn = max_frame() - 1;
}

static long list_domains(const struct domain *self, struct xen_sysctl_getdomaininfolist *op)
{
    unsigned count = 0;

    for (unsigned id = op->first_domain; id < MAX_DOMAINS && count < op->max_domains; id++) {
        struct xen_domctl_getdomaininfo info;
        struct domain *domain = domain_hold(self, id);

        if (!domain)
            continue;
        domain_info(domain, &info);
        domain_release(domain);
        if (copy_to_guest(op->buffer.p + count, &info, sizeof(info)))
            return -EFAULT;
        count++;
    }
    op->num_domains = count;
    return 0;
}

static long scheduler_op(struct xen_sysctl_scheduler_op *op)
{
    struct xen_sysctl_bvt_schedule *bvt = (struct xen_sysctl_bvt_schedule *)&op->u;
    uint32_t rest;

    if (op->sched_id != XEN_SCHEDULER_BVT)
        return -EINVAL;
    switch (op->cmd) {
    case XEN_SYSCTL_SCHEDOP_putinfo:
        if (bvt->ctx_allow == 0)
            return -EINVAL;
        sched_ctx_allow = MICROSECONDS(bvt->ctx_allow);
        return 0;
    case XEN_SYSCTL_SCHEDOP_getinfo:
        bvt->ctx_allow = (uint32_t)divide(sched_ctx_allow, 1000, &rest);
        return 0;
    default:
        return -EINVAL;
    }
}

long do_sysctl(const unsigned long *args)
{
    struct xen_sysctl op;
    long result = 0;

    if (!current_domain()->privileged)
        return -EPERM;
    if (copy_from_guest(&op, (void *)args[0], sizeof(op)))
        return -EFAULT;
    if (op.interface_version != XEN_SYSCTL_INTERFACE_VERSION)
        return -EACCES;
    if (!operation_begin(__HYPERVISOR_sysctl, op.cmd))
        return not_implemented();
    lock(&domctl_lock);
    switch (op.cmd) {
    case XEN_SYSCTL_physinfo:
        physical_info(&op.u.physinfo);
        break;
    case XEN_SYSCTL_sched_id:
        op.u.sched_id.sched_id = XEN_SCHEDULER_BVT;
        break;
    case XEN_SYSCTL_getdomaininfolist:
        result = list_domains(current_domain(), &op.u.getdomaininfolist);
        break;
    case XEN_SYSCTL_scheduler_op:
        result = scheduler_op(&op.u.scheduler_op);
        break;
    case XEN_SYSCTL_availheap:
        op.u.availheap.avail_bytes = (uint64_t)frames_free_count() << PAGE_SHIFT;
        break;
    default:
        result = not_implemented();
        break;
    }
    unlock(&domctl_lock);
    if (result == 0 && copy_to_guest((void *)args[0], &op, sizeof(op)))
        return -EFAULT;
    return result;
}
