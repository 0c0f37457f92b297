/* SPDX-License-Identifier: GPL-2.0-only */
/* What the calls are let loose on, and how it is put right again. */
#include "tests/fire/guest/fuzz.h"

struct arena arena;

static const uint64_t writable = PTE_P | PTE_W | PTE_A | PTE_D;

static void grants_build(void)
{
    xen_pfn_t frame;
    struct gnttab_setup_table setup = {.dom = DOMID_SELF, .nr_frames = 1};
    void *page = page_alloc();

    set_xen_guest_handle(setup.frame_list, &frame);
    if (!HYPERCALL(grant_table_op, GNTTABOP_setup_table, &setup, 1) && !setup.status &&
        !map(page, MFN_PTE(frame, writable)))
        arena.grants = page;
}

void arena_build(void)
{
    for (unsigned i = 0; i < DATA_PAGES; i++) {
        arena.data[i] = page_alloc();
        /* Now: later calls may have made the machine-to-phys table lie to us. */
        arena.entry[i] = machine_of(l1_entry((unsigned long)arena.data[i]));
    }
    for (unsigned i = 0; i < TABLE_PAGES; i++) {
        arena.table[i] = page_alloc();
        make_readonly(arena.table[i]);
    }
    arena.root = address_space_build();
    arena.scratch = page_alloc();
    for (unsigned i = 1; i < SCRATCH_PAGES; i++)
        page_alloc(); /* they come one after the other */
    grants_build();
    make_readonly(page_alloc()); /* where lists end that go on too long */
    values_protect();
    arena_restore();
}

/*
 * A page's frame may have been given up, transferred, or be a table still: then another one comes.
 */
static void page_restore(void *page, bool readonly)
{
    uint64_t flags = readonly ? PTE_P | PTE_A | PTE_D : writable;
    xen_pfn_t frame = pfn_of(page);
    struct xen_memory_reservation request = {.nr_extents = 1, .domid = DOMID_SELF};

    if (!map(page, MFN_PTE(mfn_of(page), flags)))
        return;
    mmuext(MMUEXT_UNPIN_TABLE, mfn_of(page), 0);
    if (!map(page, MFN_PTE(mfn_of(page), flags)))
        return;
    if (!map(page, MFN_PTE(mfn_of(page), PTE_P | PTE_A)))
        return; /* ours, but still a table: next time */
    map(page, 0);
    set_xen_guest_handle(request.extent_start, &frame);
    if (HYPERCALL(memory_op, XENMEM_populate_physmap, &request) == 1) {
        p2m[pfn_of(page)] = frame;
        map(page, MFN_PTE(frame, flags));
    }
}

/* What wakes us: a port may have been closed, and masked; what is pending does not come again. */
static void bind_timer(void)
{
    struct evtchn_bind_virq bind = {.virq = VIRQ_TIMER};

    event_op(EVTCHNOP_bind_virq, &bind); /* or it is bound still */
    memset(shared->evtchn_mask, 0, sizeof(shared->evtchn_mask));
    memset(shared->evtchn_pending, 0, sizeof(shared->evtchn_pending));
    vcpu()->evtchn_pending_sel = 0;
    vcpu()->evtchn_upcall_pending = 0;
}

void arena_restore(void)
{
    static struct callback_unregister nmi = {.type = CALLBACKTYPE_nmi};

    traps_install();
    HYPERCALL(callback_op, CALLBACKOP_unregister, &nmi);
    HYPERCALL(stack_switch, FLAT_RING1_SS, trap_stack_top);
    HYPERCALL(set_callbacks, FLAT_RING1_CS, event_entry, FLAT_RING1_CS, failsafe_entry);
    mmuext(MMUEXT_NEW_BASEPTR, mfn_of(base_table()), 0);
    HYPERCALL(set_gdt, NULL, 0);
    mmuext(MMUEXT_SET_LDT, 0, 0);
    HYPERCALL(set_debugreg, 7, 0);
    for (unsigned i = 0; i < DATA_PAGES; i++)
        page_restore(arena.data[i], false);
    for (unsigned i = 0; i < TABLE_PAGES; i++)
        page_restore(arena.table[i], true);
    if (arena.queues && once_in(4)) {
        struct evtchn_reset reset = {.dom = DOMID_SELF};

        event_op(EVTCHNOP_reset, &reset); /* no timer comes through queues that nobody reads */
        arena.queues = false;
    }
    bind_timer();
    events_off();
}
