/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domains are destroyed, and given other registers, in the moment in which their processor leaves
 * them for another one. Until it has loaded the other one's root it walks the old one's tables,
 * which are about to be freed: whoever destroys the domain must wait for that. Its neighbour has a
 * descriptor table, so that the switch writes to the hypervisor's own tables, by translations that
 * the old root may have to give.
 */
#define __XEN_TOOLS__ 1
#include "tests/guest/kit/kit.h"
#include <xen/domctl.h>
#include <xen/sysctl.h>
#include "include/xenolith/bvt.h"

#define ROUNDS   1000
#define SLICE_US 200
#define PATIENCE (200 * MS)

/* Neither ever ends. */
CODE(spin, "1: jmp 1b\n" AT(spin) "ud2\n");
/*
 * Takes 32 frames, which the hypervisor clears in one go, and gives them back: it leaves its
 * processor at any time after it is told to.
 */
CODE(call, "movl $0xC0001100, 0xC0001000\n" /* extent_start */
           "movl $1, 0xC0001004\n"          /* nr_extents */
           "movl $5, 0xC0001008\n"          /* extent_order */
           "movw $0x7ff0, 0xC0001010\n"     /* domid: itself */
           "1: mov $12, %eax\n"
           "xor %ebx, %ebx\n" /* increase_reservation */
           "mov $0xC0001000, %ecx\n"
           "int $0x82\n"
           "mov $12, %eax\n"
           "mov $1, %ebx\n" /* decrease_reservation */
           "mov $0xC0001000, %ecx\n"
           "int $0x82\n"
           "jmp 1b\n" AT(call) "ud2\n");

static long domctl(unsigned command, const struct child *child, struct xen_domctl *op)
{
    op->cmd = command;
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op->domain = child->id;
    return HYPERCALL(domctl, op);
}

static void short_slices(void)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_scheduler_op,
                            .interface_version = XEN_SYSCTL_INTERFACE_VERSION};
    uint32_t slice = SLICE_US;

    op.u.scheduler_op.sched_id = XEN_SCHEDULER_BVT;
    op.u.scheduler_op.cmd = XEN_SYSCTL_SCHEDOP_putinfo;
    memcpy(&op.u.scheduler_op.u, &slice, sizeof(slice));
    HYPERCALL(sysctl, &op); /* another scheduler goes on as it is */
}

static bool one_processor(void)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_physinfo,
                            .interface_version = XEN_SYSCTL_INTERFACE_VERSION};

    expect(HYPERCALL(sysctl, &op), 0);
    return op.u.physinfo.nr_cpus == 1;
}

static void launch(struct child *child, const void *from, const void *to, bool descriptors)
{
    struct xen_domctl op = {.cmd = 0};
    struct vcpu_guest_context *context = child_context();

    child_make(child, from, to);
    if (descriptors) {
        context->gdt_frames[0] = child->frame[CHILD_GDT];
        context->gdt_ents = 512;
    }
    expect(child_set_context(child), 0);
    op.u.max_mem.max_memkb = (CHILD_PAGES + 32) * PAGE_SIZE / 1024;
    expect(domctl(XEN_DOMCTL_max_mem, child, &op), 0);
    expect(domctl(XEN_DOMCTL_unpausedomain, child, &op), 0);
}

static bool runs(const struct child *child)
{
    struct xen_domctl op = {.cmd = 0};

    expect(domctl(XEN_DOMCTL_getdomaininfo, child, &op), 0);
    return op.u.getdomaininfo.flags & XEN_DOMINF_running;
}

static void wait_until_it_runs(const struct child *child)
{
    uint64_t until = now() + PATIENCE;

    while (!runs(child) && now() < until)
        ;
}

/* Paused while it ran, it gets registers anew, and with them its root. */
static void set_context_of_running(const struct child *child)
{
    struct xen_domctl op = {.cmd = 0};

    expect(domctl(XEN_DOMCTL_pausedomain, child, &op), 0);
    expect(child_set_context(child), 0);
    expect(domctl(XEN_DOMCTL_unpausedomain, child, &op), 0);
    wait_until_it_runs(child);
}

void test(void)
{
    struct child first, neighbour, victim, other;
    uint32_t random = 1;

    if (!privileged)
        return (void)check(true, "only Domain 0 destroys");
    if (one_processor())
        return (void)check(true, "no other processor runs what this one destroys");
    short_slices();
    child_create(&first); /* domains go to the processors in turn: this one and us to the first */
    launch(&neighbour, spin, spin_end, true);
    for (unsigned i = 0; i < ROUNDS; i++) {
        child_create(&other);
        launch(&victim, call, call_end, false);
        wait_until_it_runs(&victim);
        random = random * 1103515245 + 12345;
        for (volatile unsigned wait = random >> 16 & 0x3fff; wait > 0; wait--)
            ;
        if (i % 4 == 3)
            set_context_of_running(&victim);
        child_destroy(&victim);
        child_destroy(&other);
    }
    wait_until_it_runs(&neighbour);
    check(runs(&neighbour), "the neighbour does not run any more");
    child_destroy(&neighbour);
    child_destroy(&first);
}
