/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The run states of a domain that is paused: one that spins is offline meanwhile, not runnable. It
 * has its states written to its memory at each switch to it, where its maker looks.
 */
#define __XEN_TOOLS__ 1
#include "tests/guest/kit/kit.h"
#include <xen/domctl.h>

#define PAUSED (20 * MS)
#define STATES ((volatile struct vcpu_runstate_info *)((char *)data + 0x100))

CODE(spin, "mov $24, %eax\n" /* vcpu_op */
           "mov $5, %ebx\n"  /* VCPUOP_register_runstate_memory_area */
           "xor %ecx, %ecx\n"
           "mov $0xC0001000, %edx\n" /* CHILD_DATA_AT: the area's address */
           "int $0x82\n" AT(spin) "jmp spin_at\n");

static void control(const struct child *child, unsigned command)
{
    struct xen_domctl op = {
        .cmd = command, .interface_version = XEN_DOMCTL_INTERFACE_VERSION, .domain = child->id};

    expect(HYPERCALL(domctl, &op), 0);
}

static void let_pass(uint64_t time)
{
    unsigned port = bind_virq(VIRQ_TIMER);
    struct sched_poll wait = {.nr_ports = 1, .timeout = now() + time};

    set_xen_guest_handle(wait.ports, &port);
    HYPERCALL(sched_op, SCHEDOP_poll, &wait);
    expect(event_close(port), 0);
}

void test(void)
{
    struct child child;
    uint32_t *data;
    uint64_t offline, runnable, began;

    if (!privileged)
        return (void)check(true, "not ours");
    child_make(&child, spin, spin_end);
    data = child_window(&child, CHILD_DATA);
    data[0] = CHILD_DATA_AT + 0x100;
    expect(child_set_context(&child), 0);
    control(&child, XEN_DOMCTL_unpausedomain);
    let_pass(20 * MS);
    offline = STATES->time[RUNSTATE_offline];
    runnable = STATES->time[RUNSTATE_runnable];
    check(STATES->state == RUNSTATE_running || STATES->time[RUNSTATE_running] > 0, "it never ran");
    began = now();
    control(&child, XEN_DOMCTL_pausedomain);
    let_pass(PAUSED);
    control(&child, XEN_DOMCTL_unpausedomain);
    let_pass(10 * MS);
    offline = STATES->time[RUNSTATE_offline] - offline;
    runnable = STATES->time[RUNSTATE_runnable] - runnable;
    check(offline >= PAUSED && offline < now() - began, "offline for %u us of a pause of %u",
          (unsigned)(offline >> 10), (unsigned)(PAUSED >> 10));
    check(runnable < PAUSED, "runnable for %u us", (unsigned)(runnable >> 10));
    map(data, 0);
    child_destroy(&child);
}
