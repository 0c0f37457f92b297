/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sysctl, what the control program's lists are made of: the hypervisor's own text, in pieces and as
 * a whole; keys; processors' idle time and places; the one memory node. Nothing of it is for an
 * ordinary domain.
 */
#define __XEN_TOOLS__ 1
#include "tests/guest/kit/kit.h"
#include <xen/domctl.h>
#include <xen/sysctl.h>

#define NOWHERE 0xFC000000

static struct xen_sysctl op;
static char text[4096], again[4096];

static long call(unsigned command)
{
    op.cmd = command;
    op.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    return HYPERCALL(sysctl, &op);
}

static long read_console(char *to, unsigned bytes, bool incremental, unsigned index)
{
    op = (struct xen_sysctl){
        .u.readconsole = {.count = bytes, .incremental = incremental, .index = index}};
    set_xen_guest_handle(op.u.readconsole.buffer, to);
    return call(XEN_SYSCTL_readconsole);
}

static bool holds(const char *what, unsigned length)
{
    for (unsigned i = 0; i < length; i++)
        if (starts_with(text + i, what))
            return true;
    return false;
}

static void try_console(void)
{
    static const char line[] = "a line of Domain 0's, which is not kept\n";
    bool own = false, others = false;
    unsigned length = 0, end = 0;

    print("%s", line);
    /* The ring may be longer than our page: on from where that ended, until there is no more. */
    for (bool incremental = false;; incremental = true) {
        if (!expect(read_console(text, sizeof(text), incremental, end), 0))
            return;
        if (op.u.readconsole.count == 0)
            break;
        length = op.u.readconsole.count;
        end = op.u.readconsole.index;
        memcpy(again, text, sizeof(text));
        own |= holds("(XEN) ", length);
        others |= holds(line, length);
    }
    if (!check(length > 16, "nothing is in the ring"))
        return;
    check(own, "nothing of the hypervisor's own is in the ring");
    check(!others, "what we wrote is in the ring");
    expect(read_console(text, 16, true, end - 16), 0);
    expect(op.u.readconsole.count, 16);
    expect(op.u.readconsole.index, end);
    check(memcmp(text, again + length - 16, 16) == 0, "the same place has another text");
    expect(read_console((char *)NOWHERE, 16, false, 0), -EFAULT);
}

static void try_keys(void)
{
    char keys[1] = {'~'}; /* nobody's */

    op = (struct xen_sysctl){.u.debug_keys = {.nr_keys = 0}};
    expect(call(XEN_SYSCTL_debug_keys), 0);
    op.u.debug_keys.nr_keys = 1;
    set_xen_guest_handle(op.u.debug_keys.keys, keys);
    expect(call(XEN_SYSCTL_debug_keys), 0);
    set_xen_guest_handle(op.u.debug_keys.keys, (char *)NOWHERE);
    expect(call(XEN_SYSCTL_debug_keys), -EFAULT);
}

static void try_processors(void)
{
    static struct xen_sysctl_cpuinfo info[8];
    static struct xen_sysctl_cputopo places[8];

    op = (struct xen_sysctl){.u.getcpuinfo = {.max_cpus = 8}};
    set_xen_guest_handle(op.u.getcpuinfo.info, info);
    expect(call(XEN_SYSCTL_getcpuinfo), 0);
    check(op.u.getcpuinfo.nr_cpus >= 1, "no processor");
    uint64_t idle = info[0].idletime, when = now() + 20 * MS;
    /*
     * With nothing to do for some time: the processor is idle in that time, if it is the only one.
     */
    struct sched_poll wait = {.timeout = when};
    expect(HYPERCALL(sched_op, SCHEDOP_poll, &wait), 0);
    op.u.getcpuinfo.max_cpus = 8;
    expect(call(XEN_SYSCTL_getcpuinfo), 0);
    check(info[0].idletime >= idle && info[0].idletime <= now() + 1000 * MS,
          "idle for %llu ns, then for %llu", idle, info[0].idletime);
    op.u.getcpuinfo.max_cpus = 0;
    expect(call(XEN_SYSCTL_getcpuinfo), 0);
    expect(op.u.getcpuinfo.nr_cpus, 0);
    op.u.getcpuinfo.max_cpus = 1;
    set_xen_guest_handle(op.u.getcpuinfo.info, (struct xen_sysctl_cpuinfo *)NOWHERE);
    expect(call(XEN_SYSCTL_getcpuinfo), -EFAULT);

    op = (struct xen_sysctl){.cmd = 0};
    expect(call(XEN_SYSCTL_cputopoinfo), 0);
    unsigned count = op.u.cputopoinfo.num_cpus;
    check(count >= 1, "no processor has a place");
    op.u.cputopoinfo.num_cpus = 8;
    set_xen_guest_handle(op.u.cputopoinfo.cputopo, places);
    expect(call(XEN_SYSCTL_cputopoinfo), 0);
    expect(op.u.cputopoinfo.num_cpus, count);
    expect(places[0].socket, 0);
    expect(places[0].node, 0);
}

static void try_nodes(void)
{
    static struct xen_sysctl_meminfo memory[4];
    static uint32_t distance[16];

    op = (struct xen_sysctl){.cmd = 0};
    expect(call(XEN_SYSCTL_numainfo), 0);
    expect(op.u.numainfo.num_nodes, 1);
    op.u.numainfo.num_nodes = 4;
    set_xen_guest_handle(op.u.numainfo.meminfo, memory);
    set_xen_guest_handle(op.u.numainfo.distance, distance);
    expect(call(XEN_SYSCTL_numainfo), 0);
    expect(op.u.numainfo.num_nodes, 1);
    expect(distance[0], 10);
    check(memory[0].memsize > memory[0].memfree && memory[0].memfree > 0, "%llx of %llx free",
          memory[0].memfree, memory[0].memsize);
}

void test(void)
{
    static const unsigned commands[] = {XEN_SYSCTL_readconsole, XEN_SYSCTL_debug_keys,
                                        XEN_SYSCTL_getcpuinfo, XEN_SYSCTL_cputopoinfo,
                                        XEN_SYSCTL_numainfo};

    if (!privileged) {
        for (unsigned i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
            expect(call(commands[i]), -EPERM);
        return;
    }
    try_console();
    try_keys();
    try_processors();
    try_nodes();
}
