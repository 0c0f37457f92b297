/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every operation that names a domain: one that does not exist is told so, and who is not
 * privileged may name itself only. An ordinary domain names Domain 0, which is there; Domain 0
 * itself names one that is not.
 */
#include "tests/guest/kit/kit.h"

#define MISSING 0x7000

static void events(domid_t other, long refused)
{
    struct evtchn_alloc_unbound alloc = {.dom = other, .remote_dom = DOMID_SELF};
    struct evtchn_status status = {.dom = other, .port = 1};
    struct evtchn_reset reset = {.dom = other};

    expect(event_op(EVTCHNOP_alloc_unbound, &alloc), refused);
    expect(event_op(EVTCHNOP_status, &status), refused);
    expect(event_op(EVTCHNOP_reset, &reset), refused);
}

static void memory(domid_t other, long refused)
{
    xen_pfn_t frame = mfn_of(page_unmapped());
    struct xen_memory_reservation request = {.nr_extents = 1, .domid = other};
    struct xen_memory_exchange swap = {.in = {.nr_extents = 1, .domid = other},
                                       .out = {.nr_extents = 1, .domid = other}};

    expect(HYPERCALL(memory_op, XENMEM_current_reservation, &other), refused);
    expect(HYPERCALL(memory_op, XENMEM_maximum_reservation, &other), refused);
    expect(HYPERCALL(memory_op, XENMEM_maximum_gpfn, &other), refused);
    set_xen_guest_handle(request.extent_start, &frame);
    expect(HYPERCALL(memory_op, XENMEM_decrease_reservation, &request), 0);
    expect(HYPERCALL(memory_op, XENMEM_increase_reservation, &request), 0);
    expect(HYPERCALL(memory_op, XENMEM_populate_physmap, &request), 0);
    set_xen_guest_handle(swap.in.extent_start, &frame);
    set_xen_guest_handle(swap.out.extent_start, &frame);
    expect(HYPERCALL(memory_op, XENMEM_exchange, &swap), refused);
    expect((unsigned long)swap.nr_exchanged, 0);
}

static void tables(domid_t other, long refused)
{
    uint64_t *entry = l1_entry((unsigned long)page_alloc()), before = *entry;
    struct mmu_update update = {machine_of(entry), before};
    struct mmuext_op pin = {.cmd = MMUEXT_PIN_L1_TABLE, .arg1.mfn = mfn_of(page_alloc())};
    unsigned done = 77;

    expect(HYPERCALL(mmu_update, &update, 1, &done, other), refused);
    expect(HYPERCALL(mmu_update, &update, 1, &done, DOMID_SELF | (other + 1u) << 16), refused);
    expect(HYPERCALL(mmu_update, &update, 1, &done, DOMID_SELF | (DOMID_XEN + 1u) << 16), -ESRCH);
    expect(HYPERCALL(update_va_mapping_otherdomain, page_alloc(), before, before >> 32, 0, other),
           refused);
    expect(HYPERCALL(mmuext_op, &pin, 1, &done, other), refused);
    check(*entry == before, "an entry became %llx", *entry);
}

static void grants(domid_t other, int refused, long version_refused)
{
    xen_pfn_t frame = 0x55555;
    struct gnttab_setup_table setup = {.dom = other, .nr_frames = 1, .status = 77};
    struct gnttab_query_size size = {.dom = other, .status = 77};
    struct gnttab_get_status_frames frames = {.dom = other, .status = 77};
    struct gnttab_get_version version = {.dom = other};

    set_xen_guest_handle(setup.frame_list, &frame);
    expect(HYPERCALL(grant_table_op, GNTTABOP_setup_table, &setup, 1), 0);
    expect(setup.status, refused);
    expect(frame, 0x55555);
    expect(HYPERCALL(grant_table_op, GNTTABOP_query_size, &size, 1), 0);
    expect(size.status, refused);
    expect(HYPERCALL(grant_table_op, GNTTABOP_get_status_frames, &frames, 1), 0);
    expect(frames.status, refused);
    expect(HYPERCALL(grant_table_op, GNTTABOP_get_version, &version, 1), version_refused);
}

/* What only the domain that drives the machine may do. */
static void machine(void)
{
    struct xen_memory_map map = {.nr_entries = 128};
    struct sched_remote_shutdown remote = {.domain_id = 0, .reason = SHUTDOWN_crash};
    struct vcpu_get_physid id;
    char byte;

    expect(HYPERCALL(memory_op, XENMEM_machine_memory_map, &map), -EPERM);
    expect(HYPERCALL(sched_op, SCHEDOP_remote_shutdown, &remote), -EPERM);
    expect(HYPERCALL(console_io, CONSOLEIO_read, 1, &byte), -EPERM);
    expect(HYPERCALL(vcpu_op, VCPUOP_get_physid, 0, &id), -EINVAL);
    expect(mmuext(MMUEXT_FLUSH_CACHE, 0, 0), -EACCES);
    expect(mmuext(MMUEXT_FLUSH_CACHE_GLOBAL, 0, 0), -EACCES);
    /* A device's registers. */
    expect(user_map(9, MFN_PTE(0xfec10, PTE_P)), -EPERM);
}

void test(void)
{
    struct sched_remote_shutdown remote = {.domain_id = MISSING, .reason = SHUTDOWN_crash};

    if (privileged) {
        events(MISSING, -ESRCH);
        memory(MISSING, -ESRCH);
        tables(MISSING, -ESRCH);
        grants(MISSING, GNTST_bad_domain, -ESRCH);
        expect(HYPERCALL(sched_op, SCHEDOP_remote_shutdown, &remote), -ESRCH);
        return;
    }
    events(0, -EPERM);
    memory(0, -EPERM);
    tables(0, -EPERM);
    grants(0, GNTST_permission_denied, -EPERM);
    machine();
}
