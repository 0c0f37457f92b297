/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trap handlers in the hypervisor's segments are refused, or each trap to them becomes a
 * protection fault or the failsafe callback; a handler selector with RPL 0 is raised to ring 1, so
 * that a trap never runs guest code in ring 0.
 */
#include "tests/guest/kit/kit.h"

CODE(divide, "xor %ecx, %ecx\n" AT(divide) "div %ecx\nret");
extern char trap_entries[];

static long set_one(unsigned vector, uint16_t cs, const void *address)
{
    struct trap_info traps[2] = {{.vector = vector, .cs = cs, .address = (unsigned long)address}};

    return HYPERCALL(set_trap_table, traps);
}

void test(void)
{
    static const uint16_t hypervisors[] = {0xe008, 0xe00b, 0xe010, 0xe018 | 4};

    for (unsigned i = 0; i < sizeof(hypervisors) / sizeof(hypervisors[0]); i++) {
        long result = set_one(0, hypervisors[i], trap_entries);

        check(result == 0 || result == -EPERM, "selector %x gave %ld", hypervisors[i], result);
        check(trapped((void (*)(void *))divide, NULL), "no trap");
        check(result ? trap.vector == 0 : trap.vector == 13 || trap.vector == VECTOR_FAILSAFE,
              "selector %x: vector %u", hypervisors[i], trap.vector);
        check((trap_ring & 3) == 1, "selector %x: the handler ran in ring %x", hypervisors[i],
              trap_ring);
        expect(traps_install(), 0);
    }
    expect_in_both_rings(TRAP_CASE(divide, 0, 0));

    expect(set_one(0, FLAT_RING1_CS & ~3, trap_entries), 0);
    expect_in_both_rings(TRAP_CASE(divide, 0, 0));
    expect(trap.vector, 0);
    expect(set_one(0x82, FLAT_RING1_CS, trap_entries),
           0); /* the hypercall gate is not the guest's */
    expect(hypercall_inline(__HYPERVISOR_xen_version, XENVER_pagesize, 0, 0, 0, 0), 4096);
}
