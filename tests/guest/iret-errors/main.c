/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frames for the iret hypercall that the processor refuses: a code segment that is none, a stack
 * segment of the wrong kind. The kernel gets a fault or its failsafe callback, and goes on.
 */
#include "tests/guest/kit/kit.h"

struct frame {
    uint32_t cs, ss;
};

static void bad_iret(void *frame)
{
    const struct frame *bad = frame;

    asm volatile("push %0\n\tpush %1\n\tpush $0x202\n\tpush %2\n\tpush %3\n\tpush $0\n\t"
                 "mov %4, %%eax\n\tint $0x82"
                 :
                 : "r"(bad->ss), "i"(USER_STACK), "r"(bad->cs), "i"(USER_BASE),
                   "i"(__HYPERVISOR_iret)
                 : "eax", "memory");
}

void test(void)
{
    static const struct {
        const char *what;
        struct frame frame;
    } cases[] = {
        {"a local code segment without table", {0x0007, FLAT_RING3_SS}},
        {"a data segment as code", {FLAT_RING3_DS, FLAT_RING3_SS}},
        {"a code segment beyond the table", {0xfffb, FLAT_RING3_SS}},
        {"a stack segment without table", {FLAT_RING3_CS, 0x0007}},
        {"code as a stack", {FLAT_RING3_CS, FLAT_RING3_CS}},
        {"a null stack segment", {FLAT_RING3_CS, 3}},
        {"ring 1's stack for ring 3", {FLAT_RING3_CS, FLAT_RING1_SS}},
    };

    (void)user_state();
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (!check(trapped(bad_iret, (void *)&cases[i].frame), "%s: accepted", cases[i].what))
            continue;
        bool fault = trap.vector == 11 || trap.vector == 12 || trap.vector == 13 ||
                     trap.vector == VECTOR_FAILSAFE;
        check(fault, "%s: vector %u", cases[i].what, trap.vector);
        check((trap_ring & 3) == 1, "%s: handled in ring %u", cases[i].what, trap_ring & 3);
        events_off();
        expect(HYPERCALL(xen_version, XENVER_pagesize, NULL), 4096);
    }
}
