/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Model-specific registers from ring 1: writing the ones that say where the processor enters ring
 * 0, the local APIC's base, or the simulator's own faults or is ignored, and everything goes on.
 */
#include "tests/guest/kit/kit.h"
#include "include/xenolith/announce.h"

static void write_msr(void *number)
{
    asm volatile("wrmsr" : : "c"(number), "a"(0xdead0000), "d"(0));
}

CODE(call80, "int $0x80\n" AT(call80) "ud2");

void test(void)
{
    static const uint32_t numbers[] = {0x1b,       0x174,      0x175,      0x176,
                                       0x1a0,      0x1d9,      0x277,      0x2ff,
                                       0xc0000080, 0xc0000081, 0xc0000082, 0xc0000100};

    for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (trapped(write_msr, (void *)numbers[i]))
            check(trap.vector == 13, "msr %x: vector %u", numbers[i], trap.vector);
        expect(HYPERCALL(xen_version, XENVER_pagesize, NULL), 4096);
    }
    /* Who is running is the hypervisor's to say. */
    check(trapped(write_msr, (void *)ANNOUNCE_MSR_CONTEXT) && trap.vector == 13,
          "the context register was written");
    struct user_state state = user_state();
    user_run(call80, call80_end, &state);
    expect(trap.vector, 0x80);
}
