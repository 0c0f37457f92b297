/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every operation that answers in its structure, given one that can be read but not written: the
 * answer is -EFAULT, though the operation may have been done. The structure lies in a page that is
 * mapped read-only.
 */
#define __XEN_TOOLS__ 1
#include "tests/guest/kit/kit.h"
#include <xen/domctl.h>
#include <xen/sysctl.h>

static char *page;

/* Puts the bytes at the start of the page and calls with its address in argument `at`. */
static long call(unsigned hypercall_number, unsigned at, unsigned long first, unsigned long other,
                 const void *bytes, size_t count)
{
    unsigned long args[4] = {first, other, 0, 0};

    make_writable(page);
    memcpy(page, bytes, count);
    make_readonly(page);
    if (at < 2)
        args[2] = 1; /* where there is a count, it is behind */
    args[at] = (unsigned long)page;
    return hypercall(hypercall_number, args[0], args[1], args[2], 0, 0);
}

#define REFUSED_AT(at, name, first, ...)                                                           \
    check_equal(#name " " #first,                                                                  \
                call(__HYPERVISOR_##name, at, first, 0, &(__VA_ARGS__), sizeof(__VA_ARGS__)),      \
                -EFAULT)
#define VERSION(command)     REFUSED_AT(1, xen_version, XENVER_##command, (char){0})
#define EVENT(command, ...)  REFUSED_AT(1, event_channel_op, EVTCHNOP_##command, __VA_ARGS__)
#define GRANT(command, ...)  REFUSED_AT(1, grant_table_op, GNTTABOP_##command, __VA_ARGS__)
#define MEMORY(command, ...) REFUSED_AT(1, memory_op, XENMEM_##command, __VA_ARGS__)
#define VCPU(command, ...)   REFUSED_AT(2, vcpu_op, VCPUOP_##command, __VA_ARGS__)

static void versions(void)
{
    VERSION(extraversion);
    VERSION(compile_info);
    VERSION(capabilities);
    VERSION(changeset);
    VERSION(platform_parameters);
    VERSION(guest_handle);
    VERSION(commandline);
    VERSION(get_features);
}

static void grants(void)
{
    GRANT(setup_table, (struct gnttab_setup_table){.dom = DOMID_SELF});
    GRANT(query_size, (struct gnttab_query_size){.dom = DOMID_SELF});
    GRANT(get_version, (struct gnttab_get_version){.dom = DOMID_SELF});
    GRANT(set_version, (struct gnttab_set_version){.version = 1});
    GRANT(get_status_frames, (struct gnttab_get_status_frames){.dom = DOMID_SELF});
    GRANT(map_grant_ref, (struct gnttab_map_grant_ref){.dom = 0x7000, .flags = GNTMAP_host_map});
    GRANT(unmap_grant_ref, (struct gnttab_unmap_grant_ref){.handle = 0x7fffffff});
    GRANT(unmap_and_replace, (struct gnttab_unmap_and_replace){.handle = 0x7fffffff});
    GRANT(copy, (struct gnttab_copy){.source.domid = 0x7000, .dest.domid = 0x7000});
    GRANT(swap_grant_ref, (struct gnttab_swap_grant_ref){.ref_a = 100000});
    GRANT(transfer, (struct gnttab_transfer){.mfn = 0x7fffffff, .domid = 0x7000});
}

static void events(void)
{
    EVENT(alloc_unbound,
          (struct evtchn_alloc_unbound){.dom = DOMID_SELF, .remote_dom = DOMID_SELF});
    EVENT(bind_virq, (struct evtchn_bind_virq){.virq = VIRQ_DEBUG});
    EVENT(bind_ipi, (struct evtchn_bind_ipi){.vcpu = 0});
    EVENT(status, (struct evtchn_status){.dom = DOMID_SELF, .port = 1});
    /* The virtual interrupt was bound all the same. */
    struct evtchn_bind_virq again = {.virq = VIRQ_DEBUG};
    expect(event_op(EVTCHNOP_bind_virq, &again), -EEXIST);
}

static void memory(void)
{
    xen_pfn_t frames[4];
    struct xen_machphys_mfn_list list = {.max_extents = 4};
    struct xen_memory_map map = {.nr_entries = 128};
    static char entries[128 * 20];

    MEMORY(machphys_mapping, (char){0});
    set_xen_guest_handle(list.extent_start, frames);
    MEMORY(machphys_mfn_list, list);
    set_xen_guest_handle(map.buffer, entries);
    if (privileged)
        MEMORY(machine_memory_map, map);
    /* The list itself, to be written with a frame: none is done. */
    struct xen_memory_reservation request = {.nr_extents = 1, .domid = DOMID_SELF};
    domid_t self = DOMID_SELF;
    long before = HYPERCALL(memory_op, XENMEM_current_reservation, &self);

    make_writable(page);
    *(xen_pfn_t *)page = mfn_of(page_unmapped());
    make_readonly(page);
    set_xen_guest_handle(request.extent_start, (xen_pfn_t *)page);
    expect(HYPERCALL(memory_op, XENMEM_decrease_reservation, &request), 1);
    expect(HYPERCALL(memory_op, XENMEM_populate_physmap, &request), 0);
    long after = HYPERCALL(memory_op, XENMEM_current_reservation, &self);
    check(after == before || after == before - 1, "%ld pages, then %ld", before, after);
}

static void virtual_processor(void)
{
    struct vcpu_get_physid id = {0};

    VCPU(get_runstate_info, (char){0});
    if (privileged)
        VCPU(get_physid, (char){0});
    else
        expect(HYPERCALL(vcpu_op, VCPUOP_get_physid, 0, &id), -EINVAL);
}

#define DOMCTL(command)                                                                            \
    REFUSED_AT(0, domctl, 0,                                                                       \
               (struct xen_domctl){.cmd = XEN_DOMCTL_##command,                                    \
                                   .interface_version = XEN_DOMCTL_INTERFACE_VERSION,              \
                                   .domain = 0})
#define SYSCTL(command)                                                                            \
    REFUSED_AT(0, sysctl, 0,                                                                       \
               (struct xen_sysctl){.cmd = XEN_SYSCTL_##command,                                    \
                                   .interface_version = XEN_SYSCTL_INTERFACE_VERSION})

static void control(void)
{
    DOMCTL(getdomaininfo);
    DOMCTL(getvcpuinfo);
    DOMCTL(get_address_size);
    SYSCTL(physinfo);
    SYSCTL(sched_id);
    SYSCTL(availheap);
    SYSCTL(getdomaininfolist);
}

/* Each call's result is written over its structure. */
static void multicalls(void)
{
    struct multicall_entry entry = {.op = __HYPERVISOR_xen_version, .args = {XENVER_pagesize}};

    make_writable(page);
    memcpy(page, &entry, sizeof(entry));
    make_readonly(page);
    expect(HYPERCALL(multicall, page, 1), -EFAULT);
}

void test(void)
{
    page = page_alloc();
    grant_table();
    versions();
    grants();
    events();
    memory();
    virtual_processor();
    if (privileged)
        control();
    multicalls();
}
