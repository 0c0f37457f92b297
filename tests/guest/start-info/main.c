/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hand-over to a new kernel: registers, segments, flags, and what start_info says. The
 * selectors are the flat ring-1 ones of xen-x86_32.h; events are masked at first.
 */
#include "tests/guest/kit/kit.h"

/*
 * A page of our own memory between start_info and the page tables, mapped for writing and empty,
 * and an event channel that Domain 0 may bind or has bound.
 */
static void expect_ring(const char *what, unsigned long frame, uint32_t port)
{
    unsigned long address = VIRT_BASE + machine_to_phys_mapping[frame] * 0x1000;
    struct evtchn_status status = {.dom = DOMID_SELF, .port = port};
    volatile uint32_t *word = (volatile uint32_t *)address;

    check(address == (unsigned long)start + 0x1000 || address == (unsigned long)start + 0x2000,
          "%s page at %lx, start_info at %lx", what, address, (unsigned long)start);
    check(p2m[machine_to_phys_mapping[frame]] == frame, "%s page %lx is not ours", what, frame);
    word[1023] = 0x12345678; /* past what the rings use */
    check(word[1023] == 0x12345678, "%s page does not keep what is written", what);
    check(port == 1 || port == 2, "%s port %u", what, port);
    expect(event_op(EVTCHNOP_status, &status), 0);
    check(status.status == EVTCHNSTAT_unbound || status.status == EVTCHNSTAT_interdomain,
          "%s channel has status %u", what, status.status);
    check(status.status == EVTCHNSTAT_unbound ? status.u.unbound.dom == 0
                                              : status.u.interdomain.dom == 0,
          "%s channel is not for Domain 0", what);
}

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
    if (!privileged) {
        expect_ring("store", start->store_mfn, start->store_evtchn);
        expect_ring("console", start->console.domU.mfn, start->console.domU.evtchn);
        check(start->store_mfn != start->console.domU.mfn, "one page for two rings");
        check(start->store_evtchn != start->console.domU.evtchn, "one event channel for two rings");
    }
}
