/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel without hypercall page: the notes name none (notes.S here), and int $0x82 is issued
 * inline.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    /* The page is as it was linked: mov $17, %eax; int $0x82; ret. */
    static const uint8_t linked[] = {0xb8, 17, 0, 0, 0, 0xcd, 0x82, 0xc3};

    expect(memcmp(hypercall_page + 17 * 32, linked, sizeof(linked)), 0);
    expect(HYPERCALL(xen_version, XENVER_pagesize, NULL), 4096);
    expect(hypercall_inline(__HYPERVISOR_xen_version, XENVER_pagesize, 0, 0, 0, 0), 4096);
}
