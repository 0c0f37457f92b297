/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain made by hand, from createdomain to destroydomain, and every refusal on the way: wrong
 * descriptions, processors that it does not have, lists that cannot be read, and what may not be
 * done in its place. It gets memory but never runs. All of it is Domain 0's; another domain is
 * refused each call.
 */
#define __XEN_TOOLS__ 1
#include "tests/guest/kit/kit.h"
#include <xen/domctl.h>
#include <xen/sysctl.h>
#include "include/xenolith/bvt.h"

#define PAGES 4
#define BAD   0xFC000000

static domid_t other;
static xen_pfn_t frames[PAGES]; /* of the other domain */

static struct xen_domctl op_for(uint32_t command)
{
    return (struct xen_domctl){
        .cmd = command, .interface_version = XEN_DOMCTL_INTERFACE_VERSION, .domain = other};
}

#define DOMCTL(command, member, ...)                                                               \
    ({                                                                                             \
        struct xen_domctl op_ = op_for(XEN_DOMCTL_##command);                                      \
        op_.u.member = (typeof(op_.u.member))__VA_ARGS__;                                          \
        HYPERCALL(domctl, &op_);                                                                   \
    })
#define DOMCTL_PLAIN(command)                                                                      \
    ({                                                                                             \
        struct xen_domctl op_ = op_for(XEN_DOMCTL_##command);                                      \
        HYPERCALL(domctl, &op_);                                                                   \
    })

static long create(struct xen_domctl_createdomain how)
{
    struct xen_domctl op = op_for(XEN_DOMCTL_createdomain);
    long result;

    op.domain = 0; /* any */
    op.u.createdomain = how;
    result = HYPERCALL(domctl, &op);
    if (!result)
        other = op.domain;
    return result;
}

static void creation(void)
{
    struct xen_domctl_createdomain good = {.max_vcpus = 1,
                                           .max_evtchn_port = 1023,
                                           .max_grant_frames = 4,
                                           .max_maptrack_frames = 16,
                                           .grant_opts = XEN_DOMCTL_GRANT_version(1)};
    struct xen_domctl_createdomain how = good;
    struct xen_domctl again;

    how.max_vcpus = 0;
    expect(create(how), -EINVAL);
    how.max_vcpus = 100000;
    expect(create(how), -EINVAL);
    how = good;
    how.flags = 1u << 31; /* means nothing */
    expect(create(how), -EINVAL);
    how.flags = XEN_DOMCTL_CDF_hap; /* of those with hardware's help only */
    expect(create(how), -EINVAL);
    how = good;
    how.grant_opts = 0; /* no version of grant tables at all */
    expect(create(how), -EINVAL);
    how = good;
    how.max_grant_frames = 0;
    expect(create(how), -EINVAL);
    how.max_grant_frames = 1000000;
    expect(create(how), -EINVAL);
    if (create(good))
        give_up("no domain was created");
    check(other > 0 && other < 512, "its number is %u", other);

    again = op_for(XEN_DOMCTL_createdomain);
    again.u.createdomain = good;
    expect(HYPERCALL(domctl, &again), -EEXIST);
    expect(DOMCTL(set_address_size, address_size, {.size = 48}), -EINVAL);
    expect(DOMCTL(set_address_size, address_size, {.size = 32}), 0);
    struct xen_domctl size = op_for(XEN_DOMCTL_get_address_size);
    expect(HYPERCALL(domctl, &size), 0);
    expect(size.u.address_size.size, 32);
    expect(DOMCTL(max_vcpus, max_vcpus, {.max = 2}), -EINVAL);
    expect(DOMCTL(max_vcpus, max_vcpus, {.max = 1}), 0);
}

static long populate(unsigned count)
{
    struct xen_memory_reservation request = {.nr_extents = count, .domid = other};

    for (unsigned i = 0; i < PAGES; i++)
        frames[i] = i;
    set_xen_guest_handle(request.extent_start, frames);
    return HYPERCALL(memory_op, XENMEM_populate_physmap, &request);
}

static void memory(void)
{
    struct xen_domctl info = op_for(XEN_DOMCTL_getdomaininfo);

    expect(populate(1), 0); /* it may have none yet */
    expect(DOMCTL(max_mem, max_mem, {.max_memkb = PAGES * 4}), 0);
    expect(populate(PAGES), PAGES);
    expect(HYPERCALL(memory_op, XENMEM_current_reservation, &other), PAGES);
    expect(HYPERCALL(memory_op, XENMEM_maximum_reservation, &other), PAGES);
    expect(HYPERCALL(domctl, &info), 0);
    expect((unsigned long)info.u.getdomaininfo.tot_pages, PAGES);
    expect(info.u.getdomaininfo.flags & XEN_DOMINF_paused, XEN_DOMINF_paused);
    expect(info.u.getdomaininfo.flags & (XEN_DOMINF_dying | XEN_DOMINF_shutdown), 0);
    expect(DOMCTL(max_mem, max_mem, {.max_memkb = ~0ULL >> 8}), 0); /* more than there is */
    expect(DOMCTL(max_mem, max_mem, {.max_memkb = PAGES * 4}), 0);

    expect(DOMCTL(hypercall_init, hypercall_init, {.gmfn = frames[0]}), 0);
    expect(DOMCTL(hypercall_init, hypercall_init, {.gmfn = 0xfffffff}), -EINVAL);
    expect(DOMCTL(hypercall_init, hypercall_init, {.gmfn = mfn_of(frames)}), -EINVAL);
}

/* Lists of frames: what they are, and what keeps from asking. */
static void frame_types(void)
{
    static xen_pfn_t list[3];
    struct xen_domctl_getpageframeinfo3 ask = {.num = 3};
    struct mmuext_op pin = {.cmd = MMUEXT_PIN_L1_TABLE, .arg1.mfn = frames[1]};

    expect(HYPERCALL(mmuext_op, &pin, 1, NULL, other), 0);
    list[0] = frames[0];
    list[1] = frames[1];
    list[2] = 0xfffffff;
    set_xen_guest_handle(ask.array, list);
    expect(DOMCTL(getpageframeinfo3, getpageframeinfo3, ask), 0);
    expect(list[0], 0);
    expect(list[1], XEN_DOMCTL_PFINFO_L1TAB | XEN_DOMCTL_PFINFO_LPINTAB);
    expect(list[2], XEN_DOMCTL_PFINFO_XTAB);
    expect(DOMCTL(hypercall_init, hypercall_init, {.gmfn = frames[1]}), -EPERM);

    ask.num = 1025;
    expect(DOMCTL(getpageframeinfo3, getpageframeinfo3, ask), -E2BIG);
    ask.num = 1;
    ask.array.p = (xen_pfn_t *)BAD;
    expect(DOMCTL(getpageframeinfo3, getpageframeinfo3, ask), -EFAULT);
    xen_pfn_t *readonly = page_alloc();
    make_readonly(readonly);
    set_xen_guest_handle(ask.array, readonly);
    expect(DOMCTL(getpageframeinfo3, getpageframeinfo3, ask), -EFAULT);

    pin.cmd = MMUEXT_UNPIN_TABLE;
    expect(HYPERCALL(mmuext_op, &pin, 1, NULL, other), 0);
    expect(HYPERCALL(mmuext_op, &pin, 1, NULL, other), -EINVAL);
    /* Its processor is its own: in its place one installs nothing. */
    pin = (struct mmuext_op){.cmd = MMUEXT_NEW_BASEPTR, .arg1.mfn = frames[1]};
    expect(HYPERCALL(mmuext_op, &pin, 1, NULL, other), -EPERM);
    pin = (struct mmuext_op){.cmd = MMUEXT_SET_LDT};
    expect(HYPERCALL(mmuext_op, &pin, 1, NULL, other), -EPERM);
}

static void processor(void)
{
    static struct vcpu_guest_context context;
    struct xen_domctl_vcpucontext of = {.vcpu = 0};
    struct xen_domctl info = op_for(XEN_DOMCTL_getvcpuinfo);

    set_xen_guest_handle(of.ctxt, &context);
    expect(DOMCTL(getvcpucontext, vcpucontext, of), -ENODATA); /* nobody gave it any */
    of.vcpu = 1;
    expect(DOMCTL(getvcpucontext, vcpucontext, of), -EINVAL);
    expect(DOMCTL(setvcpucontext, vcpucontext, of), -EINVAL);
    of = (struct xen_domctl_vcpucontext){.ctxt.p = (void *)BAD};
    expect(DOMCTL(setvcpucontext, vcpucontext, of), -EFAULT);
    set_xen_guest_handle(of.ctxt, &context);
    context.gdt_ents = 100000;
    expect(DOMCTL(setvcpucontext, vcpucontext, of), -EINVAL);
    context.gdt_ents = 0;
    context.ctrlreg[3] = xen_pfn_to_cr3(0xfffff); /* no frame of its own */
    expect(DOMCTL(setvcpucontext, vcpucontext, of), -EINVAL);

    expect(HYPERCALL(domctl, &info), 0);
    expect(info.u.getvcpuinfo.running, 0);
    expect((unsigned long)info.u.getvcpuinfo.cpu_time, 0);
    info.u.getvcpuinfo.vcpu = 1;
    expect(HYPERCALL(domctl, &info), -EINVAL);
}

static void scheduling(void)
{
    struct xen_domctl_scheduler_op wrong = {.sched_id = 77, .cmd = XEN_DOMCTL_SCHEDOP_getinfo};
    struct xen_sysctl id = {.cmd = XEN_SYSCTL_sched_id,
                            .interface_version = XEN_SYSCTL_INTERFACE_VERSION};

    expect(DOMCTL(scheduler_op, scheduler_op, wrong), -EINVAL);
    expect(HYPERCALL(sysctl, &id), 0);
    wrong = (struct xen_domctl_scheduler_op){.sched_id = id.u.sched_id.sched_id, .cmd = 99};
    expect(DOMCTL(scheduler_op, scheduler_op, wrong), -EINVAL);
}

static void identity(void)
{
    static const xen_domain_handle_t handle = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    struct xen_domctl set = op_for(XEN_DOMCTL_setdomainhandle);
    struct xen_domctl info = op_for(XEN_DOMCTL_getdomaininfo);

    memcpy(set.u.setdomainhandle.handle, handle, sizeof(handle));
    expect(HYPERCALL(domctl, &set), 0);
    expect(HYPERCALL(domctl, &info), 0);
    expect(memcmp(info.u.getdomaininfo.handle, handle, sizeof(handle)), 0);
    expect(DOMCTL(settimeoffset, settimeoffset, {.time_offset_seconds = 3600}), 0);
}

/* Both domains, by number; from a number on; no more than asked for. */
static void lists(void)
{
    static struct xen_domctl_getdomaininfo found[4];
    struct xen_sysctl list = {.cmd = XEN_SYSCTL_getdomaininfolist,
                              .interface_version = XEN_SYSCTL_INTERFACE_VERSION};

    list.u.getdomaininfolist.max_domains = 4;
    set_xen_guest_handle(list.u.getdomaininfolist.buffer, found);
    expect(HYPERCALL(sysctl, &list), 0);
    expect(list.u.getdomaininfolist.num_domains, 2);
    expect(found[0].domain, 0);
    expect(found[1].domain, other);
    list.u.getdomaininfolist.first_domain = 1;
    expect(HYPERCALL(sysctl, &list), 0);
    expect(list.u.getdomaininfolist.num_domains, 1);
    expect(found[0].domain, other);
    list.u.getdomaininfolist.max_domains = 0;
    expect(HYPERCALL(sysctl, &list), 0);
    expect(list.u.getdomaininfolist.num_domains, 0);
    list.u.getdomaininfolist.max_domains = 4;
    list.u.getdomaininfolist.buffer.p = (void *)BAD;
    expect(HYPERCALL(sysctl, &list), -EFAULT);

    struct xen_domctl next = op_for(XEN_DOMCTL_getdomaininfo);
    next.domain = 1;
    expect(HYPERCALL(domctl, &next), 0);
    expect(next.domain, other);
    next.domain = other + 1;
    expect(HYPERCALL(domctl, &next), -ESRCH);
}

/* Ports, grants and frames of the other domain, as its builder uses them. */
static void in_its_place(void)
{
    struct evtchn_alloc_unbound port = {.dom = other, .remote_dom = DOMID_SELF};
    struct evtchn_status status = {.dom = other};
    xen_pfn_t table;
    struct gnttab_setup_table setup = {.dom = other, .nr_frames = 1};
    struct gnttab_get_version version = {.dom = other};
    void *at = page_unmapped();
    uint64_t entry = MFN_PTE(frames[2], PTE_P | PTE_W);

    expect(event_op(EVTCHNOP_alloc_unbound, &port), 0);
    status.port = port.port;
    expect(event_op(EVTCHNOP_status, &status), 0);
    expect(status.status, EVTCHNSTAT_unbound);
    struct evtchn_reset reset = {.dom = other};
    expect(event_op(EVTCHNOP_reset, &reset), 0);
    expect(event_op(EVTCHNOP_status, &status), 0);
    expect(status.status, EVTCHNSTAT_closed);
    set_xen_guest_handle(setup.frame_list, &table);
    expect(HYPERCALL(grant_table_op, GNTTABOP_setup_table, &setup, 1), 0);
    expect(setup.status, GNTST_okay);
    setup.nr_frames = 5;
    expect(HYPERCALL(grant_table_op, GNTTABOP_setup_table, &setup, 1), 0);
    expect(setup.status, GNTST_general_error);
    expect(HYPERCALL(grant_table_op, GNTTABOP_get_version, &version, 1), 0);
    expect(version.version, 1);

    expect(HYPERCALL(update_va_mapping_otherdomain, at, entry, entry >> 32, UVMF_INVLPG, other), 0);
    expect(can_write(at), true);
    expect(map(at, 0), 0);
}

static void end(void)
{
    struct sched_remote_shutdown remote = {.domain_id = other, .reason = SHUTDOWN_poweroff};
    struct xen_domctl info = op_for(XEN_DOMCTL_getdomaininfo);

    expect(DOMCTL_PLAIN(pausedomain), 0);
    expect(HYPERCALL(sched_op, SCHEDOP_remote_shutdown, &remote), 0);
    expect(HYPERCALL(domctl, &info), 0);
    expect(info.u.getdomaininfo.flags & XEN_DOMINF_shutdown, XEN_DOMINF_shutdown);

    /* While somebody maps one of its frames the domain is dying, and gets nothing any more. */
    struct evtchn_alloc_unbound port = {.dom = other, .remote_dom = DOMID_SELF};
    void *at = page_unmapped();
    uint64_t entry = MFN_PTE(frames[2], PTE_P);

    expect(HYPERCALL(update_va_mapping_otherdomain, at, entry, entry >> 32, UVMF_INVLPG, other), 0);
    expect(DOMCTL_PLAIN(destroydomain), 0);
    expect(HYPERCALL(domctl, &info), 0);
    expect(info.u.getdomaininfo.flags & XEN_DOMINF_dying, XEN_DOMINF_dying);
    expect(event_op(EVTCHNOP_alloc_unbound, &port), -EINVAL);
    expect(populate(1), 0);
    expect(can_read(at), true);
    expect(map(at, 0), 0);
    expect(DOMCTL_PLAIN(pausedomain), -ESRCH);
    expect(DOMCTL_PLAIN(destroydomain), -ESRCH);
    expect(HYPERCALL(memory_op, XENMEM_current_reservation, &other), -ESRCH);
}

/* What Domain 0 may not do to itself. */
static void oneself(void)
{
    struct xen_domctl_vcpucontext context = {.vcpu = 0};

    other = 0;
    expect(DOMCTL(max_vcpus, max_vcpus, {.max = 1}), -EINVAL);
    expect(DOMCTL(setvcpucontext, vcpucontext, context), -EINVAL);
    expect(DOMCTL(getvcpucontext, vcpucontext, context), -EINVAL);
    expect(DOMCTL_PLAIN(unpausedomain), -EINVAL);
}

void test(void)
{
    if (!privileged) {
        for (uint32_t command = 1; command < 90; command++) {
            struct xen_domctl op = op_for(command);

            check_equal("domctl", HYPERCALL(domctl, &op), -EPERM);
        }
        return;
    }
    creation();
    memory();
    frame_types();
    processor();
    scheduling();
    identity();
    lists();
    in_its_place();
    end();
    oneself();
}
