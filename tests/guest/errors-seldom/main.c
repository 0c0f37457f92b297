/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Refusals that need some preparation: a descriptor table written like a page table, masks and
 * areas out of reach, a trap handler in the hypervisor, versions and lists of grants, ports that no
 * page is there for.
 */
#include "tests/guest/kit/kit.h"

#define BAD 0xFC000000

CODE(divide, "xor %ecx, %ecx\n" AT(divide) "div %ecx\nret");
extern char trap_entries[];

/* A page of descriptors is written by update_descriptor only. */
static void descriptor_table(void)
{
    static xen_pfn_t frame;
    uint64_t *page = page_alloc();

    frame = mfn_of(page);
    make_readonly(page);
    expect(HYPERCALL(set_gdt, &frame, 512), 0);
    expect(pte_write(machine_of(&page[1]), 0), -EINVAL);
    expect(HYPERCALL(update_descriptor, machine_of(&page[1]), machine_of(&page[1]) >> 32, 0, 0), 0);
    expect(mmuext(MMUEXT_PIN_L1_TABLE, frame, 0), -EINVAL);
    expect(HYPERCALL(set_gdt, NULL, 0), 0);
    expect(pte_write(machine_of(&page[1]), 0), 0);
}

static void masks(void)
{
    void *page = page_alloc();
    uint64_t entry = MFN_PTE(mfn_of(page), PTE_P | PTE_W);

    expect(HYPERCALL(update_va_mapping, page, entry, entry >> 32, BAD | UVMF_TLB_FLUSH), -EFAULT);
    expect(HYPERCALL(update_va_mapping, page, entry, entry >> 32, BAD | UVMF_INVLPG), -EFAULT);
}

static void areas(void)
{
    struct vcpu_register_runstate_memory_area state = {.addr.v = (void *)BAD};
    struct vcpu_register_time_memory_area time = {.addr.v = (void *)BAD};
    struct vcpu_register_vcpu_info info = {.mfn = mfn_of(page_alloc()), .offset = 4090};
    struct vcpu_set_periodic_timer period = {.period_ns = ~0ULL};

    expect(HYPERCALL(vcpu_op, VCPUOP_register_runstate_memory_area, 0, &state), -EFAULT);
    expect(HYPERCALL(vcpu_op, VCPUOP_register_vcpu_time_memory_area, 0, &time), -EFAULT);
    expect(HYPERCALL(vcpu_op, VCPUOP_register_vcpu_info, 0, &info), -ENXIO);
    info.offset = 0;
    info.mfn |= 1ULL << 40;
    expect(HYPERCALL(vcpu_op, VCPUOP_register_vcpu_info, 0, &info), -EINVAL);
    expect(HYPERCALL(vcpu_op, VCPUOP_set_periodic_timer, 0, &period), -EINVAL);
    expect(HYPERCALL(vcpu_op, VCPUOP_send_nmi, 0, 1), -EINVAL);
}

/* Refused, or each such trap is a fault of its own: never code of the hypervisor's. */
static void handler(void)
{
    struct trap_info traps[2] = {{.vector = 0, .cs = FLAT_RING1_CS, .address = BAD}};
    long result = HYPERCALL(set_trap_table, traps);

    check(result == 0 || result == -EINVAL, "a handler in the hypervisor: %ld", result);
    check(trapped((void (*)(void *))divide, NULL), "no trap");
    check(result ? trap.vector == 0 : trap.vector == 14 || trap.vector == 13, "vector %u",
          trap.vector);
    expect(traps_install(), 0);
}

static void grants(void)
{
    static xen_pfn_t frame;
    struct gnttab_setup_table setup = {.dom = DOMID_SELF, .nr_frames = 1};
    struct gnttab_get_status_frames status = {.dom = DOMID_SELF, .nr_frames = 0xffffffff};
    struct gnttab_set_version version = {.version = 2};
    domid_t self = own_domain();
    void *at = page_unmapped();

    grant_table();
    set_xen_guest_handle(setup.frame_list, &frame);
    expect(HYPERCALL(grant_table_op, GNTTABOP_setup_table, &setup, 2), -EINVAL);
    expect(HYPERCALL(grant_table_op, GNTTABOP_setup_table, &setup, 0), 0);
    set_xen_guest_handle(setup.frame_list, (xen_pfn_t *)page_unmapped());
    expect(HYPERCALL(grant_table_op, GNTTABOP_setup_table, &setup, 1), 0);
    /* Xen 4.17 finds out after it has written the status of a 32-bit domain's structure. */
    check(setup.status == GNTST_bad_virt_addr || setup.status == GNTST_okay, "status %d",
          setup.status);
    expect(HYPERCALL(grant_table_op, GNTTABOP_query_size, &setup, 0), -EINVAL);
    expect(HYPERCALL(grant_table_op, GNTTABOP_query_size, &setup, 2), -EINVAL);
    expect(HYPERCALL(grant_table_op, GNTTABOP_get_status_frames, &status, 2), -EINVAL);
    set_xen_guest_handle(status.frame_list, (uint64_t *)BAD);
    expect(HYPERCALL(grant_table_op, GNTTABOP_get_status_frames, &status, 1), -EFAULT);

    /* A table cannot be unmapped from where no table is. */
    grant_give(8, self, page_alloc(), GTF_permit_access);
    struct gnttab_map_grant_ref op = grant_map(at, GNTMAP_host_map, self, 8);
    expect(op.status, GNTST_okay);
    expect(grant_unmap((void *)0x80000000, op.handle), GNTST_general_error);
    expect(grant_unmap(at, op.handle), GNTST_okay);

    /* Version 2 is there or it is not; version 1 always. */
    long result = HYPERCALL(grant_table_op, GNTTABOP_set_version, &version, 1);
    check(result == -ENOSYS ? version.version == 1 : result == 0, "version 2: %ld, now %u", result,
          version.version);
    version.version = 1;
    expect(HYPERCALL(grant_table_op, GNTTABOP_set_version, &version, 1), 0);
}

/* Frames that are the hypervisor's, and, for an ordinary domain, one of Domain 0's. */
static void others_cache_lines(void)
{
    static xen_pfn_t frame;
    struct xen_machphys_mfn_list list = {.max_extents = 1};
    struct gnttab_cache_flush flush = {.length = 64, .op = GNTTAB_CACHE_CLEAN};

    set_xen_guest_handle(list.extent_start, &frame);
    expect(HYPERCALL(memory_op, XENMEM_machphys_mfn_list, &list), 0);
    flush.a.dev_bus_addr = (uint64_t)frame << 12;
    expect(HYPERCALL(grant_table_op, GNTTABOP_cache_flush, &flush, 1), -EPERM);
    if (privileged)
        return;
    long last = HYPERCALL(memory_op, XENMEM_maximum_ram_page, NULL);
    for (long n = 0; n <= last; n++) {
        unsigned long pfn = machine_to_phys_mapping[n];

        if (pfn < 0x100000 && (pfn >= start->nr_pages || p2m[pfn] != (unsigned long)n)) {
            flush.a.dev_bus_addr = (uint64_t)n << 12;
            expect(HYPERCALL(grant_table_op, GNTTABOP_cache_flush, &flush, 1), -EINVAL);
            return;
        }
    }
    give_up("there is no frame of anybody else's");
}

static void ports(void)
{
    struct evtchn_status status = {.dom = DOMID_SELF, .port = 1000};
    struct evtchn_init_control init = {.control_gfn = mfn_of(page_alloc())};
    struct evtchn_expand_array array = {.array_gfn = mfn_of(page_alloc())};

    expect(event_op(EVTCHNOP_status, &status), -EINVAL); /* nothing was ever bound up there */
    expect(event_op(EVTCHNOP_expand_array, &array), -EOPNOTSUPP);
    expect(event_op(EVTCHNOP_init_control, &init), 0);
    expect(event_op(EVTCHNOP_init_control, &init), -EINVAL);
    expect(event_op(EVTCHNOP_expand_array, &array), 0);
    array.array_gfn = mfn_of(page_alloc());
    long more = event_op(EVTCHNOP_expand_array, &array);
    check(more == -ENOSPC || (privileged && more == 0), "another page of words: %ld", more);
}

/* 128 ports can be waited for, one more cannot. */
static void polls(void)
{
    static evtchn_port_t list[129];
    struct sched_poll poll = {.nr_ports = 128, .timeout = 1};

    list[0] = bind_ipi();
    for (unsigned i = 1; i < 129; i++)
        list[i] = list[0];
    set_xen_guest_handle(poll.ports, list);
    expect(HYPERCALL(sched_op, SCHEDOP_poll, &poll), 0);
    poll.nr_ports = 129;
    expect(HYPERCALL(sched_op, SCHEDOP_poll, &poll), -EINVAL);
    poll.nr_ports = 128;
    list[127] = 0x7fffffff;
    expect(HYPERCALL(sched_op, SCHEDOP_poll, &poll), -EINVAL);
}

void test(void)
{
    descriptor_table();
    masks();
    areas();
    handler();
    polls();
    grants();
    others_cache_lines();
    ports();
}
