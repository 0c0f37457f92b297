/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every operation that reads a structure, given one that cannot be read: where nothing is mapped,
 * and beyond the guest's range. Each is refused as a whole. A row is a call with its arguments as
 * they stand, with the address in the place of BAD; the operations on reservations tell how many
 * extents were done instead.
 */
#define __XEN_TOOLS__ 1
#include "tests/guest/kit/kit.h"

#define BAD 0xbadUL

struct row {
    const char *name;
    unsigned hypercall;
    unsigned long args[4];
    long want;
};
#define ROW(call, operation, ...)                                                                  \
    {                                                                                              \
#call " " #operation, __HYPERVISOR_##call, {operation, __VA_ARGS__ }, -EFAULT              \
    }
#define EVENT(operation)    ROW(event_channel_op, EVTCHNOP_##operation, BAD)
#define GRANT(operation)    ROW(grant_table_op, GNTTABOP_##operation, BAD, 1)
#define VCPU(operation)     ROW(vcpu_op, VCPUOP_##operation, 0, BAD)
#define MEMORY(operation)   ROW(memory_op, XENMEM_##operation, BAD)
#define VERSION(operation)  ROW(xen_version, XENVER_##operation, BAD)
#define CALLBACK(operation) ROW(callback_op, CALLBACKOP_##operation, BAD)
#define PHYSDEV(operation)  ROW(physdev_op, PHYSDEVOP_##operation, BAD)
#define SCHED(operation)    ROW(sched_op, SCHEDOP_##operation, BAD)

static const struct row rows[] = {
    EVENT(bind_interdomain),
    EVENT(bind_virq),
    EVENT(close),
    EVENT(send),
    EVENT(status),
    EVENT(alloc_unbound),
    EVENT(bind_ipi),
    EVENT(bind_vcpu),
    EVENT(unmask),
    EVENT(reset),
    EVENT(init_control),
    EVENT(expand_array),
    EVENT(set_priority),
    GRANT(map_grant_ref),
    GRANT(unmap_grant_ref),
    GRANT(setup_table),
    GRANT(transfer),
    GRANT(copy),
    GRANT(query_size),
    GRANT(unmap_and_replace),
    GRANT(set_version),
    GRANT(get_status_frames),
    GRANT(get_version),
    GRANT(swap_grant_ref),
    GRANT(cache_flush),
    VCPU(initialise),
    VCPU(register_runstate_memory_area),
    VCPU(register_vcpu_time_memory_area),
    VCPU(register_vcpu_info),
    VCPU(set_periodic_timer),
    VCPU(set_singleshot_timer),
    VCPU(get_runstate_info),
    MEMORY(exchange),
    MEMORY(current_reservation),
    MEMORY(maximum_reservation),
    MEMORY(maximum_gpfn),
    MEMORY(machphys_mfn_list),
    MEMORY(machphys_mapping),
    VERSION(extraversion),
    VERSION(compile_info),
    VERSION(capabilities),
    VERSION(changeset),
    VERSION(platform_parameters),
    VERSION(get_features),
    VERSION(guest_handle),
    VERSION(commandline),
    CALLBACK(register),
    CALLBACK(unregister),
    PHYSDEV(set_iopl),
    PHYSDEV(set_iobitmap),
    SCHED(shutdown),
    SCHED(shutdown_code),
    SCHED(poll),
    SCHED(watchdog),
    SCHED(remote_shutdown),
    ROW(set_trap_table, BAD, 0),
    ROW(set_gdt, BAD, 1),
    ROW(multicall, BAD, 1),
    ROW(mmu_update, BAD, 1, 0, DOMID_SELF),
    ROW(mmuext_op, BAD, 1, 0, DOMID_SELF),
    ROW(console_io, CONSOLEIO_write, 1, BAD),
    ROW(physdev_op_compat, BAD, 0),
    ROW(event_channel_op_compat, BAD, 0),
    {"memory_op XENMEM_increase_reservation", 12, {XENMEM_increase_reservation, BAD}, 0},
    {"memory_op XENMEM_decrease_reservation", 12, {XENMEM_decrease_reservation, BAD}, 0},
    {"memory_op XENMEM_populate_physmap", 12, {XENMEM_populate_physmap, BAD}, 0},
};

/* Only Domain 0 is heard at all. */
static const struct row rows_privileged[] = {
    ROW(domctl, BAD, 0),
    ROW(sysctl, BAD, 0),
};

static void try(const struct row *row, unsigned long address, bool heard)
{
    unsigned long args[4];

    for (unsigned i = 0; i < 4; i++)
        args[i] = row->args[i] == BAD ? address : row->args[i];
    long result = hypercall(row->hypercall, args[0], args[1], args[2], args[3], 0);

    check(result == (heard ? row->want : -EPERM), "%s at %lx gave %ld", row->name, address, result);
}

void test(void)
{
    unsigned long addresses[] = {(unsigned long)page_unmapped(), 0x1000, 0xFC000000, 0xFFFFFFFC};

    for (unsigned a = 0; a < sizeof(addresses) / sizeof(addresses[0]); a++) {
        for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
            try(&rows[i], addresses[a], true);
        for (unsigned i = 0; i < sizeof(rows_privileged) / sizeof(rows[0]); i++)
            try(&rows_privileged[i], addresses[a], privileged);
    }
}
