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

#define ROUNDS   160
#define SLICE_US 50
#define PATIENCE (200 * MS)

/* Neither ever ends. */
CODE(spin, "1: jmp 1b\n" AT(spin) "ud2\n");
/* Calls, so that it is met in the hypervisor too. */
CODE(call, "1: mov $17, %eax\nxor %ebx, %ebx\nint $0x82\njmp 1b\n" AT(call) "ud2\n");

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
    short_slices();
    child_create(&first); /* domains go to the processors in turn: this one and us to the first */
    launch(&neighbour, spin, spin_end, true);
    for (unsigned i = 0; i < ROUNDS; i++) {
        child_create(&other);
        if (i % 2)
            launch(&victim, spin, spin_end, false);
        else
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
