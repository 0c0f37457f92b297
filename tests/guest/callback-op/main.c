/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * callback_op: the event callback can be moved; those for system calls are kept and only the NMI's
 * can be taken back; what 32-bit kernels have no use for and unknown types are refused.
 */
#include "tests/guest/kit/kit.h"

asm(".global other_entry\nother_entry:\n\tmovl $1, %ss:other_taken\n\tjmp event_entry\n");
extern char other_entry[];
volatile uint32_t other_taken;

void test(void)
{
    struct callback_register set = {.type = CALLBACKTYPE_event,
                                    .address = {FLAT_RING1_CS, (unsigned long)other_entry}};

    expect(HYPERCALL(callback_op, CALLBACKOP_register, &set), 0);
    unsigned port = bind_ipi();
    event_mask_set(port, false);
    events_on();
    expect(event_send(port), 0);
    events_off();
    event_clear(port);
    expect(upcalls, 1);
    expect(other_taken, 1);

    other_taken = 0;
    expect(HYPERCALL(set_callbacks, FLAT_RING1_CS, event_entry, FLAT_RING1_CS, failsafe_entry), 0);
    events_on();
    expect(event_send(port), 0);
    events_off();
    expect(upcalls, 2);
    expect(other_taken, 0);

    set.type = CALLBACKTYPE_failsafe;
    set.address.eip = (unsigned long)failsafe_entry;
    expect(HYPERCALL(callback_op, CALLBACKOP_register, &set), 0);
    set.address.eip = (unsigned long)other_entry;
    set.type = CALLBACKTYPE_sysenter;
    expect(HYPERCALL(callback_op, CALLBACKOP_register, &set), 0);
    set.type = CALLBACKTYPE_syscall32;
    expect(HYPERCALL(callback_op, CALLBACKOP_register, &set), 0);
    set.type = CALLBACKTYPE_nmi;
    expect(HYPERCALL(callback_op, CALLBACKOP_register, &set), 0);
    set.type = CALLBACKTYPE_syscall; /* 64-bit kernels' */
    expect(HYPERCALL(callback_op, CALLBACKOP_register, &set), -ENOSYS);
    set.type = 99;
    expect(HYPERCALL(callback_op, CALLBACKOP_register, &set), -ENOSYS);
    struct callback_unregister unset = {.type = CALLBACKTYPE_event};
    expect(HYPERCALL(callback_op, CALLBACKOP_unregister, &unset), -EINVAL);
    unset.type = CALLBACKTYPE_sysenter;
    expect(HYPERCALL(callback_op, CALLBACKOP_unregister, &unset), -EINVAL);
    unset.type = CALLBACKTYPE_nmi;
    expect(HYPERCALL(callback_op, CALLBACKOP_unregister, &unset), 0);
    unset.type = 99;
    expect(HYPERCALL(callback_op, CALLBACKOP_unregister, &unset), -ENOSYS);
    expect(HYPERCALL(callback_op, 99, &set), -EINVAL);
}
