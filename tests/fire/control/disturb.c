/* SPDX-License-Identifier: GPL-2.0-only */
/* disturb.c - pauses, registers and ends for domains that did not ask for them */
#include "tests/fire/control/disturb.h"

#include <string.h>

#include "workloads/dom0/xl/hypercall.h"

#define NONE 0 /* Domain 0 is never paused */

struct disturbances disturbances;

static uint32_t state = 1;
static domid_t paused = NONE;
static struct vcpu_guest_context context;

void disturb_seed(uint32_t seed)
{
    state = seed * 2654435761u | 1;
}

/* Xorshift: 0..count-1 */
static uint32_t below(uint32_t count)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % count;
}

static long domctl(uint32_t command, domid_t domain)
{
    struct xen_domctl op = {.cmd = command, .domain = domain};

    return hypercall_domctl(&op);
}

static long context_op(uint32_t command, domid_t domain)
{
    struct xen_domctl op = {.cmd = command, .domain = domain};

    set_xen_guest_handle(op.u.vcpucontext.ctxt, &context);
    return hypercall_domctl(&op);
}

/* One value of the registers becomes nonsense, of those that the hypervisor has to look at. */
static void spoil(void)
{
    uint32_t word = below(2) ? below(0x20000) : below(0xffffffff);

    switch (below(6)) {
    case 0:
        context.ctrlreg[3] = word << 12;
        break;
    case 1:
        context.gdt_frames[below(14)] = word;
        context.gdt_ents = below(8000);
        break;
    case 2:
        context.ldt_base = word << 12;
        context.ldt_ents = below(9000);
        break;
    case 3:
        context.user_regs.cs = (uint16_t)word;
        context.user_regs.ss = (uint16_t)below(0x10000);
        break;
    case 4:
        context.user_regs.eflags = word;
        break;
    default:
        context.trap_ctxt[below(256)].cs = (uint16_t)word;
        break;
    }
}

/* The registers of a paused domain, as they were or spoilt. */
static void set_again(domid_t domain, bool victim)
{
    if (context_op(XEN_DOMCTL_getvcpucontext, domain))
        return;
    if (victim && below(2))
        spoil();
    if (context_op(XEN_DOMCTL_setvcpucontext, domain))
        disturbances.refused++;
    else
        disturbances.contexts++;
}

static void pause_for_a_while(domid_t domain, bool victim)
{
    if (domctl(XEN_DOMCTL_pausedomain, domain))
        return;
    disturbances.pauses++;
    if (below(2))
        set_again(domain, victim);
    if (below(3) == 0)
        paused = domain;
    else
        domctl(XEN_DOMCTL_unpausedomain, domain);
}

static void make_and_destroy(void)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_createdomain};

    op.u.createdomain.max_vcpus = 1;
    op.u.createdomain.max_evtchn_port = -1;
    op.u.createdomain.max_grant_frames = 1 + below(8);
    op.u.createdomain.max_maptrack_frames = 1;
    op.u.createdomain.grant_opts = XEN_DOMCTL_GRANT_version(1);
    if (hypercall_domctl(&op))
        return;
    disturbances.created++;
    domctl(XEN_DOMCTL_destroydomain, op.domain);
}

bool disturb(domid_t domain, bool victim)
{
    disturb_end();
    switch (below(8)) {
    case 0:
    case 1:
    case 2:
        pause_for_a_while(domain, victim);
        return false;
    case 3: /* it may be running */
        context_op(XEN_DOMCTL_getvcpucontext, domain);
        return false;
    case 4:
        make_and_destroy();
        return false;
    case 5:
        if (!victim || below(3))
            return false;
        disturbances.destroyed++;
        return true;
    default:
        return false;
    }
}

void disturb_end(void)
{
    if (paused != NONE)
        domctl(XEN_DOMCTL_unpausedomain, paused);
    paused = NONE;
}
