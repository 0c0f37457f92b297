/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * platform_op.c - what the domain that drives the machine tells of it, and asks
 *
 * The wall clock, once that domain knows better than the clock chip; and what the processors are.
 *
 * Source: xen/platform.h.
 */
#include "hv/include/public_headers.h"
#include <xen/platform.h>
#include "hv/include/errors.h"
#include "hv/include/hypercall.h"
#include "hv/include/lib.h"
#include "hv/include/operation.h"
#include "hv/include/arch/percpu.h"
#include "hv/include/time.h"
#include "hv/include/arch/uaccess.h"

static bool exists(uint32_t cpu)
{
    return cpu < cpu_count && cpus[cpu].online;
}

static void cpu_info(struct xenpf_pcpuinfo *info)
{
    info->max_present = cpu_count - 1;
    if (!exists(info->xen_cpuid)) {
        info->flags = XEN_PCPU_FLAGS_INVALID;
        return;
    }
    info->flags = XEN_PCPU_FLAGS_ONLINE;
    info->apic_id = info->acpi_id = cpus[info->xen_cpuid].apic_id;
}

/* All processors are alike: this one is asked (SDM vol. 2, CPUID, leaves 0 and 1). */
static void cpu_version(struct xenpf_pcpu_version *version)
{
    uint32_t signature, vendor[3], rest;

    version->max_present = cpu_count - 1;
    memset(version->vendor_id, 0, sizeof(version->vendor_id));
    version->family = version->model = version->stepping = 0;
    if (!exists(version->xen_cpuid))
        return;
    cpuid(0, &rest, &vendor[0], &vendor[2], &vendor[1]);
    memcpy(version->vendor_id, vendor, sizeof(version->vendor_id));
    cpuid(1, &signature, &rest, &rest, &rest);
    version->family = signature >> 8 & 15;
    version->model = signature >> 4 & 15;
    version->stepping = signature & 15;
    if (version->family == 15)
        version->family += signature >> 20 & 255;
    if (version->family >= 15 || version->family == 6)
        version->model += (signature >> 16 & 15) << 4;
}

long do_platform_op(const unsigned long *args)
{
    struct xen_platform_op op;

    if (copy_from_guest(&op, (void *)args[0], sizeof(op)))
        return -EFAULT;
    if (op.interface_version != XENPF_INTERFACE_VERSION)
        return -EACCES;
    if (!current_domain()->privileged)
        return -EPERM;
    if (!operation_begin(__HYPERVISOR_platform_op, op.cmd))
        return not_implemented();
    switch (op.cmd) {
    case XENPF_settime32:
        wall_clock_set(op.u.settime32.secs, op.u.settime32.nsecs, op.u.settime32.system_time);
        return 0;
    case XENPF_settime64:
        if (op.u.settime64.mbz)
            return -EINVAL;
        wall_clock_set(op.u.settime64.secs, op.u.settime64.nsecs, op.u.settime64.system_time);
        return 0;
    case XENPF_get_cpuinfo:
        cpu_info(&op.u.pcpu_info);
        break;
    case XENPF_get_cpu_version:
        cpu_version(&op.u.pcpu_version);
        break;
    default:
        return not_implemented();
    }
    return copy_to_guest((void *)args[0], &op, sizeof(op)) ? -EFAULT : 0;
}
