/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SYSENTER from ring 3 with a callback for it: it arrives in ring 1 with a frame that says ring 3
 * and nothing more. Neither the nested-task flag nor a single step, which the instruction carries
 * into ring 0, does any harm there.
 */
#include "tests/guest/kit/kit.h"

uint32_t sysenter_frame[5]; /* eip, cs, eflags, esp, ss */
uint32_t sysenter_ring;

/* Goes back to EDX on the stack in ECX. */
asm(".global sysenter_callback\n"
    "sysenter_callback:\n\t"
    "mov (%esp), %eax\n\tmov %eax, %ss:sysenter_frame\n\t"
    "mov 4(%esp), %eax\n\tmov %eax, %ss:sysenter_frame + 4\n\t"
    "mov 8(%esp), %eax\n\tmov %eax, %ss:sysenter_frame + 8\n\t"
    "mov 12(%esp), %eax\n\tmov %eax, %ss:sysenter_frame + 12\n\t"
    "mov 16(%esp), %eax\n\tmov %eax, %ss:sysenter_frame + 16\n\t"
    "mov %cs, %eax\n\tmov %eax, %ss:sysenter_ring\n\t"
    "mov %edx, (%esp)\n\tmovl $0xe02b, 4(%esp)\n\tmovl $0x202, 8(%esp)\n\t"
    "mov %ecx, 12(%esp)\n\tmovl $0xe033, 16(%esp)\n\tiret");
extern char sysenter_callback[];

#define ENTER(flags)                                                                               \
    "mov %esp, %ecx\ncall 1f\n1: pop %edx\nadd $2f - 1b, %edx\n"                                   \
    "pushf\norl $" flags ", (%esp)\npopf\nsysenter\n2: "

CODE(plain, ENTER("0") AT(plain) "ud2");
CODE(nested_task, ENTER("0x4000") AT(nested_task) "ud2");
CODE(single_step, ENTER("0x100") AT(single_step) "ud2");

static void enter(const char *what, const char *from, const char *to, const char *at)
{
    struct user_state state = user_state();

    memset(sysenter_frame, 0xee, sizeof(sysenter_frame));
    user_run(from, to, &state);
    check(trap.vector == 6, "%s: vector %u ended it", what, trap.vector);
    check(trap.eip == USER_BASE + (unsigned long)(at - from), "%s: ended at %x", what, trap.eip);
    check((sysenter_ring & 3) == 1, "%s: handled with cs %x", what, sysenter_ring);
    check(sysenter_frame[0] == 0, "%s: eip %x in the frame", what, sysenter_frame[0]);
    check((sysenter_frame[1] & 0xffff) == 3, "%s: cs %x in the frame", what, sysenter_frame[1]);
    check(sysenter_frame[3] == 0, "%s: esp %x in the frame", what, sysenter_frame[3]);
    check((sysenter_frame[4] & 3) == 3, "%s: ss %x in the frame", what, sysenter_frame[4]);
}

void test(void)
{
    struct callback_register set = {.type = CALLBACKTYPE_sysenter,
                                    .flags = CALLBACKF_mask_events,
                                    .address = {FLAT_RING1_CS, (unsigned long)sysenter_callback}};

    expect(HYPERCALL(callback_op, CALLBACKOP_register, &set), 0);
    enter("plain", plain, plain_end, plain_at);
    enter("with NT", nested_task, nested_task_end, nested_task_at);
    enter("with TF", single_step, single_step_end, single_step_at);
}
