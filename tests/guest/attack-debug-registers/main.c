/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Breakpoints on the hypervisor's addresses, registers that do not exist, and DR7's general-detect
 * and I/O settings: refused or dropped, and hypercalls go on.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    expect(HYPERCALL(set_debugreg, 0, 0x400000), 0);
    static const unsigned long inside[] = {0xF5800000, 0xFC000000, 0xFFFFFFFC};
    for (unsigned i = 0; i < 3; i++) {
        long result = HYPERCALL(set_debugreg, 0, inside[i]);

        check(result == 0 || result == -EPERM, "dr0 = %lx gave %ld", inside[i], result);
        HYPERCALL(set_debugreg, 7, 0x000d0002); /* G0: reads and writes */
        expect(HYPERCALL(xen_version, XENVER_pagesize, NULL), 4096);
        HYPERCALL(set_debugreg, 7, 0);
    }
    /* The header says -EINVAL, Xen 4.17 answers -ENODEV. */
    for (unsigned number = 8; number; number = number == 8 ? 0xffffffff : 0) {
        long set = HYPERCALL(set_debugreg, number, 0)
        , get = HYPERCALL(get_debugreg, number);

        check(set == -EINVAL || set == -ENODEV, "set_debugreg(%x) gave %ld", number, set);
        check(get == -EINVAL || get == -ENODEV, "get_debugreg(%x) gave %ld", number, get);
    }
    /*
     * General detect (bit 13) would fault in the hypervisor at its own access; ports are its own.
     */
    static const unsigned long settings[] = {0x2000, 0x2400, 0x00020001, 0x00020002, 0x20000080};
    for (unsigned i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        expect(HYPERCALL(set_debugreg, 7, settings[i]), -EPERM);
        expect(HYPERCALL(get_debugreg, 7), 0x400);
    }
    expect(HYPERCALL(set_debugreg, 7, 0x00020000), 0); /* not enabled */
    expect(HYPERCALL(set_debugreg, 0, 0x400000), 0);
    expect(HYPERCALL(set_debugreg, 7, 0), 0);
}
