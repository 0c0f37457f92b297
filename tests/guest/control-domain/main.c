/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * domctl on another domain, beyond building it: a suspension that is taken back, an NMI from
 * outside, how it reads the TSC, where its memory is, and what its frames are. None of the first on
 * oneself.
 */
#define __XEN_TOOLS__ 1
#include "tests/guest/kit/kit.h"
#include <xen/domctl.h>

/* Suspends, and when that returns powers off; the NMI's handler says so by a reason of its own. */
CODE(suspend, "movl $2, 0xC0001800\n"
              "mov $29, %eax\n" /* sched_op, shutdown */
              "mov $2, %ebx\n"
              "mov $0xC0001800, %ecx\n"
              "int $0x82\n"
              "movl $0, 0xC0001800\n"
              "1: mov $29, %eax\n"
              "mov $2, %ebx\n"
              "mov $0xC0001800, %ecx\n"
              "int $0x82\n"
              "ud2\n"
              ".org 0x100\n"
              "movl $5, 0xC0001800\n" /* a soft reset, that nobody else asks for */
              "jmp 1b\n");

static struct xen_domctl op;

static long call(unsigned command, domid_t id)
{
    op.cmd = command;
    op.domain = id;
    op.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    return HYPERCALL(domctl, &op);
}

static void try_life(void)
{
    struct child child;

    child_make(&child, suspend, suspend_end);
    child_context()->trap_ctxt[2] =
        (struct trap_info){.vector = 2, .cs = FLAT_KERNEL_CS, .address = CHILD_BASE + 0x100};
    expect(child_set_context(&child), 0);
    expect(call(XEN_DOMCTL_resumedomain, child.id), 0); /* nothing to take back: nothing happens */
    expect(child_run(&child), SHUTDOWN_suspend);
    expect(call(XEN_DOMCTL_pausedomain, child.id), 0);
    expect(call(XEN_DOMCTL_resumedomain, child.id), 0);
    expect(call(XEN_DOMCTL_getdomaininfo, child.id), 0);
    check(!(op.u.getdomaininfo.flags & XEN_DOMINF_shutdown), "it is shut down still");
    expect(child_run(&child), SHUTDOWN_poweroff);
    expect(call(XEN_DOMCTL_pausedomain, child.id), 0);
    expect(call(XEN_DOMCTL_resumedomain, child.id), 0);
    op.u.sendtrigger = (struct xen_domctl_sendtrigger){.trigger = XEN_DOMCTL_SENDTRIGGER_NMI};
    expect(call(XEN_DOMCTL_sendtrigger, child.id), 0);
    expect(child_run(&child), SHUTDOWN_soft_reset);
    child_destroy(&child);
    expect(call(XEN_DOMCTL_resumedomain, 0), -EINVAL);
}

static void try_tsc(domid_t id)
{
    expect(call(XEN_DOMCTL_gettscinfo, id), 0);
    expect(op.u.tsc_info.tsc_mode, 0);
    check(op.u.tsc_info.gtsc_khz > 1000, "%u kHz", op.u.tsc_info.gtsc_khz);
    op.u.tsc_info.tsc_mode = 2;
    expect(call(XEN_DOMCTL_settscinfo, id), 0);
    expect(call(XEN_DOMCTL_gettscinfo, id), 0);
    expect(op.u.tsc_info.tsc_mode, 2);
    op.u.tsc_info.tsc_mode = 7;
    expect(call(XEN_DOMCTL_settscinfo, id), -EINVAL);
    expect(call(XEN_DOMCTL_settscinfo, 0), -EINVAL);
    expect(call(XEN_DOMCTL_gettscinfo, 0), -EINVAL);
}

static void try_nodes(domid_t id)
{
    static uint8_t bits[4] = {0xaa, 0xaa, 0xaa, 0xaa};

    op.u.nodeaffinity.nodemap.nr_bits = 16;
    set_xen_guest_handle(op.u.nodeaffinity.nodemap.bitmap, bits);
    expect(call(XEN_DOMCTL_getnodeaffinity, id), 0);
    expect(bits[0], 1);
    expect(bits[1], 0);
    expect(bits[2], 0xaa);
    expect(call(XEN_DOMCTL_setnodeaffinity, id), 0);
    bits[0] = 0;
    expect(call(XEN_DOMCTL_setnodeaffinity, id), -EINVAL);
}

void test(void)
{
    if (!privileged) {
        expect(call(XEN_DOMCTL_resumedomain, 0), -EPERM);
        expect(call(XEN_DOMCTL_sendtrigger, 0), -EPERM);
        expect(call(XEN_DOMCTL_gettscinfo, 0), -EPERM);
        return;
    }
    struct child child;

    try_life();
    child_create(&child);
    try_tsc(child.id);
    try_nodes(child.id);
    op.u.getpageframeinfo3.num = 1025;
    expect(call(XEN_DOMCTL_getpageframeinfo3, child.id), -E2BIG);
    child_destroy(&child);
}
