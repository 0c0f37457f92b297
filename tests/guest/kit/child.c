/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain of six pages that Domain 0's kernel makes with its own hands: three page tables, a page
 * of code, one of data, one for descriptors. It has no start_info and no hypercall page; its code
 * says int $0x82.
 *
 * Foreign frames are shown by update_va_mapping_otherdomain, as the control program's kernel does
 * it.
 */
#define __XEN_TOOLS__ 1
#include "tests/guest/kit/kit.h"
#include <xen/domctl.h>

#define PATIENCE (2000 * MS)

static struct vcpu_guest_context context;

static long domctl(unsigned command, domid_t id, struct xen_domctl *op)
{
    op->cmd = command;
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op->domain = id;
    return HYPERCALL(domctl, op);
}

static void must(long result, const char *what)
{
    if (result)
        give_up("%s a domain: %d", what, (int)result);
}

long child_map(const void *at, domid_t id, unsigned long frame, unsigned flags)
{
    uint64_t entry = MFN_PTE(frame, flags);

    return HYPERCALL(update_va_mapping_otherdomain, at, entry, entry >> 32, UVMF_INVLPG, id);
}

unsigned long child_shared_frame(const struct child *child)
{
    struct xen_domctl op = {.cmd = 0};

    must(domctl(XEN_DOMCTL_getdomaininfo, child->id, &op), "ask about");
    return (unsigned long)op.u.getdomaininfo.shared_info_frame;
}

void child_create(struct child *child)
{
    struct xen_domctl op = {.cmd = 0};

    op.u.createdomain.max_vcpus = 1;
    op.u.createdomain.max_evtchn_port = 1023;
    op.u.createdomain.max_grant_frames = -1;
    op.u.createdomain.max_maptrack_frames = -1;
    op.u.createdomain.grant_opts = XEN_DOMCTL_GRANT_version(1);
    must(domctl(XEN_DOMCTL_createdomain, 0, &op), "create");
    child->id = op.domain;
    op.u.max_vcpus.max = 1;
    must(domctl(XEN_DOMCTL_max_vcpus, child->id, &op), "give a processor to");
    op.u.address_size.size = 32;
    must(domctl(XEN_DOMCTL_set_address_size, child->id, &op), "make 32 bits of");
    op.u.max_mem.max_memkb = CHILD_PAGES * PAGE_SIZE / 1024;
    must(domctl(XEN_DOMCTL_max_mem, child->id, &op), "allow memory to");
}

void *child_window(const struct child *child, unsigned page)
{
    void *at = page_unmapped();

    must(child_map(at, child->id, child->frame[page], PTE_P | PTE_W | PTE_A | PTE_D), "look into");
    return at;
}

void child_make(struct child *child, const void *from, const void *to)
{
    struct xen_memory_reservation r = {.nr_extents = CHILD_PAGES};
    static uint64_t *tables[CHILD_PAGES]; /* windows; in between they show nothing */

    child_create(child);
    for (unsigned i = 0; i < CHILD_PAGES; i++)
        child->frame[i] = i;
    r.domid = child->id;
    set_xen_guest_handle(r.extent_start, child->frame);
    must(HYPERCALL(memory_op, XENMEM_populate_physmap, &r) - CHILD_PAGES, "populate");
    for (unsigned i = 0; i < CHILD_PAGES; i++) {
        if (!tables[i])
            tables[i] = page_unmapped();
        must(child_map(tables[i], child->id, child->frame[i], PTE_P | PTE_W | PTE_A | PTE_D),
             "look into");
    }
    tables[CHILD_L3][3] = MFN_PTE(child->frame[CHILD_L2], PTE_P);
    tables[CHILD_L2][0] = MFN_PTE(child->frame[CHILD_L1], PTE_P | PTE_W | PTE_A);
    tables[CHILD_L1][0] = MFN_PTE(child->frame[CHILD_CODE], PTE_P | PTE_A);
    tables[CHILD_L1][1] = MFN_PTE(child->frame[CHILD_DATA], PTE_P | PTE_W | PTE_A | PTE_D);
    memset(tables[CHILD_DATA], 0, PAGE_SIZE);
    memcpy(tables[CHILD_CODE], from, (size_t)((const char *)to - (const char *)from));
    for (unsigned i = 0; i < CHILD_PAGES; i++)
        map(tables[i], 0);

    memset(&context, 0, sizeof(context));
    context.flags = VGCF_in_kernel | VGCF_online;
    context.user_regs.cs = FLAT_KERNEL_CS;
    context.user_regs.ds = context.user_regs.es = FLAT_KERNEL_DS;
    context.user_regs.fs = context.user_regs.gs = FLAT_KERNEL_DS;
    context.user_regs.ss = FLAT_KERNEL_SS;
    context.user_regs.eip = CHILD_BASE;
    context.user_regs.esp = CHILD_DATA_AT + PAGE_SIZE;
    context.user_regs.eflags = 0x200;
    context.kernel_ss = FLAT_KERNEL_SS;
    context.kernel_sp = context.user_regs.esp;
    context.ctrlreg[3] = xen_pfn_to_cr3(child->frame[CHILD_L3]);
}

struct vcpu_guest_context *child_context(void)
{
    return &context;
}

long child_set_context(const struct child *child)
{
    struct xen_domctl op = {.cmd = 0};

    set_xen_guest_handle(op.u.vcpucontext.ctxt, &context);
    return domctl(XEN_DOMCTL_setvcpucontext, child->id, &op);
}

unsigned child_run(const struct child *child)
{
    static unsigned port;
    struct xen_domctl op = {.cmd = 0};
    struct sched_poll wait = {.nr_ports = 1, .timeout = now() + PATIENCE};

    if (port == 0)
        port = bind_virq(VIRQ_DOM_EXC);
    set_xen_guest_handle(wait.ports, &port);
    event_clear(port);
    must(domctl(XEN_DOMCTL_unpausedomain, child->id, &op), "start");
    while (now() < wait.timeout) {
        HYPERCALL(sched_op, SCHEDOP_poll, &wait);
        event_clear(port);
        must(domctl(XEN_DOMCTL_getdomaininfo, child->id, &op), "watch");
        if (op.u.getdomaininfo.flags & XEN_DOMINF_shutdown)
            return op.u.getdomaininfo.flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask;
    }
    give_up("a domain of six pages did not end");
}

void child_destroy(const struct child *child)
{
    struct xen_domctl op = {.cmd = 0};

    must(domctl(XEN_DOMCTL_destroydomain, child->id, &op), "destroy");
}
