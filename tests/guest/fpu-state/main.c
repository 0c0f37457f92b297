/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The floating-point state survives blocking, yielding, upcalls and traps: stack, control word,
 * and the flag of fpu_taskswitch.
 */
#include "tests/guest/kit/kit.h"

CODE(touch, AT(touch) "fnstsw %ax\nud2");

static unsigned port;

static bool note(struct trap_frame *frame)
{
    (void)frame;
    event_clear(port);
    return true;
}

void test(void)
{
    expect(HYPERCALL(fpu_taskswitch, 0), 0);
    port = bind_virq(VIRQ_TIMER);
    event_mask_set(port, false);
    event_hook = note;
    uint16_t control = 0x027f, control_after;
    uint32_t in = 0x12345678, out = 0;
    asm volatile("fninit\n\tfldcw %0\n\tfildl %1\n\tfldpi" : : "m"(control), "m"(in));
    for (unsigned i = 0; i < 3; i++) {
        uint64_t when = now() + 3 * MS;

        expect(HYPERCALL(set_timer_op, when, when >> 32), 0);
        expect(HYPERCALL(sched_op, SCHEDOP_block, NULL), 0);
        events_off();
        expect(HYPERCALL(sched_op, SCHEDOP_yield, NULL), 0);
    }
    asm volatile("fstp %%st(0)\n\tfistpl %0\n\tfnstcw %1" : "=m"(out), "=m"(control_after));
    expect(out, in);
    expect(control_after, control);
    check(upcalls >= 3, "%u upcalls", upcalls);

    expect(HYPERCALL(fpu_taskswitch, 1), 0);
    uint64_t when = now() + 3 * MS;
    expect(HYPERCALL(set_timer_op, when, when >> 32), 0);
    expect(HYPERCALL(sched_op, SCHEDOP_block, NULL), 0);
    events_off();
    expect_in_ring1(TRAP_CASE(touch, 7, 0));
}
