/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The older form of a kernel's particulars: the text in the section __xen_guest, no notes (see
 * notes.S here).
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    check(starts_with(start->magic, "xen-3."), "magic is %s", start->magic);
    expect(at_entry.esi, start);
    expect(HYPERCALL(xen_version, XENVER_pagesize, NULL), 4096);
    expect(hypercall_inline(__HYPERVISOR_xen_version, XENVER_pagesize, 0, 0, 0, 0), 4096);
    expect(machine_to_phys_mapping[p2m[0x100]], 0x100);
}
