/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two ways in, one interface: the hypercall page and int $0x82. Numbers that name nothing give
 * -ENOSYS, and the registers that carry no argument come back as they were.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    long by_page = HYPERCALL(xen_version, XENVER_version, NULL);
    long inlined = hypercall_inline(__HYPERVISOR_xen_version, XENVER_version, 0, 0, 0, 0);

    check(by_page == inlined && by_page > 0x30000, "version %lx and %lx", by_page, inlined);

    static const unsigned nothing[] = {11, 43, 47, 63, 64, 100, 255, 256, 0x7fffffff, 0xffffffff};
    for (unsigned i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
        check_equal("a hypercall that does not exist", hypercall_inline(nothing[i], 0, 0, 0, 0, 0),
                    -ENOSYS);
    expect(hypercall(43, 0, 0, 0, 0, 0), -ENOSYS);

    /* EBP is no argument of xen_version; the flags other than the arithmetic ones stay. */
    uint32_t result, ebp_after, flags_after;
    asm volatile("push %%ebp\n\t"
                 "mov $0x600dbeef, %%ebp\n\t"
                 "std\n\t"
                 "int $0x82\n\t"
                 "pushf\n\t"
                 "cld\n\t"
                 "mov %%ebp, %%edx\n\t"
                 "pop %%ecx\n\t"
                 "pop %%ebp"
                 : "=a"(result), "=d"(ebp_after), "=c"(flags_after)
                 : "0"(__HYPERVISOR_xen_version), "b"(XENVER_version), "2"(0)
                 : "memory", "esi", "edi");
    expect(result, by_page);
    expect(ebp_after, 0x600dbeef);
    check((flags_after & 0x600) == 0x600, "flags %x after the call, DF and IF expected",
          flags_after);
}
