/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Descriptors that would give ring 0 or a way into it: task states, local tables, gates are
 * refused; segments of DPL 0 are refused or, as Xen does, raised to DPL 1; a call gate may be kept
 * if a far call through it only faults.
 */
#include "tests/guest/kit/kit.h"

CODE(far_call, AT(far_call) "lcall $0x2b, $0\nud2");

static uint64_t *gdt;

static long update(unsigned entry, uint64_t value)
{
    uint64_t machine = machine_of(&gdt[entry]);

    return HYPERCALL(update_descriptor, machine, machine >> 32, value, value >> 32);
}

void test(void)
{
    gdt = page_alloc();
    make_readonly(gdt);
    xen_pfn_t frame = mfn_of(gdt);
    expect(HYPERCALL(set_gdt, &frame, 512), 0);

    static const struct {
        const char *what;
        uint64_t value;
    } cases[] = {
        {"ring 0 code", 0x00cf9b000000ffff},        {"ring 0 data", 0x00cf93000000ffff},
        {"ring 0 conforming", 0x00cf9f000000ffff},  {"ring 3 conforming", 0x00cfff000000ffff},
        {"a free task state", 0x0000890000000067},  {"a busy task state", 0x00008b0000000067},
        {"a local table", 0x00008200000000ff},      {"an interrupt gate", 0x0000ee00e0080000},
        {"a trap gate", 0x0000ef00e0080000},        {"a task gate", 0x0000e500e0080000},
        {"a 16-bit call gate", 0x0000e400e0080000},
    };
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool segment = cases[i].value & 1ULL << 44;
        long result = update(4, cases[i].value);

        if (result == 0 && segment)
            check(gdt[4] >> 45 & 3, "%s has DPL 0: %llx", cases[i].what, gdt[4]);
        else {
            check_equal(cases[i].what, result, -EINVAL);
            check(gdt[4] == 0, "%s was written", cases[i].what);
        }
        check_equal("clearing the entry", update(4, 0), 0);
    }
    uint64_t call = gate(GATE_CALL, 3, 0xe008, 0x1000);
    long result = update(5, call);
    check(result == 0 || result == -EINVAL, "a call gate gave %ld", result);
    expect_in_ring3(&(struct trap_case){"a far call", far_call, far_call_end, far_call_at, 13,
                                        result ? 0x28 : trap.error});

    /* Not present: harmless, kept for its owner; and DPL 1 to 3 are what they say. */
    check_equal("nothing", update(6, 0), 0);
    for (unsigned dpl = 1; dpl <= 3; dpl++) {
        check_equal("data", update(6, flat(DESC_DATA(dpl))), 0);
        check_equal("code", update(6, flat(DESC_CODE(dpl))), 0);
    }
}
