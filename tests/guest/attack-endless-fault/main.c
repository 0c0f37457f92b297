/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Handlers that cannot be entered, each fault of which is an exception with the same handler: in
 * ring 3 where nothing is mapped for it, on a stack of ring 1, in a segment that is none. Such a
 * domain never executes an instruction of its own again. Two others must get their shares of the
 * processor all the same, and the domain must end when Domain 0 wants it to.
 */
#define __XEN_TOOLS__ 1
#include "tests/guest/kit/kit.h"
#include <xen/domctl.h>

#define NEIGHBOURS 2

CODE(loop, AT(loop) "ud2\n");
CODE(gateless, AT(gateless) "int $0x99\nud2\n");
CODE(count, "1: lock incl 0xC0001000\njmp 1b\n" AT(count) "ud2\n");

static const struct endless {
    const char *what;
    uint16_t cs, ss;
    const char *from, *to;
} endless[] = {
    {"ring 3 on ring 1's stack", FLAT_RING3_CS, FLAT_KERNEL_SS, loop, loop_end},
    {"ring 3 on ring 3's stack", FLAT_RING3_CS, FLAT_RING3_SS, loop, loop_end},
    {"ring 2", 0xe01a, FLAT_KERNEL_SS, loop, loop_end},
    {"ring 3, int n", FLAT_RING3_CS, FLAT_KERNEL_SS, gateless, gateless_end},
    {"no segment in ring 3", 0x0fc3, FLAT_KERNEL_SS, loop, loop_end},
};

static void domctl(unsigned command, const struct child *child, struct xen_domctl *op)
{
    op->cmd = command;
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op->domain = child->id;
    expect(HYPERCALL(domctl, op), 0);
}

static void start_child(struct child *child, const struct endless *with)
{
    struct xen_domctl op = {0};

    child_make(child, with ? with->from : count, with ? with->to : count_end);
    if (with) {
        struct vcpu_guest_context *context = child_context();

        for (unsigned v = 0; v < 32; v++)
            context->trap_ctxt[v] =
                (struct trap_info){.vector = v, .cs = with->cs, .address = CHILD_BASE};
        context->kernel_ss = with->ss;
        context->failsafe_callback_cs = with->cs;
        context->failsafe_callback_eip = CHILD_BASE;
    }
    expect(child_set_context(child), 0);
    domctl(XEN_DOMCTL_unpausedomain, child, &op);
}

static void try_one(const struct endless *with)
{
    struct child bad, good[NEIGHBOURS];
    struct sched_poll wait = {.nr_ports = 0};
    struct xen_domctl op = {0};

    start_child(&bad, with);
    for (unsigned i = 0; i < NEIGHBOURS; i++)
        start_child(&good[i], NULL);
    wait.timeout = now() + 60 * MS;
    HYPERCALL(sched_op, SCHEDOP_poll, &wait);
    for (unsigned i = 0; i < NEIGHBOURS; i++) {
        domctl(XEN_DOMCTL_getdomaininfo, &good[i], &op);
        check(op.u.getdomaininfo.cpu_time > 10 * MS, "%s: a neighbour had %u us", with->what,
              (unsigned)op.u.getdomaininfo.cpu_time / 1000);
    }
    uint64_t began = now();

    child_destroy(&bad);
    check(now() - began < 20 * MS, "%s: destroying took %u us", with->what,
          (unsigned)(now() - began) / 1000);
    for (unsigned i = 0; i < NEIGHBOURS; i++)
        child_destroy(&good[i]);
}

void test(void)
{
    if (!privileged) {
        check(true, "makes no domains");
        return;
    }
    for (unsigned i = 0; i < sizeof(endless) / sizeof(endless[0]); i++)
        try_one(&endless[i]);
}
