/* SPDX-License-Identifier: GPL-2.0-only */
/* reasons.c - names for the ways into ring 0: Xen's for hypercalls, Intel's for exceptions */
#include "sim/account/account.h"
#include "cpu/x86/vectors.h"

#define __XEN_INTERFACE_VERSION__ 0x00040e00 /* without the renamed old calls */
#include <xen/xen.h>

#define HYPERCALL(name) [__HYPERVISOR_##name] = #name

static const char *const hypercalls[HYPERCALL_MAX] = {
    HYPERCALL(set_trap_table),
    HYPERCALL(mmu_update),
    HYPERCALL(set_gdt),
    HYPERCALL(stack_switch),
    HYPERCALL(set_callbacks),
    HYPERCALL(fpu_taskswitch),
    HYPERCALL(sched_op_compat),
    HYPERCALL(platform_op),
    HYPERCALL(set_debugreg),
    HYPERCALL(get_debugreg),
    HYPERCALL(update_descriptor),
    HYPERCALL(memory_op),
    HYPERCALL(multicall),
    HYPERCALL(update_va_mapping),
    HYPERCALL(set_timer_op),
    HYPERCALL(event_channel_op_compat),
    HYPERCALL(xen_version),
    HYPERCALL(console_io),
    HYPERCALL(physdev_op_compat),
    HYPERCALL(grant_table_op),
    HYPERCALL(vm_assist),
    HYPERCALL(update_va_mapping_otherdomain),
    HYPERCALL(iret),
    HYPERCALL(vcpu_op),
    HYPERCALL(set_segment_base),
    HYPERCALL(mmuext_op),
    HYPERCALL(nmi_op),
    HYPERCALL(sched_op),
    HYPERCALL(callback_op),
    HYPERCALL(event_channel_op),
    HYPERCALL(physdev_op),
    HYPERCALL(sysctl),
    HYPERCALL(domctl),
    [55] = "io_op", /* include/xenolith/hypercalls.def */
};

static const char *const exceptions[VECTORS_OF_ARCHITECTURE] = {
#define VECTOR(mnemonic, number, code, sign, name) [number] = name,
    ARCHITECTURE_VECTORS(VECTOR)
#undef VECTOR
};

void reason_name(unsigned reason, char *name, size_t bytes)
{
    unsigned vector = reason - REASON_VECTOR, number = reason - REASON_HYPERCALL;

    if (reason == REASON_BOOT)
        snprintf(name, bytes, "boot");
    else if (reason == REASON_COUNT - 1)
        snprintf(name, bytes, "hypercall.other");
    else if (reason >= REASON_HYPERCALL && hypercalls[number])
        snprintf(name, bytes, "hypercall.%s", hypercalls[number]);
    else if (reason >= REASON_HYPERCALL)
        snprintf(name, bytes, "hypercall.%u", number);
    else if (vector < VECTORS_OF_ARCHITECTURE && exceptions[vector])
        snprintf(name, bytes, "exception.%s", exceptions[vector]);
    else
        snprintf(name, bytes, "vector.%u", vector);
}
