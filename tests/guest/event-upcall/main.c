/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The upcall: with events on, a send is followed by the callback before the hypercall returns to
 * its caller, on the kernel's stack from ring 1; events are masked inside, and the frame says that
 * they were not. From ring 3 it comes on the trap stack.
 */
#include "tests/guest/kit/kit.h"

CODE(spin, "1: inc %eax\njmp 1b\n" AT(spin) "ud2");

static struct trap_frame seen;
static uint32_t seen_at;

static bool note(struct trap_frame *frame)
{
    seen = *frame;
    seen_at = (uint32_t)&frame->eip;
    for (unsigned i = 0; i < 32; i++)
        shared->evtchn_pending[i] = 0;
    vcpu()->evtchn_pending_sel = 0;
    return true;
}

/* Makes ring 3 end at the next upcall: EIP becomes 0. */
static bool stop_ring3(struct trap_frame *frame)
{
    note(frame);
    if (frame->cs == FLAT_RING3_CS)
        frame->eip = 0;
    return true;
}

void test(void)
{
    unsigned port = bind_ipi();

    event_mask_set(port, false);
    event_hook = note;
    events_on();
    expect(event_send(port), 0);
    expect(upcalls, 1);
    expect(event_mask_inside, 1);
    expect(seen.saved_mask, 0);
    expect(seen.cs, FLAT_RING1_CS);
    check(seen.eflags & 0x200, "eflags %x", seen.eflags);
    check(seen.eip >= (uint32_t)hypercall_page && seen.eip < (uint32_t)hypercall_page + PAGE_SIZE,
          "eip %x is not in the hypercall page", seen.eip);
    expect(vcpu()->evtchn_upcall_mask, 0);
    events_off();
    expect(event_send(port), 0);
    expect(upcalls, 1);
    events_on();
    expect(HYPERCALL(xen_version, XENVER_pagesize, NULL), 4096); /* delivered at the next exit */
    expect(upcalls, 2);

    /* From ring 3, by the timer. */
    event_close(port);
    expect(HYPERCALL(vcpu_op, VCPUOP_stop_periodic_timer, 0, NULL), 0);
    unsigned timer = bind_virq(VIRQ_TIMER);
    event_mask_set(timer, false);
    event_hook = stop_ring3;
    uint64_t when = now() + 50 * MS;
    expect(HYPERCALL(set_timer_op, when, when >> 32), 0);
    struct user_state state = user_state();
    user_run(spin, spin_end, &state);
    events_off();
    check(trap.vector == 14 && trap.eip == 0, "vector %u at %x", trap.vector, trap.eip);
    expect(upcalls, 3);
    expect(seen.cs, FLAT_RING3_CS);
    expect(seen.saved_mask, 0);
    expect(seen.ss & 0xffff, FLAT_RING3_SS);
    expect(seen.esp, USER_STACK);
    expect(seen_at, (uint32_t)trap_stack_top - 20);
    check(seen.eip >= USER_BASE && seen.eip < USER_BASE + 3, "eip %x", seen.eip);
}
