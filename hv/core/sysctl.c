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
#include "include/freestanding/divide.h"
#include "hv/include/mm.h"
#include "hv/include/operation.h"
#include "hv/include/arch/percpu.h"
#include "hv/include/perfc.h"
#include "hv/include/sched.h"
#include "hv/include/time.h"
#include "hv/include/arch/uaccess.h"
#include "include/xenolith/bvt.h"

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

static status list_domains(const struct domain *self, struct xen_sysctl_getdomaininfolist *op)
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

static status scheduler_op(struct xen_sysctl_scheduler_op *op)
{
    struct xen_sysctl_bvt_schedule *bvt = (struct xen_sysctl_bvt_schedule *)&op->u;
    uint32_t rest;

    if (op->sched_id != XEN_SCHEDULER_BVT)
        return -EINVAL;
    switch (op->cmd) {
    case XEN_SYSCTL_SCHEDOP_putinfo:
        if (MICROSECONDS((uint64_t)bvt->ctx_allow) < BVT_LEAST_CTX_ALLOW)
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

/* What was printed: all that is kept, or, incremental, from where the last reading ended. */
static status read_console(struct xen_sysctl_readconsole *op)
{
    uint32_t at = op->incremental ? op->index : console_ring_begin(), done = 0;
    char part[128];

    while (done < op->count) {
        uint32_t bytes = console_ring_read(&at, part, MIN(sizeof(part), op->count - done));

        if (bytes == 0)
            break;
        if (copy_to_guest(op->buffer.p + done, part, bytes))
            return -EFAULT;
        done += bytes;
    }
    if (op->clear)
        console_ring_clear(at);
    op->count = done;
    op->index = at;
    return 0;
}

static void show_domains(void)
{
    for (unsigned id = 0; id < MAX_DOMAINS; id++) {
        struct domain *domain = domain_hold(current_domain(), id);

        if (domain)
            print("d%u: %u of %u pages, %u of the hypervisor's, state %u%s, processor %u\n", id,
                  domain->pages, domain->max_pages, domain->hv_pages, domain->state,
                  domain->paused ? ", paused" : "", domain->vcpu[0].cpu);
        domain_release(domain);
    }
}

static void debug_key(char key)
{
    switch (key) {
    case 'h':
        print("keys: h this help, m memory, q domains\n");
        break;
    case 'm':
        print("%u of %u frames are free, %u pages of the heap are used\n", frames_free_count(),
              frames_total(), heap_pages_used());
        break;
    case 'q':
        show_domains();
        break;
    default: /* nobody has a use for it */
        break;
    }
}

/* As if they were typed on the hypervisor's own console. */
static status debug_keys(const struct xen_sysctl_debug_keys *op)
{
    for (uint32_t i = 0; i < op->nr_keys; i++) {
        char key;

        if (copy_from_guest(&key, op->keys.p + i, sizeof(key)))
            return -EFAULT;
        debug_key(key);
    }
    return 0;
}

static status cpu_info(struct xen_sysctl_getcpuinfo *op)
{
    uint32_t count = MIN(op->max_cpus, cpu_count);

    for (uint32_t i = 0; i < count; i++) {
        struct xen_sysctl_cpuinfo info = {.idletime = sched_idle_time(i)};

        if (copy_to_guest(op->info.p + i, &info, sizeof(info)))
            return -EFAULT;
    }
    op->nr_cpus = count;
    return 0;
}

/* Each processor is a socket of its own. Without a place for the answer, how large it has to be. */
static status cpu_topology(struct xen_sysctl_cputopoinfo *op)
{
    uint32_t count = op->cputopo.p ? MIN(op->num_cpus, cpu_count) : cpu_count;

    for (uint32_t i = 0; i < count && op->cputopo.p; i++) {
        struct xen_sysctl_cputopo topology = {.socket = i};

        if (copy_to_guest(op->cputopo.p + i, &topology, sizeof(topology)))
            return -EFAULT;
    }
    op->num_cpus = count;
    return 0;
}

/* One node, whose distance to itself is 10 as in ACPI's table (6.2.15). */
static status numa_info(struct xen_sysctl_numainfo *op)
{
    struct xen_sysctl_meminfo memory = {.memsize = (uint64_t)frames_total() << PAGE_SHIFT,
                                        .memfree = (uint64_t)frames_free_count() << PAGE_SHIFT};
    uint32_t distance = 10, count = op->meminfo.p || op->distance.p ? MIN(op->num_nodes, 1u) : 1;

    if (count && op->meminfo.p && copy_to_guest(op->meminfo.p, &memory, sizeof(memory)))
        return -EFAULT;
    if (count && op->distance.p && copy_to_guest(op->distance.p, &distance, sizeof(distance)))
        return -EFAULT;
    op->num_nodes = count;
    return 0;
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
    case XEN_SYSCTL_readconsole:
        result = read_console(&op.u.readconsole);
        break;
    case XEN_SYSCTL_debug_keys:
        result = debug_keys(&op.u.debug_keys);
        break;
    case XEN_SYSCTL_getcpuinfo:
        result = cpu_info(&op.u.getcpuinfo);
        break;
    case XEN_SYSCTL_cputopoinfo:
        result = cpu_topology(&op.u.cputopoinfo);
        break;
    case XEN_SYSCTL_numainfo:
        result = numa_info(&op.u.numainfo);
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
