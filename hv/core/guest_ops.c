/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guest_ops.c - small hypercalls: version, assistance, the ports and privileges of a device driver
 */
#include "hv/include/errors.h"
#include "hv/include/hypercall.h"
#include "hv/include/lib.h"
#include "hv/include/operation.h"
#include "hv/include/arch/traps.h"
#include "hv/include/arch/uaccess.h"

/* --- xen_version ----------------------------------------------------------------------------- */

#define FEATURES                                                                                   \
    (1u << XENFEAT_pae_pgdir_above_4gb | 1u << XENFEAT_mmu_pt_update_preserve_ad |                 \
     1u << XENFEAT_highmem_assist | 1u << XENFEAT_gnttab_map_avail_bits |                          \
     1u << XENFEAT_memory_op_vnode_supported | 1u << XENFEAT_direct_mapped)

static status copy_text(void *to, const char *text, uint32_t size)
{
    uint32_t bytes = (uint32_t)strlen(text) + 1;

    return copy_to_guest(to, text, MIN(bytes, size)) ? -EFAULT : 0;
}

static status get_features(const struct domain *domain, void *guest)
{
    struct xen_feature_info info;

    if (copy_from_guest(&info, guest, sizeof(info)))
        return -EFAULT;
    if (info.submap_idx >= XENFEAT_NR_SUBMAPS)
        return -EINVAL;
    info.submap = FEATURES | (domain->privileged ? 1u << XENFEAT_dom0 : 0);
    return copy_to_guest(guest, &info, sizeof(info)) ? -EFAULT : 0;
}

long do_xen_version(const unsigned long *args)
{
    static const struct xen_compile_info compile_info = {.compiler = "gcc",
                                                         .compile_by = "xenolith"};
    static const struct xen_platform_parameters parameters = {.virt_start = HV_VIRT_START};
    void *guest = (void *)args[1];

    if (!operation_begin(__HYPERVISOR_xen_version, args[0]))
        return not_implemented();
    switch (args[0]) {
    case XENVER_version:
        return INTERFACE_VERSION;
    case XENVER_extraversion:
        return copy_text(guest, "-xenolith", XEN_EXTRAVERSION_LEN);
    case XENVER_compile_info:
        return copy_to_guest(guest, &compile_info, sizeof(compile_info)) ? -EFAULT : 0;
    case XENVER_capabilities:
        return copy_text(guest, "xen-3.0-x86_32p ", XEN_CAPABILITIES_INFO_LEN);
    case XENVER_changeset:
        return copy_text(guest, "unavailable", XEN_CHANGESET_INFO_LEN);
    case XENVER_platform_parameters:
        return copy_to_guest(guest, &parameters, sizeof(parameters)) ? -EFAULT : 0;
    case XENVER_get_features:
        return get_features(current_domain(), guest);
    case XENVER_pagesize:
        return PAGE_SIZE;
    case XENVER_guest_handle:
        return copy_to_guest(guest, current_domain()->handle, sizeof(xen_domain_handle_t)) ? -EFAULT
                                                                                           : 0;
    case XENVER_commandline:
        if (!current_domain()->privileged)
            return copy_text(guest, "<denied>", sizeof(xen_commandline_t));
        return copy_text(guest, boot_information.command_line, sizeof(xen_commandline_t));
    case XENVER_build_id: /* what a hypervisor says that was linked without one */
        return -ENODATA;
    default:
        return not_implemented();
    }
}

/* --- vm_assist, physdev_op ------------------------------------------------------------------- */

long do_vm_assist(const unsigned long *args)
{
    struct domain *domain = current_domain();

    /*
     * No frame lies above 4 GB, so pae_extended_cr3 changes nothing; and of 4gb_segments Xen
     * accepts the request, as we do, though a limit that is cut stays cut. runstate_update_flag
     * marks an update that a domain's other processors might meet half done: there is none.
     */
    if (args[1] > VMASST_TYPE_runstate_update_flag)
        return -EINVAL;
    if (!operation_begin(__HYPERVISOR_vm_assist, args[1]))
        return not_implemented();
    if (args[0] == VMASST_CMD_enable)
        domain->vm_assist |= 1ul << args[1];
    else if (args[0] == VMASST_CMD_disable)
        domain->vm_assist &= ~(1ul << args[1]);
    else
        return -ENOSYS;
    return 0;
}

long do_physdev_op(const unsigned long *args)
{
    struct domain *domain = current_domain();
    struct physdev_set_iopl op;
    struct physdev_set_iobitmap bitmap;

    if (!operation_begin(__HYPERVISOR_physdev_op, args[0]))
        return not_implemented();
    switch (args[0]) {
    case PHYSDEVOP_set_iopl:
        if (copy_from_guest(&op, (void *)args[1], sizeof(op)))
            return -EFAULT;
        if (op.iopl > 3)
            return -EINVAL;
        /* The processor's own IOPL stays 0; this one is emulated (arch/emulate.c). */
        domain->vcpu[0].iopl = (uint8_t)op.iopl;
        return 0;
    case PHYSDEVOP_set_iobitmap:
        if (copy_from_guest(&bitmap, (void *)args[1], sizeof(bitmap)))
            return -EFAULT;
        if (bitmap.nr_ports > PORTS)
            return -EINVAL;
        domain->vcpu[0].port_bitmap = (uint32_t)(uintptr_t)bitmap.bitmap.p;
        domain->vcpu[0].port_bitmap_ports = bitmap.nr_ports;
        return 0;
    default:
        return not_implemented();
    }
}

/* The old form: the command inside the structure, before the same operands. */
long do_physdev_op_compat(const unsigned long *args)
{
    unsigned long modern[2] = {0, args[0] + offsetof(struct physdev_op, u)};
    uint32_t command;

    if (copy_from_guest(&command, (void *)args[0], sizeof(command)))
        return -EFAULT;
    modern[0] = command;
    return do_physdev_op(modern);
}
