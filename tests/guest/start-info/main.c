// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hand-over to a new kernel: registers, segments, flags, and what start_info says. The
 * selectors are the flat ring-1 ones of xen-x86_32.h; events are masked at first.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    check(starts_with(start->magic, "xen-3."), "magic is %s", start->magic);
    check(strcmp(start->magic + 8, "x86_32p") == 0, "magic is %s", start->magic);
    expect(at_entry.esi, start);
    expect(at_entry.cs & 0xffff, FLAT_RING1_CS);
    expect(at_entry.ds & 0xffff, FLAT_RING1_DS);
    expect(at_entry.es & 0xffff, FLAT_RING1_DS);
    expect(at_entry.ss & 0xffff, FLAT_RING1_SS);
    check((at_entry.eflags & 0x200) != 0, "eflags %x lack IF", at_entry.eflags);
    check((at_entry.eflags & 0x37500) == 0, "eflags %x at entry", at_entry.eflags);

    check(start->nr_pages > 1024, "only %lx pages", start->nr_pages);
    check((start->shared_info & 0xfff) == 0, "shared_info at %lx", start->shared_info);
    check((start->pt_base & 0xfff) == 0 && start->pt_base > VIRT_BASE, "pt_base %lx",
          start->pt_base);
    check(start->nr_pt_frames >= 3, "%lu page-table frames", start->nr_pt_frames);
    check((start->mfn_list & 0xfff) == 0 && start->mfn_list > VIRT_BASE, "mfn_list %lx",
          start->mfn_list);
    check(!(start->flags & SIF_INITDOMAIN) || privileged, "initial but not privileged");
    check(at_entry.esp > start->pt_base && at_entry.esp < HYPERVISOR_VIRT_START, "esp %x",
          at_entry.esp);
    expect(vcpu()->evtchn_upcall_mask, 1);
    expect(vcpu()->evtchn_upcall_pending, 0);
    /* A console ring comes with its event channel; a hypervisor may do without it, for console_io is there. */
    if (!privileged && start->console.domU.mfn)
        check(start->console.domU.evtchn != 0, "a console page without an event channel");
}
